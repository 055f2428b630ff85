#include "clients/cli/putting.h"

#include <algorithm>
#include <map>
#include <memory>

#include "clients/cli/document_ref.h"
#include "clients/cli/progress.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/check_in.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

constexpr std::size_t kBatchItems = 1000;

// A file that is to be sent.
struct Pending {
  LocalFile file;
  std::unique_ptr<client::ContentSource> content;
  v1::CheckInItem item;
};

// What lies at the paths of `files` now, by path.
absl::StatusOr<std::map<std::string, v1::Document>> DocumentsAt(Session& session, const std::vector<LocalFile>& files) {
  constexpr std::size_t kLookups = 8;  // as many calls as a listing may cost
  std::map<std::string, v1::Document> found;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  if (files.size() <= kLookups) {
    for (const LocalFile& file : files) {
      v1::LookupDocumentRequest request;
      request.set_parent(parent);
      request.set_path(file.path);
      absl::StatusOr<v1::Document> document = session.client().LookupDocument(request);
      if (document.ok()) {
        found[file.path] = *std::move(document);
      } else if (document.status().code() != absl::StatusCode::kNotFound ||
                 client::ReasonOf(document.status()) == "PROJECT_NOT_FOUND") {
        // A path that cannot be is refused by the check-in too, which may leave it out.
        if (client::ReasonOf(document.status()) != "PATH_INVALID") return document.status();
      }
    }
    return found;
  }
  // Sorted: what the first and the last have in common, all have.
  const std::string& first = files.front().path;
  const std::string& last = files.back().path;
  const auto common = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  const std::string folder = first.substr(0, std::string(first.begin(), common).rfind('/') + 1);
  v1::ListDocumentsRequest request;
  request.set_parent(parent);
  request.set_page_size(1000);
  if (!folder.empty()) request.set_filter("path : " + Quoted(folder));
  GREFFE_CLIENT_RETURN_IF_ERROR(ForEachDocument(session, request, [&](const v1::Document& document) {
                                  found[document.path()] = document;
                                  return absl::OkStatus();
                                }).status());
  return found;
}

// The index of the item that an error of a batch speaks of; -1: of none.
int RefusedItem(const absl::Status& status) {
  const client::ErrorDetails details = client::DetailsOf(status);
  if (details.reason != "PATH_INVALID" && details.reason != "PATH_TAKEN") return -1;
  const auto field = details.metadata.find("field");
  if (field == details.metadata.end() || field->second.rfind("items[", 0) != 0) return -1;
  return std::atoi(field->second.c_str() + 6);
}

// One call of PutFiles.
class Putting {
 public:
  Putting(Session& session, const PutRules& rules, std::vector<Skipped> skipped)
      : session_(session), rules_(rules), skipped_(std::move(skipped)) {}

