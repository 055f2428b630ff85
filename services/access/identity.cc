#include "services/access/identity.h"

#include <pwd.h>
#include <unistd.h>

#include <string>

#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

v1::Principal OperatingSystemUser() {
  v1::Principal principal;
  const passwd* user = ::getpwuid(::getuid());
  principal.set_id(user != nullptr ? std::string(user->pw_name) : "uid-" + std::to_string(::getuid()));
  std::string name = user != nullptr && user->pw_gecos != nullptr ? user->pw_gecos : "";
  name = name.substr(0, name.find(','));
  principal.set_display_name(name.empty() ? principal.id() : name);
  return principal;
}

}  // namespace

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
    GREFFE_RETURN_IF_ERROR(ValidateText(principal.display_name(), "greffe-principal-name-bin", 0, 200));
  }
  return principal;
}

}  // namespace greffe
