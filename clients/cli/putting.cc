#include "clients/cli/putting.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "clients/cli/companion_path.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/find_version.h"
#include "clients/cli/progress.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/check_in.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/request_id.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/upload.h"

namespace greffe::cli {
namespace {

// A file that is to be sent.
struct Pending {
  LocalFile file;
  std::unique_ptr<client::ContentSource> content;
  v1::CheckInItem item;
};

// Whether a listing finds what lies at so many paths sooner than as many look-ups.
absl::StatusOr<bool> ListingIsCheaper(Session& session, const std::string& parent, std::size_t files) {
  constexpr std::size_t kLookups = 16;
  constexpr std::int64_t kListedPerLookup = 100;
  if (files <= kLookups) return false;
  v1::GetProjectRequest request;
  request.set_name(parent);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project project, session.client().GetProject(request));
  return project.document_count() <= static_cast<std::int64_t>(files) * kListedPerLookup;
}

// What lies at the paths of `files`, which are sorted, now, by path.
absl::StatusOr<std::map<std::string, v1::Document>> DocumentsAt(Session& session, const std::string& parent,
                                                                const std::vector<LocalFile>& files) {
  std::map<std::string, v1::Document> found;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool listing, ListingIsCheaper(session, parent, files.size()));
  if (!listing) {
    for (const LocalFile& file : files) {
      v1::LookupDocumentRequest request;
      request.set_parent(parent);
      request.set_path(file.path);
      absl::StatusOr<v1::Document> document = session.client().LookupDocument(request);
      const std::string reason = client::ReasonOf(document.status());
      if (document.ok()) {
        found[file.path] = *std::move(document);
      } else if (reason == "PROJECT_NOT_FOUND") {
        return document.status();
      } else if (document.status().code() != absl::StatusCode::kNotFound && reason != "PATH_INVALID") {
        // A path that cannot be is refused by the check-in too, which may leave it out.
        return document.status();
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
                                  // Of a large project most is no matter of these files.
                                  const bool wanted =
                                      std::ranges::binary_search(files, document.path(), {}, &LocalFile::path);
                                  if (wanted) found[document.path()] = document;
                                  return absl::OkStatus();
                                }).status());
  return found;
}

// The path of the one of `documents`, which are by path, that has a companion which `get` writes to `path`; or empty.
std::string CompanionOf(const std::string& path, const std::map<std::string, v1::Document>& documents) {
  const std::string folder = path.substr(0, path.find_last_of('/'));
  const auto document = documents.find(folder.substr(0, folder.find_last_of('.')));
  if (document == documents.end()) return "";
  const auto& companions = document->second.latest_version().companions();
  const bool found = std::any_of(companions.begin(), companions.end(), [&](const v1::File& companion) {
    return CompanionPath(document->first, companion) == path;
  });
  return found ? document->first : "";
}

// How many of `pending` from `begin` on go into one check-in: at most 1,000, of which a server keeps no more than some
// hundred open as uploads.
std::size_t BatchSize(const std::vector<Pending>& pending, std::size_t begin, std::int64_t inline_limit) {
  constexpr std::size_t kItems = 1000;
  constexpr int kUploads = 100;
  int uploads = 0;
  std::size_t count = 0;
  for (; count < kItems && begin + count < pending.size(); ++count) {
    const std::int64_t size = pending[begin + count].content->size();
    if (size <= inline_limit) {
      inline_limit -= size;
    } else if (++uploads > kUploads) {
      break;
    }
  }
  return count;
}

// The index of the file whose path is refused; -1: the error is not about a path.
int RefusedFile(const absl::Status& status, const std::vector<Pending>& batch) {
  const client::ErrorDetails details = client::DetailsOf(status);
  if (details.reason != "PATH_INVALID" && details.reason != "PATH_TAKEN") return -1;
  const auto field = details.metadata.find("field");
  if (field != details.metadata.end() && field->second.rfind("items[", 0) == 0) {
    const int index = std::atoi(field->second.c_str() + 6);
    return static_cast<std::size_t>(index) < batch.size() ? index : -1;
  }
  const auto path = details.metadata.find("path");
  if (path == details.metadata.end()) return -1;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].file.path == path->second) return static_cast<int>(i);
  }
  return -1;
}

// One call of PutFiles.
class Putting {
 public:
  Putting(Session& session, const PutRules& rules, std::vector<Skipped> skipped)
      : session_(session), rules_(rules), skipped_(std::move(skipped)) {}