  absl::Status Run(std::vector<LocalFile> files) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(parent_, session_.Parent());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto existing, DocumentsAt(session_, files));
    std::vector<Pending> pending;
    for (LocalFile& file : files) GREFFE_CLIENT_RETURN_IF_ERROR(Consider(std::move(file), existing, pending));
    std::int64_t bytes = 0;
    for (const Pending& one : pending) bytes += one.content->size();
    Progress progress(session_, "put " + std::to_string(pending.size()) + " files", bytes);
    absl::Status status;
    for (std::size_t i = 0; i < pending.size() && status.ok(); i += kBatchItems) {
      const std::size_t end = std::min(pending.size(), i + kBatchItems);
      std::vector<Pending> batch(std::make_move_iterator(pending.begin() + static_cast<std::ptrdiff_t>(i)),
                                 std::make_move_iterator(pending.begin() + static_cast<std::ptrdiff_t>(end)));
      status = Send(std::move(batch), progress);
    }
    progress.Clear();
    if (!session_.json()) {
      table_.Print(session_);
      session_.out() << created_ << " created, " << checked_in_ << " checked in, " << unchanged_ << " unchanged in "
                     << commits_ << (commits_ == 1 ? " commit" : " commits") << "\n";
    }
    ReportSkipped(session_, skipped_);
    return status;
  }

 private:
  absl::Status Consider(LocalFile file, const std::map<std::string, v1::Document>& existing,
                        std::vector<Pending>& pending) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(std::unique_ptr<client::ContentSource> content,
                                   client::FileContent::Open(file.local));
    Pending one{std::move(file), std::move(content), {}};
    const auto document = existing.find(one.file.path);
    if (document == existing.end()) {
      *one.item.mutable_new_document() = rules_.fields;
      one.item.mutable_new_document()->set_path(one.file.path);
      one.item.mutable_new_document()->set_type(rules_.types.TypeOf(one.file.path));
    } else {
      one.item.set_document(document->second.name());
      const v1::File& latest = document->second.latest_version().main_file();
      if (!rules_.allow_identical && document->second.has_latest_version() && latest.size() == one.content->size()) {
        GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(*one.content));
        if (sha256 == latest.sha256()) {
          v1::CheckInResponse response;
          *response.mutable_document() = document->second;
          response.set_unchanged(true);
          Report(response);
          return absl::OkStatus();
        }
      }
    }
    one.item.set_allow_identical(rules_.allow_identical);
    pending.push_back(std::move(one));
    return absl::OkStatus();
  }

  absl::Status Send(std::vector<Pending> batch, Progress& progress) {
    std::vector<client::PendingFile> files;
    std::int64_t bytes = 0;
    for (Pending& one : batch) {
      files.push_back({one.item.mutable_main_file(), one.content.get()});
      bytes += one.content->size();
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(client::AttachContents(session_.client(), parent_, files,
                                                         [&](std::int64_t moved) { progress.Update(sent_ + moved); }));
    sent_ += bytes;
    while (!batch.empty()) {
      v1::BatchCheckInRequest request;
      request.set_parent(parent_);
      request.set_comment(rules_.comment);
      for (const Pending& one : batch) *request.add_items() = one.item;
      const auto response = session_.client().BatchCheckIn(request);
      if (response.ok()) {
        for (const v1::CheckInResponse& result : response->results()) Report(result);
        commits_ += response->sequence() > 0 ? 1 : 0;
        return absl::OkStatus();
      }
      const int refused = rules_.skip_bad_paths ? RefusedItem(response.status()) : -1;
      if (refused < 0 || static_cast<std::size_t>(refused) >= batch.size()) return response.status();
      skipped_.push_back({batch[static_cast<std::size_t>(refused)].file.path, client::ReasonOf(response.status()),
                          std::string(response.status().message())});
      batch.erase(batch.begin() + refused);
    }
    return absl::OkStatus();
  }

  void Report(const v1::CheckInResponse& response) {
    const v1::Document& document = response.document();
    const bool created = document.latest_version().number() == 1;
    ++(response.unchanged() ? unchanged_ : created ? created_ : checked_in_);
    if (session_.json()) {
      session_.PrintJson(response);
      return;
    }
    table_.Add({response.unchanged() ? "unchanged"
                : created            ? "created"
                                     : "checked in",
                IdOf(document.name()), std::to_string(document.latest_version().number()), document.path()});
  }

  Session& session_;
  const PutRules& rules_;
  std::vector<Skipped> skipped_;
  std::string parent_;
  Table table_{{"RESULT", "NUMBER", "VERSION", "PATH"}};
  std::int64_t sent_ = 0;
  int created_ = 0;
  int checked_in_ = 0;
  int unchanged_ = 0;
  int commits_ = 0;
};

}  // namespace

absl::Status PutFiles(Session& session, LocalFiles files, const PutRules& rules) {
  return Putting(session, rules, std::move(files.skipped)).Run(std::move(files.files));
}

void ReportSkipped(Session& session, const std::vector<Skipped>& skipped) {
  if (skipped.empty()) return;
  std::map<std::string, int> reasons;
  for (const Skipped& one : skipped) {
    session.Note("left out: " + Printable(one.path) + ": " + Printable(one.detail) + " (" + one.reason + ")");
    ++reasons[one.reason];
  }
  std::string counts;
  for (const auto& [reason, count] : reasons) counts += ", " + std::to_string(count) + " " + reason;
  session.Note("left out in all: " + std::to_string(skipped.size()) + counts);
}

}  // namespace greffe::cli
