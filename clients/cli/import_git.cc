#include "clients/cli/import_git.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>
#include <utility>

#include "clients/cli/git_changes.h"
#include "clients/cli/git_source.h"
#include "clients/cli/import_report.h"
#include "clients/cli/import_uploads.h"
#include "clients/cli/progress.h"
#include "clients/cli/second_spellings.h"
#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/import_stream.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/upload.h"
#include "clients/cpp/utf8.h"

namespace greffe::cli {
namespace {

// Of one source commit a server takes so much inside messages, its message and paths included (imports.proto).
constexpr std::int64_t kCommitInlineBytes = 64 << 20;

// A source commit on its way, whose blobs git is already looking for.
struct Underway {
  GitCommit commit;
  std::vector<PlannedChange> changes;
};

// One stream of an import, from where the server stands to the tip.
class ImportRun {
 public:
  ImportRun(Session& session, const GitSource& source, const ImportSelection& selection, ImportReport& report,
            ImportUploads& uploads)
      : session_(session), source_(source), selection_(selection), report_(report), uploads_(uploads) {}

  absl::Status Run(const v1::ImportHeader& header, Progress& progress) {
    parent_ = header.source().substr(0, header.source().find("/importSources/"));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(history_,
                                   GitHistory::Open(source_.folder(), header.expected_last_commit(), source_.tip()));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(blobs_, GitBlobs::Open(source_.folder()));
    first_parent_ = header.expected_last_commit();
    client::ImportStream stream(session_.client(), header, [&](const v1::ImportCommitsResponse& response) {
      uploads_.Answered(response.versions_created());
      report_.Add(response);
      progress.Update(report_.commits());
    });
    absl::Status local;
    bool open = true;
    while (open && local.ok()) {
      local = LookAhead();
      if (!local.ok() || underway_.empty()) break;
      local = Send(underway_.front(), stream, open);
      underway_.pop_front();
    }
    const absl::Status status = stream.Finish();
    // What was wrong with an earlier commit comes first; that the stream ended early is only what follows from `local`.
    const bool cause = status.ok() || client::ReasonOf(status) == "STREAM_ENDED_EARLY";
    uploads_.StreamEnded();
    return cause && !local.ok() ? local : status;
  }

 private:
  // Git fetches the blobs of the commits that come while one is sent.
  absl::Status LookAhead() {
    constexpr std::size_t kCommits = 16;
    while (!ended_ && underway_.size() < kCommits) {
      GitCommit commit;
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, history_->Next(commit));
      if (!more) {
        ended_ = true;
        break;
      }
      if (!std::exchange(begun_, true) && !first_parent_.empty() && commit.first_parent != first_parent_) {
        return SourceRewritten(first_parent_);
      }
      std::vector<Skipped> skipped;
      GREFFE_CLIENT_RETURN_IF_ERROR(spellings_.TakeOut(selection_, commit, skipped));
      Underway next{{}, PlanChanges(commit, selection_, skipped)};
      if (!next.changes.empty()) {
        commit.author_time = TimeKept(commit.author_time, "author time", skipped);
        commit.commit_time = TimeKept(commit.commit_time, "commit time", skipped);
        commit.message = MessageKept(commit.message, skipped);
      }
      report_.AddSkipped(commit.id, skipped);
      if (next.changes.empty()) {
        report_.AddEmpty(commit.id);
        continue;
      }
      for (const PlannedChange& planned : next.changes) {
        if (!planned.blob.empty()) blobs_->Request(planned.blob);
      }
      next.commit = std::move(commit);
      underway_.push_back(std::move(next));
    }
    return absl::OkStatus();
  }

