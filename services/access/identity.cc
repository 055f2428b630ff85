#include "services/access/identity.h"

#include <pwd.h>
#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

v1::Principal OperatingSystemUser() {
  const passwd* user = ::getpwuid(::getuid());
  const auto text = [](const char* field) { return std::string(field != nullptr ? field : ""); };
  if (user == nullptr) return PrincipalOfUser("", "", ::getuid());
  return PrincipalOfUser(text(user->pw_name), text(user->pw_gecos), ::getuid());
}

}  // namespace

v1::Principal PrincipalOfUser(const std::string& login, const std::string& gecos, unsigned uid) {
  v1::Principal principal;
  principal.set_id(ValidatePrincipalId(login, "login").ok() ? login : "uid-" + std::to_string(uid));
  const std::string name(absl::StripAsciiWhitespace(gecos.substr(0, gecos.find(','))));
  principal.set_display_name(ValidateText(name, "gecos", 1, kMaxDisplayName).ok() ? name : principal.id());
  return principal;
}

absl::StatusOr<v1::Principal> CallerOf(const grpc::CallbackServerContext& context) {
  static const v1::Principal user = OperatingSystemUser();
  const auto& metadata = context.client_metadata();
  auto id = metadata.find("greffe-principal");
  if (id == metadata.end()) id = metadata.find("greffe-principal-bin");
  if (id == metadata.end()) return user;
  v1::Principal principal;
  principal.set_id(std::string(id->second.data(), id->second.size()));
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(principal.id(), std::string(id->first.data(), id->first.size())));
  const auto name = metadata.find("greffe-principal-name-bin");
  if (name != metadata.end()) {
    principal.set_display_name(std::string(name->second.data(), name->second.size()));
    GREFFE_RETURN_IF_ERROR(ValidateText(principal.display_name(), "greffe-principal-name-bin", 0, kMaxDisplayName));
  }
  return principal;
}

}  // namespace greffe