  absl::Status Run(std::vector<LocalFile> files) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(parent_, session_.Parent());
    GREFFE_CLIENT_RETURN_IF_ERROR(TakeOutUnspeakable(files));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto existing, DocumentsAt(session_, parent_, files));
    std::vector<Pending> pending;
    for (LocalFile& file : files) GREFFE_CLIENT_RETURN_IF_ERROR(Consider(std::move(file), existing, pending));
    std::int64_t bytes = 0;
    for (const Pending& one : pending) bytes += one.content->size();
    is_alone_ = files.size() == 1;
    Progress progress(session_, "put " + std::to_string(pending.size()) + " files", bytes);
    absl::Status status;
    for (std::size_t i = 0, end = 0; i < pending.size() && status.ok(); i = end) {
      end = i + BatchSize(pending, i, session_.client().options().inline_limit);
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
  // A path that is not UTF-8 cannot even be asked about.
  absl::Status TakeOutUnspeakable(std::vector<LocalFile>& files) {
    std::vector<LocalFile> kept;
    for (LocalFile& file : files) {
      const absl::Status status = CheckUtf8(file);
      if (!status.ok() && !rules_.skip_bad_paths) return status;
      if (status.ok()) {
        kept.push_back(std::move(file));
      } else {
        skipped_.push_back({file.path, client::ReasonOf(status), std::string(status.message())});
      }
    }
    files = std::move(kept);
    return absl::OkStatus();
  }

  absl::Status Consider(LocalFile file, const std::map<std::string, v1::Document>& existing,
                        std::vector<Pending>& pending) {
    if (const std::string owner = CompanionOf(file.path, existing); !owner.empty()) {
      skipped_.push_back({file.path, "COMPANION", "is a companion of \"" + owner + "\", and goes with that alone"});
      return absl::OkStatus();
    }
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
      if (!rules_.allow_identical) {
        GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t older,
                                       OlderVersionWith(session_, document->second, *one.content));
        if (older > 0 && rules_.one_named) return OlderVersion(one.file.path, document->second, older);
        if (older > 0) {
          skipped_.push_back({one.file.path, "OLDER_VERSION", OlderVersionText(document->second, older)});
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
    const absl::Status status = CheckInAll(batch);
    if (!status.ok() && !client::IsUndecided(status)) {  // a server that is away is not waited for again
      std::vector<std::string> uploads;
      for (const Pending& one : batch) uploads.push_back(one.item.main_file().upload());
      client::GiveUploadsUp(session_.client(), uploads);
    }
    return status;
  }

  // Takes what is left out away from `batch`.
  absl::Status CheckInAll(std::vector<Pending>& batch) {
    while (!batch.empty()) {
      v1::BatchCheckInRequest request;
      request.set_parent(parent_);
      request.set_comment(rules_.comment);
      // Which of several files are left to be sent, and so what is in each request, is another the next time.
      if (!is_alone_) request.set_request_id(client::NewRequestId());
      for (const Pending& one : batch) *request.add_items() = one.item;
      const auto response = session_.client().BatchCheckIn(request);
      if (response.ok()) {
        for (const v1::CheckInResponse& result : response->results()) Report(result);
        commits_ += response->sequence() > 0 ? 1 : 0;
        return absl::OkStatus();
      }
      const int refused = RefusedFile(response.status(), batch);
      if (refused < 0) return response.status();
      Pending& one = batch[static_cast<std::size_t>(refused)];
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool made, WasMadeMeanwhile(one.item));
      if (made) continue;
      if (!rules_.skip_bad_paths) return response.status();
      skipped_.push_back(
          {one.file.path, client::ReasonOf(response.status()), std::string(response.status().message())});
      client::GiveUploadsUp(session_.client(), {one.item.main_file().upload()});
      batch.erase(batch.begin() + refused);
    }
    return absl::OkStatus();
  }

  // Whether somebody else has made the document of `item` since it was looked for; a new version of that it is then.
  absl::StatusOr<bool> WasMadeMeanwhile(v1::CheckInItem& item) {
    if (!item.has_new_document()) return false;
    v1::LookupDocumentRequest request;
    request.set_parent(parent_);
    request.set_path(item.new_document().path());
    const absl::StatusOr<v1::Document> document = session_.client().LookupDocument(request);
    if (!document.ok()) {
      if (client::IsRetryable(document.status())) return document.status();
      return false;
    }
    item.set_document(document->name());
    item.clear_new_document();
    return true;
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
  bool is_alone_ = false;  // one file was given
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
