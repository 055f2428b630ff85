#include "services/imports/import_stream.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "services/access/identity.h"
#include "services/call/call_log.h"
#include "services/call/malformed_request.h"
#include "services/call/raw_message.h"
#include "services/call/status.h"
#include "services/call/stream_memory.h"
#include "services/imports/import_act.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/utf8.h"
#include "storage/store/upload_claims.h"

namespace greffe {
namespace {

constexpr std::int64_t kMaxWaitingBytes = 16 << 20;  // of commits that are queued for the committer, and of answers
constexpr std::size_t kMaxWaitingCommits = 256;      // of both
constexpr std::int64_t kMaxCommitBytes = 64 << 20;   // of one source commit: message, paths and inline contents
constexpr std::int64_t kMessagesHeld = 2;            // one as it comes, one that is parsed
constexpr int kMaxCommitChanges = 100'000;
constexpr std::int64_t kChangeBytes = 512;  // that a change takes beside its names and its content
constexpr std::size_t kMaxMessageBytes = 1 << 20;
// Of a path. Normalisation shortens one to a third at the most, so what is cut is over kMaxPathBytes all the same.
constexpr std::size_t kMaxRawPathBytes = 4 * kMaxPathBytes;
constexpr std::size_t kMaxTypeBytes = 63;

// Control characters say nothing in a message, and would break a terminal.
std::string CleanMessage(std::string_view message) {
  std::string clean;
  clean.reserve(message.size());
  while (!message.empty()) {
    const std::string_view before = message;
    const std::optional<char32_t> c = TakeCodePoint(message);
    if (!c) message.remove_prefix(1);
    const bool control = !c || *c < 0x20 || (*c >= 0x7f && *c < 0xa0);
    if (control && c != U'\n' && c != U'\t') {
      clean += ' ';
    } else {
      clean += before.substr(0, before.size() - message.size());
    }
  }
  return clean;
}

// At most `most` characters of what a source says of a person, as a name may be here.
std::string CleanName(std::string_view name, int most) {
  std::string_view rest = name;
  for (int i = 0; i < most && !rest.empty(); ++i) {
    if (!TakeCodePoint(rest)) rest.remove_prefix(1);
  }
  return PrintableUtf8(name.substr(0, name.size() - rest.size()));
}

// Git's times begin in 1970, and `git fsck` refuses others.
absl::Status CheckAuthorTime(const google::protobuf::Timestamp& time, const std::string& field) {
  if (IsTimestamp(time) && time.seconds() >= 0) return absl::OkStatus();
  return InvalidField(field, "TIME_INVALID",
                      "'" + std::to_string(time.seconds()) + "' seconds: years are 1970 to 9999");
}

// The path as it is kept until the act judges it.
std::string CutPath(std::string path) {
  if (path.size() <= kMaxRawPathBytes) return path;
  std::size_t end = kMaxRawPathBytes;
  while (end > kMaxRawPathBytes - 4 && (static_cast<unsigned char>(path[end]) & 0xc0) == 0x80) --end;
  return path.substr(0, end);
}

class ImportStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ImportStream(const Runtime& runtime, grpc::CallbackServerContext* context)
      : runtime_(runtime),
        log_(context, "Imports.ImportCommits"),
        caller_(CallerOf(*context)),
        share_(runtime.stream_memory, context) {
    StartRead(&buffer_);
  }

  void OnReadDone(bool ok) override {
    {
      const std::lock_guard lock(mutex_);
      if (finished_) return;
      looking_ = true;
    }
    runtime_.pool.Continue([this, ok] { LookedAt(ok ? Take() : absl::OkStatus(), !ok); });
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      share_.EndWait();
      if (!ok) {
        answers_.clear();
        share_.Return(answer_bytes_);
        answer_bytes_ = 0;
        gone_ = true;
      }
      WriteNext();
      Resume();
      finish = ReadyToFinish();
    }
    if (finish) FinishNow();
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take() {
    if (!ParseBuffer(buffer_, message_)) return MalformedRequest();
    buffer_.Clear();
    if (!started_) {
      if (!message_.has_header()) return InvalidField("header", "FIELD_REQUIRED", "the first message has it");
      return Begin(message_.header());
    }
    if (!message_.has_commit()) return InvalidField("commit", "FIELD_REQUIRED", "every message after the first has it");
    return TakeCommit(*message_.mutable_commit());
  }

