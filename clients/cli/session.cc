#include "clients/cli/session.h"

#include <pwd.h>
#include <unistd.h>

#include "clients/cli/register.h"
#include "clients/cli/text.h"
#include "clients/cpp/utf8.h"
#include "google/protobuf/util/json_util.h"

namespace greffe::cli {
namespace {

// The user of the operating system: who acts where the server lets the client say so.
void NameUser(client::ClientOptions& options) {
  const passwd* const user = getpwuid(geteuid());
  if (user == nullptr) return;
  options.principal_id = user->pw_name;
  options.principal_name = NameOfGecos(user->pw_gecos == nullptr ? "" : user->pw_gecos);
}

}  // namespace

std::string NameOfGecos(const std::string& gecos) {
  constexpr int kCharacters = 200;
  std::string name;
  int characters = 0;
  for (const char c : Printable(client::ValidUtf8(gecos.substr(0, gecos.find(','))))) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    if (begins && ++characters > kCharacters) break;
    name += c;
  }
  return name;
}

client::Client& Session::client() {
  if (client_ == nullptr) {
    client::ClientOptions options;
    options.server = server;
    options.request_id = request_id;
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_seconds * 1000));
    if (principal.empty()) {
      NameUser(options);
    } else {
      options.principal_id = principal;
    }
    client_ = std::make_unique<client::Client>(options);
  }
  return *client_;
}

absl::StatusOr<std::string> Session::Parent() const {
  if (project.empty()) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PROJECT_MISSING",
                             "no project is named: neither --project nor GREFFE_PROJECT is given");
  }
  return project.rfind("projects/", 0) == 0 ? project : "projects/" + project;
}

void Session::PrintJson(const google::protobuf::Message& message) {
  if (message.GetDescriptor() == v1::Entry::descriptor()) {
    PrintJson(EntryOf(static_cast<const v1::Entry&>(message)));
    return;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text = "null";
  streams_.out << text << std::endl;
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace greffe::cli