  // The server takes years 1970 to 9999, as git's own fsck does; a tool that counts in milliseconds writes others.
  static std::int64_t TimeKept(std::int64_t time, const std::string& which, std::vector<Skipped>& skipped) {
    constexpr std::int64_t kEndOf9999 = 253'402'300'799;
    const std::int64_t kept = std::clamp<std::int64_t>(time, 0, kEndOf9999);
    if (kept == time) return time;
    skipped.push_back({which, "TIME",
                       std::to_string(time) + " seconds are not in the years 1970 to 9999; the " +
                           (kept == 0 ? "beginning" : "end") + " of those takes its place"});
    return kept;
  }

  // The message as text, of which the server takes so much. Cut between characters.
  static std::string MessageKept(const std::string& message, std::vector<Skipped>& skipped) {
    constexpr std::size_t kMost = 1 << 20;
    std::string kept = client::ValidUtf8(message);
    if (kept.size() <= kMost) return kept;
    skipped.push_back({"message", "MESSAGE", std::to_string(message.size()) + " bytes; the first MiB is kept"});
    std::size_t end = kMost;
    while ((static_cast<unsigned char>(kept[end]) & 0xc0) == 0x80) --end;
    kept.resize(end);
    return kept;
  }

  static v1::ImportCommit Described(const GitCommit& commit) {
    v1::ImportCommit message;
    message.set_source_commit(commit.id);
    const std::string name = client::ValidUtf8(commit.author_name);
    const std::string mail = client::ValidUtf8(commit.author_email);
    message.mutable_author()->set_id(!mail.empty() ? mail : !name.empty() ? name : "unknown");
    message.mutable_author()->set_display_name(name);
    message.mutable_author_time()->set_seconds(commit.author_time);
    message.set_author_utc_offset_minutes(commit.author_offset);
    message.mutable_commit_time()->set_seconds(commit.commit_time);
    message.set_message(commit.message);
    return message;
  }

  // A file whose former name was refused comes to the project with its new one: its content must come along. Sets
  // `if_missing` of the commit's renames by what the server has, once it has answered all that was before.
  absl::Status SettleRenames(Underway& underway, client::ImportStream& stream, bool& open) {
    const bool any = std::any_of(underway.changes.begin(), underway.changes.end(),
                                 [](const PlannedChange& planned) { return planned.if_missing; });
    if (!any) return absl::OkStatus();
    open = stream.Drain();
    for (PlannedChange& planned : underway.changes) {
      if (!planned.if_missing || !open) continue;
      v1::LookupDocumentRequest request;
      request.set_parent(parent_);
      request.set_path(Normalized(planned.change.previous_path()));
      // What is not UTF-8 cannot be asked for, nor was it kept.
      const bool text = client::ValidUtf8(request.path()) == request.path();
      const absl::Status status =
          text ? session_.client().LookupDocument(request).status() : absl::InvalidArgumentError("not UTF-8");
      if (!status.ok() && !absl::IsNotFound(status) && !absl::IsInvalidArgument(status)) return status;
      planned.if_missing = status.ok();
    }
    return absl::OkStatus();
  }

  // Passes a blob over.
  absl::Status Drop(std::int64_t size) {
    std::string piece;
    for (std::int64_t left = size; left > 0; left -= static_cast<std::int64_t>(piece.size())) {
      GREFFE_CLIENT_RETURN_IF_ERROR(
          blobs_->Read(static_cast<std::size_t>(std::min<std::int64_t>(left, 1 << 20)), piece));
    }
    return absl::OkStatus();
  }