  absl::Status Begin(const v1::ImportHeader& header) {
    GREFFE_RETURN_IF_ERROR(caller_.status());
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(header.source(), "importSources", "header.source"));
    GREFFE_RETURN_IF_ERROR(runtime_.store.View(name.project).status());
    project_ = name.project;
    source_ = name.id;
    policy_ = header.bad_path_policy();
    position_ = header.expected_last_commit();
    started_ = true;
    GREFFE_ASSIGN_OR_RETURN(const auto known, runtime_.store.index().FindImportSource(project_, source_));
    GREFFE_RETURN_IF_ERROR(CheckPosition(known ? known->last_commit() : ""));
    // Not before: a stream on which nothing comes takes no room.
    return share_.Reserve(kMessagesHeld * runtime_.limits.message_bytes);
  }

  absl::Status CheckPosition(const std::string& actual) const {
    if (actual == position_) return absl::OkStatus();
    return Error(absl::StatusCode::kAborted, "IMPORT_POSITION",
                 "source '" + source_ + "' was imported up to '" + actual + "', not " + QuotedValue(position_),
                 {{"last_commit", actual}});
  }

  absl::Status TakeCommit(v1::ImportCommit& part) {
    if (commit_ == nullptr) {
      GREFFE_RETURN_IF_ERROR(BeginCommit(part));
    } else if (part.source_commit() != commit_id_) {
      return InvalidValue("commit.source_commit", part.source_commit(), "the former one said that it is continued");
    }
    for (int i = 0; i < part.changes_size(); ++i) {
      if (commit_->files.size() == kMaxCommitChanges) {
        return InvalidField("commit.changes", "TOO_MANY_CHANGES", "over 100,000 in one commit");
      }
      GREFFE_RETURN_IF_ERROR(TakeChange(*part.mutable_changes(i), "commit.changes[" + std::to_string(i) + "]"));
    }
    if (part.continued()) return absl::OkStatus();
    Submit();
    return absl::OkStatus();
  }

  absl::Status BeginCommit(const v1::ImportCommit& part) {
    GREFFE_RETURN_IF_ERROR(ValidateText(part.source_commit(), "commit.source_commit", 1, 128));
    if (part.source_commit().find(' ') != std::string::npos) {
      return InvalidField("commit.source_commit", "FIELD_INVALID", "'" + part.source_commit() + "': has a space");
    }
    if (part.author_utc_offset_minutes() < -1439 || part.author_utc_offset_minutes() > 1439) {
      return InvalidField("commit.author_utc_offset_minutes", "FIELD_INVALID",
                          "'" + std::to_string(part.author_utc_offset_minutes()) + "': allowed are -1439 to 1439");
    }
    if (part.message().size() > kMaxMessageBytes) {
      return InvalidField("commit.message", "TEXT_INVALID", "has over 1 MiB");
    }
    GREFFE_RETURN_IF_ERROR(CheckAuthorTime(part.author_time(), "commit.author_time"));
    GREFFE_RETURN_IF_ERROR(CheckAuthorTime(part.commit_time(), "commit.commit_time"));
    commit_ = std::make_shared<ImportedCommit>();
    claims_ = std::make_shared<UploadClaims>(runtime_.store.uploads());
    commit_id_ = part.source_commit();
    commit_->message = CleanMessage(part.message());
    commit_->policy = policy_;
    commit_->owner = ValidatePrincipalId(part.author().id(), "author").ok() ? part.author().id() : caller_->id();
    origin_.source = source_;
    origin_.source_commit = commit_id_;
    // It goes into each document and version that the commit makes.
    origin_.author.set_id(CleanName(part.author().id(), kMaxPrincipalId));
    origin_.author.set_display_name(CleanName(part.author().display_name(), kMaxDisplayName));
    origin_.author_time = ToMicros(part.author_time());
    origin_.author_utc_offset_minutes = part.author_utc_offset_minutes();
    origin_.commit_time = ToMicros(part.commit_time());
    commit_bytes_ = 0;
    commit_overhead_ = 0;
    const std::size_t author = origin_.author.id().size() + origin_.author.display_name().size();
    return Count(commit_->message.size() + author, "commit.message");
  }

