#include "clients/cli/notification_text.h"

#include <algorithm>

#include "clients/cli/text.h"
#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

std::string KindName(int value) {
  std::string name = EnumValueText(*v1::NotificationKind_descriptor(), value);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string AllKinds() {
  std::string names;
  const auto& type = *v1::NotificationKind_descriptor();
  for (int i = 1; i < type.value_count(); ++i) {
    names += (names.empty() ? "" : ", ") + KindName(type.value(i)->number());
  }
  return names;
}

}  // namespace

std::string ResourceText(const v1::Notification& notification) {
  const std::string& name = notification.resource();
  const std::string versions = "/versions/";
  const std::size_t version = name.find(versions, sizeof("projects/") - 1);  // a project may be called so
  if (version == std::string::npos) return name.substr(name.rfind('/') + 1);
  const std::size_t number = name.rfind('/', version - 1) + 1;
  return name.substr(number, version - number) + "/" + name.substr(version + versions.size());
}

absl::StatusOr<v1::NotificationKind> ParseKind(const std::string& text) {
  const auto& type = *v1::NotificationKind_descriptor();
  for (int i = 1; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (KindName(number) == text) return static_cast<v1::NotificationKind>(number);
  }
  return client::MakeError(absl::StatusCode::kInvalidArgument, "OPTION_INVALID",
                           "--kind: \"" + text + "\": there are " + AllKinds());
}

std::string KindsHelp() { return "Only of this kind; may be given several times: " + AllKinds(); }

}  // namespace greffe::cli
