#include "storage/base/state_change.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/record_fields.h"

namespace greffe {

absl::Status CheckStateChange(const std::string& resource, const google::protobuf::EnumDescriptor& type, int from,
                              int to, const std::vector<int>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), to) != allowed.end()) return absl::OkStatus();
  const auto name = [&type](int state) { return ShortEnumName(type, state); };
  std::string names;
  for (const int state : allowed) absl::StrAppend(&names, names.empty() ? "" : ", ", name(state));
  return Error(absl::StatusCode::kFailedPrecondition, "TRANSITION_NOT_ALLOWED",
               "'" + resource + "' is " + name(from) + " and cannot become " + name(to) +
                   (names.empty() ? std::string("; it stays so") : "; allowed: " + names),
               {{"resource", resource}, {"state", name(from)}, {"allowed", names}});
}

}  // namespace greffe