  absl::Status TakeChange(v1::ImportChange& change, const std::string& field) {
    ImportFile file;
    file.action = change.action();
    file.path = CutPath(std::move(*change.mutable_path()));
    file.previous_path = CutPath(std::move(*change.mutable_previous_path()));
    if (change.document_type().size() > kMaxTypeBytes) {
      return InvalidField(field + ".document_type", "DOCUMENT_TYPE_UNKNOWN",
                          std::to_string(change.document_type().size()) + " characters; no type has over 63");
    }
    file.document_type = change.document_type();
    GREFFE_RETURN_IF_ERROR(share_.Reserve(kChangeBytes));
    commit_overhead_ += kChangeBytes;
    const std::size_t names = file.path.size() + file.previous_path.size() + file.document_type.size();
    GREFFE_RETURN_IF_ERROR(Count(names, field));
    if (!v1::ImportAction_IsValid(file.action) || file.action == v1::IMPORT_ACTION_UNSPECIFIED) {
      return InvalidField(field + ".action", "FIELD_INVALID", "'" + std::to_string(file.action) + "': is none");
    }
    const std::string name(LastPart(file.path));
    if (file.action == v1::IMPORT_ACTION_DELETE) {
      // What comes with it is of no use.
    } else if (!change.upload().empty()) {
      GREFFE_ASSIGN_OR_RETURN(const ChildName upload, ParseChildName(change.upload(), "uploads", field + ".upload"));
      GREFFE_ASSIGN_OR_RETURN(file.content, runtime_.store.StageUpload(project_, upload.id, name, ""));
      claims_->Add(project_, upload.id);
    } else if (change.has_data()) {
      GREFFE_RETURN_IF_ERROR(Count(change.data().size(), field + ".data"));
      GREFFE_ASSIGN_OR_RETURN(file.content,
                              runtime_.store.Stage(std::move(*change.mutable_data()), name, "", field + ".data"));
    } else if (file.action == v1::IMPORT_ACTION_WRITE) {
      return InvalidField(field, "FIELD_REQUIRED", "a write needs data or an upload");
    }
    commit_->files.push_back(std::move(file));
    return absl::OkStatus();
  }

  // What is held of the commit until it is done, and is bounded.
  absl::Status Count(std::size_t bytes, const std::string& field) {
    const auto more = static_cast<std::int64_t>(bytes);
    if (more <= kMaxCommitBytes - commit_bytes_) {
      GREFFE_RETURN_IF_ERROR(share_.Reserve(more));
      commit_bytes_ += more;
      return absl::OkStatus();
    }
    return InvalidField(field, "CONTENT_TOO_LARGE", "the commit has over 64 MiB; larger contents come as uploads");
  }

  void Submit() {
    auto outcome = std::make_shared<v1::ImportCommitsResponse>();
    outcome->set_source_commit(commit_id_);
    WriteRequest write;
    write.project = project_;
    write.principal = *caller_;
    write.bytes = commit_bytes_;
    write.bulk = true;
    write.import = origin_;
    // Acts of one project run one after another: they alone use `position_`, `broken_` and `acted_` from here on.
    write.act = [this, outcome, commit = std::move(commit_), claims = std::move(claims_), id = commit_id_,
                 number = ++submitted_](Transaction& transaction) -> absl::Status {
      // A commit that is refused without its act (no space, too much waits) left `position_` where it was.
      if (broken_ || number != acted_ + 1) {
        broken_ = true;
        return absl::AbortedError("a former commit of the stream failed");
      }
      acted_ = number;
      const absl::Status status = Act(transaction, *commit, *outcome, id);
      broken_ = !status.ok();
      return status;
    };
    commit_.reset();
    const std::int64_t bytes = commit_bytes_ + commit_overhead_;
    {
      const std::lock_guard lock(mutex_);
      ++waiting_commits_;
      waiting_bytes_ += bytes;
    }
    runtime_.store.Write(std::move(write), [this, outcome, bytes](absl::StatusOr<WriteResult> result) {
      if (result.ok()) outcome->set_sequence(result->sequence);
      Done(result.status(), std::move(*outcome), bytes);
    });
  }

  absl::Status Act(Transaction& transaction, ImportedCommit& commit, v1::ImportCommitsResponse& outcome,
                   const std::string& id) {
    GREFFE_ASSIGN_OR_RETURN(const auto known, transaction.FindImportSource(source_));
    GREFFE_RETURN_IF_ERROR(CheckPosition(known ? known->last_commit() : ""));
    GREFFE_RETURN_IF_ERROR(RunImport(transaction, commit, outcome));
    // Uploads that are given up are an effect too, and no commit that moves the source on.
    if (transaction.HasCommit()) position_ = id;
    return absl::OkStatus();
  }

