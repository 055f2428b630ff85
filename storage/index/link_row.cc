#include "storage/index/link_row.h"

#include <optional>

#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

void AppendText(std::string& row, std::string_view text) {
  keys::AppendVarint(row, text.size());
  row += text;
}

bool TakeText(std::string_view& row, std::string& text) {
  const auto size = keys::TakeVarint(row);
  if (!size || *size > row.size()) return false;
  text = row.substr(0, *size);
  row.remove_prefix(*size);
  return true;
}

template <typename Value>
bool TakeNumber(std::string_view& row, Value& value) {
  const auto number = keys::TakeVarint(row);
  if (number) value = static_cast<Value>(*number);
  return number.has_value();
}

}  // namespace

std::string LinkRow::Encode() const {
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(type));
  keys::AppendVarint(row, static_cast<std::uint64_t>(state));
  keys::AppendVarint(row, static_cast<std::uint64_t>(own_state));
  keys::AppendVarint(row, static_cast<std::uint64_t>(version));
  AppendText(row, anchor);
  AppendText(row, hash);
  AppendText(row, own_type);
  AppendText(row, other.subject);
  keys::AppendVarint(row, static_cast<std::uint64_t>(other.version));
  AppendText(row, other.anchor);
  AppendText(row, other_type);
  return row;
}

absl::Status LinkRow::Decode(std::string_view row) {
  const bool whole = TakeNumber(row, type) && TakeNumber(row, state) && TakeNumber(row, own_state) &&
                     TakeNumber(row, version) && TakeText(row, anchor) && TakeText(row, hash) &&
                     TakeText(row, own_type) && TakeText(row, other.subject) && TakeNumber(row, other.version) &&
                     TakeText(row, other.anchor) && TakeText(row, other_type) && row.empty();
  return whole ? absl::OkStatus() : DamagedRow("link");
}

}  // namespace greffe