  // Of a commit with more content than a server takes inside messages the largest travel as uploads: those are the
  // fewest, and a server keeps a bounded number.
  absl::Status ChooseUploads(Underway& underway) {
    const std::int64_t limit = session_.client().options().inline_limit;
    std::vector<PlannedChange*> filled;
    std::vector<std::string> blobs;
    auto bytes = static_cast<std::int64_t>(Described(underway.commit).ByteSizeLong());
    for (PlannedChange& planned : underway.changes) {
      bytes += static_cast<std::int64_t>(planned.change.ByteSizeLong());
      if (planned.blob.empty() || planned.if_missing) continue;
      filled.push_back(&planned);
      blobs.push_back(planned.blob);
    }
    if (bytes + static_cast<std::int64_t>(blobs.size()) * limit <= kCommitInlineBytes) return absl::OkStatus();
    if (sizes_ == nullptr) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(sizes_, GitBlobSizes::Open(source_.folder()));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::vector<std::int64_t> sizes, sizes_->Of(blobs));
    std::vector<std::pair<std::int64_t, PlannedChange*>> inlined;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] > limit) continue;
      inlined.emplace_back(sizes[i], filled[i]);
      bytes += sizes[i];
    }
    std::stable_sort(inlined.begin(), inlined.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [size, planned] : inlined) {
      if (bytes <= kCommitInlineBytes) break;
      planned->upload = true;
      bytes -= size;
    }
    return absl::OkStatus();
  }

  // Sends a commit, in parts where it is large. `open` becomes false when the stream is broken.
  absl::Status Send(Underway& underway, client::ImportStream& stream, bool& open) {
    constexpr int kPartChanges = 500;
    // Of a project a server keeps a bounded number open, beside those that it knows to belong to a commit.
    constexpr int kPartUploads = 100;
    GREFFE_CLIENT_RETURN_IF_ERROR(SettleRenames(underway, stream, open));
    if (!open) return absl::OkStatus();
    GREFFE_CLIENT_RETURN_IF_ERROR(ChooseUploads(underway));
    const std::int64_t limit = session_.client().options().inline_limit;
    v1::ImportCommit message = Described(underway.commit);
    std::int64_t bytes = 0;
    int contents = 0;
    int uploads = 0;  // in this part
    for (PlannedChange& planned : underway.changes) {
      const bool filled = !planned.blob.empty() && !planned.if_missing;
      std::int64_t size = 0;
      if (!planned.blob.empty()) {
        GREFFE_CLIENT_ASSIGN_OR_RETURN(size, blobs_->Next());
        if (!filled) GREFFE_CLIENT_RETURN_IF_ERROR(Drop(size));
      }
      const bool whole = size <= limit && !planned.upload;
      const auto names = static_cast<std::int64_t>(planned.change.ByteSizeLong());
      const std::int64_t added = names + (filled && whole ? size : 0);
      // A part is sent when the next change would make it too large for a message.
      const bool full = message.changes_size() >= kPartChanges || (filled && !whole && uploads == kPartUploads);
      if (full || (message.changes_size() > 0 && bytes + added > limit)) {
        message.set_continued(true);
        open = stream.Write(message);
        if (!open) return absl::OkStatus();
        message = Described(underway.commit);
        bytes = 0;
        uploads = 0;
      }
      if (filled) GREFFE_CLIENT_RETURN_IF_ERROR(Fill(planned.change, size, whole));
      bytes += added;
      contents += filled ? 1 : 0;
      uploads += filled && !whole ? 1 : 0;
      *message.add_changes() = std::move(planned.change);
    }
    uploads_.Sending(contents);
    open = stream.Write(message);
    return absl::OkStatus();
  }

  absl::Status Fill(v1::ImportChange& change, std::int64_t size, bool whole) {
    if (whole) {
      change.set_has_data(true);
      return size == 0 ? absl::OkStatus() : blobs_->Read(static_cast<std::size_t>(size), *change.mutable_data());
    }
    // By way of a file: an upload that broke off reads again what git tells once.
    const TemporaryFolder folder;
    if (folder.path().empty()) return client::FromErrno(errno, "make folder in", "temporary files");
    const std::string path = folder.path() + "/blob";
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto file, client::AtomicFile::Create(path));
    std::string piece;
    for (std::int64_t left = size; left > 0; left -= static_cast<std::int64_t>(piece.size())) {
      GREFFE_CLIENT_RETURN_IF_ERROR(
          blobs_->Read(static_cast<std::size_t>(std::min<std::int64_t>(left, 1 << 20)), piece));
      GREFFE_CLIENT_RETURN_IF_ERROR(file->Write(piece));
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(file->Commit());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto content, client::FileContent::Open(path));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Upload upload,
                                   client::UploadContent(session_.client(), parent_, *content));
    uploads_.Add(upload.name());
    change.set_upload(upload.name());
    return absl::OkStatus();
  }

  Session& session_;
  const GitSource& source_;
  const ImportSelection& selection_;
  ImportReport& report_;
  std::string parent_;
  std::string first_parent_;  // of the first commit of the run; empty: any
  SecondSpellings spellings_{source_.folder()};
  std::unique_ptr<GitHistory> history_;
  std::unique_ptr<GitBlobs> blobs_;
  std::unique_ptr<GitBlobSizes> sizes_;  // once a commit needs them
  std::deque<Underway> underway_;
  ImportUploads& uploads_;
  bool begun_ = false;
  bool ended_ = false;
};