  // A commit is durable, or failed.
  void Done(const absl::Status& status, v1::ImportCommitsResponse outcome, std::int64_t bytes) {
    bool finish = false;
    {
      const std::lock_guard lock(mutex_);
      --waiting_commits_;
      waiting_bytes_ -= bytes;
      share_.Return(bytes);
      if (status.ok()) {
        if (!gone_) {
          answer_bytes_ += BytesOf(outcome);
          share_.Add(BytesOf(outcome));
          answers_.push_back(std::move(outcome));
        }
      } else {
        EndReading(status);
      }
      WriteNext();
      Resume();
      finish = ReadyToFinish();
    }
    if (finish) FinishNow();
  }

  // A message was looked at, or there are no more.
  void LookedAt(const absl::Status& status, bool last) {
    bool finish = false;
    {
      const std::lock_guard lock(mutex_);
      looking_ = false;
      if (last && commit_ != nullptr) {
        EndReading(InvalidField("commit", "STREAM_ENDED_EARLY", "the stream ended within commit '" + commit_id_ + "'"));
      } else if (last || !status.ok()) {
        EndReading(status);
      } else if (HasRoom()) {
        ReadNext();
      } else {
        paused_ = true;
      }
      finish = ReadyToFinish();
    }
    if (finish) FinishNow();
  }

  // The rest is under the lock.

  // Answers that the caller does not read hold it back as commits do.
  bool HasRoom() const {
    return waiting_commits_ + answers_.size() < kMaxWaitingCommits && waiting_bytes_ + answer_bytes_ < kMaxWaitingBytes;
  }

  void Resume() {
    if (!paused_ || !HasRoom()) return;
    paused_ = false;
    ReadNext();
  }

  static std::int64_t BytesOf(const v1::ImportCommitsResponse& answer) {
    return static_cast<std::int64_t>(answer.ByteSizeLong());
  }

  void EndReading(const absl::Status& status) {
    if (status_.ok()) status_ = status;
    reading_ended_ = true;
  }

  void ReadNext() {
    if (!reading_ended_) StartRead(&buffer_);
  }

  void WriteNext() {
    if (writing_ || answers_.empty()) return;
    sent_ = SerializedBuffer(answers_.front());
    answer_bytes_ -= BytesOf(answers_.front());
    share_.Return(BytesOf(answers_.front()));
    answers_.pop_front();
    writing_ = true;
    // Reads are not counted: between two commits a caller may upload for hours.
    share_.BeginWait();
    StartWrite(&sent_);
  }

  // True once. A read that is still outstanding ends with the call.
  bool ReadyToFinish() {
    if (finished_ || !reading_ended_ || looking_ || waiting_commits_ > 0 || writing_ || !answers_.empty()) return false;
    finished_ = true;
    return true;
  }

  // Without the lock.
  void FinishNow() {
    log_.End(status_);
    Finish(ToGrpcStatus(status_));
  }

  const Runtime& runtime_;
  const CallLog log_;
  const absl::StatusOr<v1::Principal> caller_;
  StreamShare share_;
  grpc::ByteBuffer buffer_;  // as it was read
  v1::ImportCommitsRequest message_;
  grpc::ByteBuffer sent_;

  // Of the reading side.
  bool started_ = false;
  std::string project_;
  std::string source_;
  v1::BadPathPolicy policy_ = v1::BAD_PATH_POLICY_UNSPECIFIED;
  std::shared_ptr<ImportedCommit> commit_;
  std::shared_ptr<UploadClaims> claims_;  // with the commit
  std::string commit_id_;
  ImportOrigin origin_;
  std::int64_t commit_bytes_ = 0;
  std::int64_t commit_overhead_ = 0;  // of its changes; reserved, but no part of the 64 MiB
  std::int64_t submitted_ = 0;        // commits

  // Of the acts.
  std::string position_;
  std::int64_t acted_ = 0;  // of `submitted_`, the last whose act ran
  bool broken_ = false;

  std::mutex mutex_;
  std::deque<v1::ImportCommitsResponse> answers_;
  std::int64_t answer_bytes_ = 0;
  std::size_t waiting_commits_ = 0;
  std::int64_t waiting_bytes_ = 0;
  bool writing_ = false;
  bool paused_ = false;
  bool reading_ended_ = false;
  bool looking_ = false;  // the pool has a message
  bool gone_ = false;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace

std::int64_t LeastImportMemory(const CallLimits& limits) {
  return kMessagesHeld * limits.message_bytes + kMaxCommitBytes + kMaxCommitChanges * kChangeBytes;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewImportStream(const Runtime& runtime,
                                                                             grpc::CallbackServerContext* context) {
  return new ImportStream(runtime, context);
}

}  // namespace greffe
