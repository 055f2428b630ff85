#include "clients/cli/putting.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "clients/cli/companion_path.h"
#include "clients/cli/documents_at.h"
#include "clients/cli/find_version.h"
#include "clients/cli/left_out.h"
#include "clients/cli/lost_companions.h"
#include "clients/cli/progress.h"
#include "clients/cli/refused_items.h"
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

// One call of PutFiles.
class Putting {
 public:
  Putting(Session& session, const PutRules& rules, std::vector<Skipped> skipped)
      : session_(session), rules_(rules), skipped_(std::move(skipped)) {}

  absl::Status Run(std::vector<LocalFile> files) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(parent_, session_.Parent());
    GREFFE_CLIENT_RETURN_IF_ERROR(TakeOutUnspeakable(files));
    is_alone_ = files.size() == 1;
    GREFFE_CLIENT_RETURN_IF_ERROR(LookAround(files));
    std::vector<Pending> pending;
    for (LocalFile& file : files) {
      const std::string path = file.path;
      const absl::Status status = Consider(std::move(file), pending);
      if (!status.ok() && !LeaveOutUnread(path, status)) return status;
    }
    std::int64_t bytes = 0;
    for (const Pending& one : pending) bytes += one.content->size();
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
    return status.ok() ? StatusOfSkipped(skipped_) : status;
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