// Goes on from where the server stands to the tip.
absl::Status ImportRest(Session& session, const GitSource& source, v1::ImportHeader header,
                        const ImportSelection& selection, ImportReport& report, ImportUploads& uploads,
                        Progress& progress) {
  v1::GetImportSourceRequest request;
  request.set_name(header.source());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ImportSource stand, session.client().GetImportSource(request));
  header.set_expected_last_commit(stand.last_commit());
  if (stand.last_commit() == source.tip()) return absl::OkStatus();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t count, source.CountAfter(stand.last_commit()));
  progress.SetTotal(report.commits() + count);
  return ImportRun(session, source, selection, report, uploads).Run(header, progress);
}

absl::Status ImportGit(Session& session, const GitSource& source, const v1::ImportHeader& header,
                       const ImportSelection& selection, ImportReport& report) {
  client::Backoff backoff(session.client().options().retry, client::Backoff::Clock::time_point::max());
  Progress progress(session, "import", 0, "commits");
  ImportUploads uploads;
  const auto end = [&](const absl::Status& status) {
    // A server that is away, or slow, may be at work on a commit that names them: then they are its own to forget.
    if (!client::IsRetryable(status)) uploads.GiveUp(session.client());
    return status;
  };
  bool broken = false;
  while (true) {
    const std::int64_t before = report.commits();
    const absl::Status status = ImportRest(session, source, header, selection, report, uploads, progress);
    // The server may still be at work on what a stream that broke off had sent.
    const bool moved_on = broken && client::ReasonOf(status) == "IMPORT_POSITION";
    if (status.ok() || (!client::IsRetryable(status) && !moved_on)) return end(status);
    // Nothing of that stream is under way; each attempt uploads anew.
    if (client::IsServerBusy(status)) uploads.GiveUp(session.client());
    broken = true;
    if (report.commits() > before) backoff.Reset();
    if (!backoff.Wait(status)) return end(status);
  }
}

}  // namespace

absl::Status ImportGit(Session& session, const GitImport& options) {
  v1::ImportHeader header;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  header.set_source(parent + "/importSources/" +
                    (options.source_id.empty() ? SourceIdOf(options.source) : options.source_id));
  header.set_bad_path_policy(options.on_bad_path == "skip" ? v1::BAD_PATH_POLICY_SKIP : v1::BAD_PATH_POLICY_FAIL);
  ImportSelection selection;
  selection.paths = options.paths;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(selection.types, TypeRules::Parse(options.type_by, options.type));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto source, GitSource::Open(options.source, options.ref));
  if (source->shallow()) {
    session.Note("the source is shallow: its history before the oldest commit is not there, and is not imported");
  }
  ImportReport report;
  const absl::Status status = ImportGit(session, *source, header, selection, report);
  // What was done before an error is done.
  if (!status.ok() && report.commits() == 0) return status;
  v1::GetImportSourceRequest request;
  request.set_name(header.source());
  const auto stand = session.client().GetImportSource(request);
  report.Print(session, header.source(), stand.ok() ? &*stand : nullptr);
  return status;
}

}  // namespace greffe::cli
