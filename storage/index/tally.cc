#include "storage/index/tally.h"

#include <algorithm>
#include <optional>

#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

std::uint64_t ZigZag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t UnZigZag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

// Amounts may be of 15 digits and more: a sum that does not fit wraps, as it does when it is made anew.
std::int64_t Sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::size_t SharedPrefix(std::string_view a, std::string_view b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

void Tally::Add(const std::string& key, std::int64_t amount) {
  if (amount == 0) return;
  const auto at = counts.begin() + (LowerBound(key) - counts.cbegin());
  if (at == counts.end() || at->first != key) {
    counts.emplace(at, key, amount);
    return;
  }
  at->second = Sum(at->second, amount);
  if (at->second == 0) counts.erase(at);
}

std::vector<Tally::Entry>::const_iterator Tally::LowerBound(std::string_view key) const {
  return std::lower_bound(counts.begin(), counts.end(), key,
                          [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
}

std::int64_t Tally::operator[](std::string_view key) const {
  const auto found = LowerBound(key);
  return found == counts.end() || found->first != key ? 0 : found->second;
}

std::string Tally::Encode() const {
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(sequence));
  std::string_view before;
  for (const auto& [key, count] : counts) {
    const std::size_t shared = SharedPrefix(before, key);
    keys::AppendVarint(row, shared);
    keys::AppendVarint(row, key.size() - shared);
    row.append(key, shared);
    keys::AppendVarint(row, ZigZag(count));
    before = key;
  }
  return row;
}

absl::StatusOr<Tally> Tally::Decode(std::string_view row) {
  Tally tally;
  const std::optional<std::uint64_t> sequence = keys::TakeVarint(row);
  if (!sequence) return DamagedRow("tally");
  tally.sequence = static_cast<std::int64_t>(*sequence);
  std::string key;
  while (!row.empty()) {
    const std::optional<std::uint64_t> shared = keys::TakeVarint(row);
    const std::optional<std::uint64_t> rest = keys::TakeVarint(row);
    if (!shared || !rest || *shared > key.size() || *rest > row.size()) return DamagedRow("tally");
    key.resize(*shared);
    key += row.substr(0, *rest);
    row.remove_prefix(*rest);
    const std::optional<std::uint64_t> count = keys::TakeVarint(row);
    if (!count) return DamagedRow("tally");
    tally.counts.emplace_back(key, UnZigZag(*count));
  }
  return tally;
}

absl::StatusOr<std::int64_t> Tally::SequenceOf(std::string_view row) {
  const std::optional<std::uint64_t> sequence = keys::TakeVarint(row);
  if (!sequence) return DamagedRow("tally");
  return static_cast<std::int64_t>(*sequence);
}

}  // namespace greffe