  // What the project has where the files go.
  absl::Status LookAround(const std::vector<LocalFile>& files) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(there_, FindDocumentsAt(session_, parent_, files));
    for (const auto& [sha256, document] : there_.elsewhere) {
      sizes_elsewhere_.insert(document.latest_version().main_file().size());
    }
    std::set<std::string> fresh;
    for (const LocalFile& file : files) {
      paths_.insert(file.path);
      if (!there_.at.contains(file.path)) fresh.insert(file.path);
    }
    if (fresh.empty() || rules_.allow_identical || rules_.allow_older) return absl::OkStatus();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(withdrawn_, FindWithdrawnAt(session_, parent_, fresh));
    return absl::OkStatus();
  }

  // Of the one that is named it is the outcome.
  absl::Status LeaveOut(const std::string& path, const std::string& reason, const std::string& detail) {
    if (rules_.one_named) {
      return client::MakeError(absl::StatusCode::kFailedPrecondition, reason, "\"" + path + "\" " + detail,
                               {{"path", path}});
    }
    skipped_.push_back({path, reason, detail});
    return absl::OkStatus();
  }

  // Whether `status` is of a file that could not be read, without which the others go on.
  bool LeaveOutUnread(const std::string& path, const absl::Status& status) {
    if (rules_.one_named || !IsUnread(status)) return false;
    skipped_.push_back(UnreadFile(path, status));
    return true;
  }

  absl::Status Consider(LocalFile file, std::vector<Pending>& pending) {
    const auto document = there_.at.find(file.path);
    // Whatever the latest version has: get may have written those of another one.
    const std::string owner = OwnerPath(file.path);
    if (document == there_.at.end() && !owner.empty() && (paths_.contains(owner) || there_.at.contains(owner))) {
      return LeaveOut(file.path, "COMPANION", "is a companion of \"" + owner + "\", and goes with that alone");
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(std::unique_ptr<client::ContentSource> content,
                                   client::FileContent::Open(file.local));
    Pending one{std::move(file), std::move(content), {}};
    one.item.set_allow_identical(rules_.allow_identical);
    const absl::StatusOr<bool> wanted =
        document == there_.at.end() ? PrepareDocument(one) : PrepareVersion(one, document->second);
    if (wanted.ok() && *wanted) pending.push_back(std::move(one));
    return wanted.status();
  }

  void AskForNew(Pending& one) const {
    one.item.clear_document();
    *one.item.mutable_new_document() = rules_.fields;
    one.item.mutable_new_document()->set_path(one.file.path);
    one.item.mutable_new_document()->set_type(rules_.types.TypeOf(one.file.path));
  }

  // False: it is left out.
  absl::StatusOr<bool> PrepareDocument(Pending& one) {
    AskForNew(one);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document* const withdrawn,
                                   FindWithdrawnWith(session_, withdrawn_, one.file.path, *one.content));
    if (withdrawn != nullptr) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool done, WasDone(*withdrawn, one));
      if (done) return true;
      GREFFE_CLIENT_RETURN_IF_ERROR(LeaveOut(one.file.path, "DOCUMENT_WITHDRAWN", WithdrawnText(*withdrawn)));
      return false;
    }
    if (!sizes_elsewhere_.contains(one.content->size())) return true;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(*one.content));
    if (const auto other = there_.elsewhere.find(sha256); other != there_.elsewhere.end()) {
      session_.Note(Printable(one.file.path) + " is new here, and has the content of " + IdOf(other->second.name()) +
                    ", which lies at " + Printable(other->second.path()));
    }
    return true;
  }

  // False: it is left out, or what it has is the latest version's.
  absl::StatusOr<bool> PrepareVersion(Pending& one, const v1::Document& document) {
    one.item.set_document(document.name());
    const v1::Version& latest = document.latest_version();
    if (!rules_.allow_identical && document.has_latest_version() && latest.main_file().size() == one.content->size()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(*one.content));
      if (sha256 == latest.main_file().sha256()) {
        v1::CheckInResponse response;
        *response.mutable_document() = document;
        response.set_unchanged(true);
        Report(response);
        return false;
      }
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool done, WasDone(document, one));
    if (!done && !rules_.allow_identical && !rules_.allow_older) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t older, OlderVersionWith(session_, document, *one.content));
      if (older > 0) {
        if (rules_.one_named) return OlderVersion(one.file.path, document, older);
        GREFFE_CLIENT_RETURN_IF_ERROR(LeaveOut(one.file.path, "OLDER_VERSION", OlderVersionText(document, older)));
        return false;
      }
    }
    if (latest.companions_size() > 0) former_[document.name()] = latest;
    return true;
  }

  // Whether a call with this request id put `one` already, whatever others did since: the server answers it again, when
  // it is asked for the same.
  absl::StatusOr<bool> WasDone(const v1::Document& document, Pending& one) {
    if (!is_alone_) return false;  // only the check-in of a single file has the id
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto version, VersionOfThisRequest(session_, document, *one.content));
    if (version && version->number() == 1) AskForNew(one);
    return version.has_value();
  }

  absl::Status Send(std::vector<Pending> batch, Progress& progress) {
    std::vector<client::PendingFile> files;
    std::map<const v1::FileSource*, std::string> paths;
    std::int64_t bytes = 0;
    for (Pending& one : batch) {
      files.push_back({one.item.mutable_main_file(), one.content.get()});
      paths[files.back().place] = one.file.path;
      bytes += one.content->size();
    }
    const auto leave_out = [&](const client::PendingFile& file, const absl::Status& failure) {
      return LeaveOutUnread(paths.at(file.place), failure) && paths.erase(file.place) > 0;
    };
    GREFFE_CLIENT_RETURN_IF_ERROR(client::AttachContents(
        session_.client(), parent_, files, [&](std::int64_t moved) { progress.Update(sent_ + moved); }, leave_out));
    sent_ += bytes;
    std::erase_if(batch, [&](const Pending& one) { return !paths.contains(&one.item.main_file()); });
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
      // Of one file each attempt has the same: one that was refused leaves nothing. Which of several are left to be
      // sent, and so what is in each request, is another the next time.
      request.set_request_id(is_alone_ ? session_.request_id : client::NewRequestId());
      for (const Pending& one : batch) *request.add_items() = one.item;
      const auto response = session_.client().BatchCheckIn(request);
      if (response.ok()) {
        for (const v1::CheckInResponse& result : response->results()) Report(result);
        commits_ += response->sequence() > 0 ? 1 : 0;
        return absl::OkStatus();
      }
      const std::vector<RefusedItem> refused = RefusedItems(response.status(), request);
      if (refused.empty()) return response.status();
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool made, WasMadeMeanwhile(batch[refused[0].index].item));
      if (made) {
        GREFFE_CLIENT_RETURN_IF_ERROR(TurnMadeMeanwhile(batch));
        continue;
      }
      const std::string reason = client::ReasonOf(response.status());
      const bool others_go = reason == "DOCUMENT_LOCKED" ? !rules_.one_named : rules_.skip_bad_paths;
      if (!others_go) return response.status();
      LeaveOutRefused(refused, reason, batch);
    }
    return absl::OkStatus();
  }

  void LeaveOutRefused(const std::vector<RefusedItem>& refused, const std::string& reason,
                       std::vector<Pending>& batch) {
    std::set<const Pending*> out;
    std::vector<std::string> uploads;
    for (const RefusedItem& one : refused) {
      const Pending& pending = batch[one.index];
      if (!out.insert(&pending).second) continue;
      skipped_.push_back({pending.file.path, reason, one.detail});
      uploads.push_back(pending.item.main_file().upload());
    }
    client::GiveUploadsUp(session_.client(), uploads);
    std::vector<Pending> rest;
    for (Pending& one : batch) {
      if (!out.contains(&one)) rest.push_back(std::move(one));
    }
    batch = std::move(rest);
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

  // The same for all of `batch`: who has made one has made others, and each attempt sends all to learn of one.
  absl::Status TurnMadeMeanwhile(std::vector<Pending>& batch) {
    std::vector<LocalFile> files;
    for (const Pending& one : batch) {
      if (one.item.has_new_document()) files.push_back(one.file);
    }
    if (files.empty()) return absl::OkStatus();
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const DocumentsThere there, FindDocumentsAt(session_, parent_, files));
    for (Pending& one : batch) {
      const auto document = there.at.find(one.file.path);
      if (!one.item.has_new_document() || document == there.at.end()) continue;
      one.item.set_document(document->second.name());
      one.item.clear_new_document();
    }
    return absl::OkStatus();
  }

  void Report(const v1::CheckInResponse& response) {
    const v1::Document& document = response.document();
    const bool created = document.latest_version().number() == 1;
    ++(response.unchanged() ? unchanged_ : created ? created_ : checked_in_);
    const auto former = former_.find(document.name());
    if (former != former_.end() && !response.unchanged()) NoteLostCompanions(session_, former->second, document);
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
  DocumentsThere there_;
  std::set<std::int64_t> sizes_elsewhere_;              // of there_.elsewhere
  std::multimap<std::string, v1::Document> withdrawn_;  // at the paths that are new, by path
  std::set<std::string> paths_;                         // of all files
  std::map<std::string, v1::Version> former_;           // with companions, by the document that gets a version
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

}  // namespace greffe::cli
