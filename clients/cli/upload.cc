// greffe upload: content on its way in, which a client that ended may have left.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct UploadOptions {
  std::vector<std::string> ids;
};

absl::Status ListUploads(Session& session) {
  v1::ListUploadsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  Table table({"UPLOAD", "CREATOR", "SIZE", "RECEIVED", "COMPLETE", "EXPIRES"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListUploadsResponse page, session.client().ListUploads(request));
    for (const v1::Upload& upload : page.uploads()) {
      if (session.json()) {
        session.PrintJson(upload);
        continue;
      }
      table.Add({IdOf(upload.name()), upload.creator(), SizeText(upload.size()), SizeText(upload.received_size()),
                 upload.complete() ? "yes" : "", ShortTime(upload.expire_time())});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::StatusOr<std::string> NameOfUpload(Session& session, const std::string& id) {
  if (id.find('/') != std::string::npos) return id;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  return parent + "/uploads/" + id;
}

absl::Status RemoveUploads(Session& session, const UploadOptions& options) {
  for (const std::string& id : options.ids) {
    v1::GetUploadRequest get;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*get.mutable_name(), NameOfUpload(session, id));
    // Deleting what is not there is no error, which would hide a name with a mistake in it.
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Upload upload, session.client().GetUpload(get));
    v1::DeleteUploadRequest request;
    request.set_name(get.name());
    GREFFE_CLIENT_RETURN_IF_ERROR(session.client().DeleteUpload(request));
    if (session.json()) {
      session.PrintJson(upload);
    } else {
      session.out() << "removed  " << Printable(IdOf(request.name())) << "  " << SizeText(upload.received_size())
                    << "\n";
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddUploadCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const group = program.app.add_subcommand(
      "upload", "Content on its way in: put and import finish theirs, unless they are ended; JSON: one Upload a line");
  group->require_subcommand(1);

  CLI::App* const list = group->add_subcommand("ls", "List what no check-in consumed yet, of anybody");
  OnCall(program, list, [&session] { return ListUploads(session); });

  CLI::App* const remove = group->add_subcommand("rm", "Give uploads up: their room is free at once");
  const auto removing = std::make_shared<UploadOptions>();
  remove->add_option("UPLOAD", removing->ids, "As `greffe upload ls` shows it, or its whole name")->required();
  OnCall(program, remove, [&session, removing] { return RemoveUploads(session, *removing); });
}

}  // namespace greffe::cli
