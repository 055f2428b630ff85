#include "storage/base/meeting_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

constexpr int kMaxItems = 500;
constexpr char kBlanks[] = " \t\r\n";

}  // namespace

absl::Status ValidateMinutes(const v1::Meeting& meeting, const std::string& field) {
  if (meeting.minutes_size() > kMaxItems) {
    return InvalidValue(field + ".minutes", std::to_string(meeting.minutes_size()), "at most 500 items are allowed");
  }
  for (int i = 0; i < meeting.minutes_size(); ++i) {
    const v1::MinutesItem& item = meeting.minutes(i);
    const std::string place = absl::StrCat(field, ".minutes[", i, "]");
    if (item.kind() == v1::MINUTES_KIND_UNSPECIFIED || !v1::MinutesKind_IsValid(item.kind())) {
      return InvalidValue(place + ".kind", std::to_string(item.kind()), "expected INFORMATION, DECISION or ACTION");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(item.topic(), place + ".topic", 0, 500));
    GREFFE_RETURN_IF_ERROR(ValidateText(item.text(), place + ".text", 1, 2000, true));
    const bool action = item.kind() == v1::MINUTES_KIND_ACTION;
    for (const auto& [name, value] : {std::pair("owner", item.owner()), std::pair("due_date", item.due_date())}) {
      if (!action && !value.empty()) {
        return InvalidValue(absl::StrCat(place, ".", name), value, "only an item of kind ACTION has one");
      }
    }
    if (!item.owner().empty()) GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(item.owner(), place + ".owner"));
    GREFFE_RETURN_IF_ERROR(ValidateDate(item.due_date(), place + ".due_date"));
  }
  return absl::OkStatus();
}

std::string TitleOf(const v1::MinutesItem& item) {
  constexpr std::size_t kMaxCharacters = 500;
  std::string_view text = item.text();
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view line = text.substr(0, text.find('\n'));
  std::string_view rest = line;
  for (std::size_t i = 0; i < kMaxCharacters && !rest.empty(); ++i) TakeCodePoint(rest);
  std::string title(line.substr(0, line.size() - rest.size()));
  title.erase(title.find_last_not_of(kBlanks) + 1);
  for (const char control : {'\t', '\r'}) std::replace(title.begin(), title.end(), control, ' ');
  return title;
}

}  // namespace greffe
