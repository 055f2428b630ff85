#include "storage/store/history_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/this_thread.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr std::size_t kPieceCommits = 64;
constexpr std::size_t kPiecesAhead = 16;
// What is read is given in parts of about so much: a piece may be many times larger than the others.
constexpr std::int64_t kPartBytes = 256 << 10;

// A repository that was copied or renamed has the records of another project, whose names nothing here expects.
absl::Status CheckName(const std::string& name, const std::string& expected) {
  if (name == expected) return absl::OkStatus();
  return Damaged("record '" + expected + "'", "it has the name " + QuotedValue(name));
}

}  // namespace

HistoryReader::HistoryReader(ObjectSource& objects, std::string project, std::int64_t count, std::int64_t most_bytes)
    : objects_(objects),
      project_(std::move(project)),
      most_bytes_(most_bytes),
      large_bytes_(most_bytes / 8),
      part_bytes_(std::min(kPartBytes, large_bytes_)),
      readers_(count <= static_cast<std::int64_t>(kPieceCommits)
                   ? 0  // it is not worth a thread
                   : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4)),
      missing_(count) {
  for (std::size_t i = 0; i < readers_; ++i) threads_.emplace_back([this] { Run(); });
}

void HistoryReader::Add(Commit commit) {
  adding_.push_back(std::move(commit));
  const auto place = static_cast<std::size_t>(--missing_);
  if (place % kPieceCommits != 0) return;
  std::reverse(adding_.begin(), adding_.end());
  const std::lock_guard lock(mutex_);
  unread_.emplace(place / kPieceCommits, std::exchange(adding_, {}));
  adding_more_ = missing_ > 0;
  event_.notify_all();
}

HistoryReader::~HistoryReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::StatusOr<CommitFacts*> HistoryReader::Next() {
  if (position_ == current_.facts.size()) TakePart();
  absl::StatusOr<CommitFacts>& facts = current_.facts[position_++];
  GREFFE_RETURN_IF_ERROR(facts.status());
  return &*facts;
}

void HistoryReader::TakePart() {
  position_ = 0;
  Part spent = std::exchange(current_, Part{});
  if (readers_ == 0) {
    std::vector<Commit>& commits = unread_.begin()->second;
    current_.facts.push_back(Read(commits[read_++], current_.bytes));
    return;
  }
  std::vector<Part> freed;
  std::unique_lock lock(mutex_);
  event_.wait(lock, [this] {
    const auto found = ready_.find(next_to_give_);
    return found != ready_.end() && !found->second.facts.empty();
  });
  current_ = std::exchange(ready_.at(next_to_give_), Part{});
  ready_bytes_ -= current_.bytes;
  if (current_.ends_piece) ready_.erase(next_to_give_++);
  if (!spent.facts.empty()) {
    spent_bytes_ += spent.bytes;
    spent_.push_back(std::move(spent));
  }
  // Much of it is freed here: the threads may be at something large for long, or have ended.
  if (spent_bytes_ >= large_bytes_) freed = TakeSpent();
  event_.notify_all();
}

std::vector<HistoryReader::Part> HistoryReader::TakeSpent() {
  spent_bytes_ = 0;
  return std::exchange(spent_, {});
}

std::int64_t HistoryReader::BytesAhead() const {
  const std::lock_guard lock(mutex_);
  return ready_bytes_ + spent_bytes_;
}

// The piece that is taken from goes on as soon as nothing is left of it to be taken, or nobody would.
bool HistoryReader::MayRead(std::size_t piece) const {
  if (ready_bytes_ < most_bytes_) return true;
  if (piece != next_to_give_) return false;
  const auto found = ready_.find(piece);
  return found == ready_.end() || found->second.facts.empty();
}

std::optional<std::size_t> HistoryReader::Choose() const {
  if (unread_.empty()) return std::nullopt;
  if (adding_more_) {
    // The other half is for those that are given first, and a processor for who adds them: Next waits for the last.
    if (!early_ || early_readers_ + 1 >= readers_ || ready_bytes_ >= most_bytes_ / 2) return std::nullopt;
    return unread_.rbegin()->first;
  }
  const std::size_t piece = unread_.begin()->first;
  if (piece >= next_to_give_ + kPiecesAhead || !MayRead(piece)) return std::nullopt;
  return piece;
}

void HistoryReader::Run() {
  NameThisThread("history");
  std::unique_lock lock(mutex_);
  while (true) {
    std::optional<std::size_t> piece;
    event_.wait(lock, [&] {
      piece = Choose();
      return piece || stopping_ || (!adding_more_ && unread_.empty());
    });
    if (stopping_ || !piece) return;
    std::vector<Commit> commits = std::move(unread_.extract(*piece).mapped());
    const bool early = adding_more_;
    if (early) ++early_readers_;
    std::vector<Part> spent = TakeSpent();
    lock.unlock();
    spent.clear();
    early ? ReadEarly(*piece, std::move(commits)) : ReadPiece(*piece, std::move(commits));
    lock.lock();
    if (early) --early_readers_;
  }
}

void HistoryReader::ReadPiece(std::size_t piece, std::vector<Commit> commits) {
  Part part;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    part.facts.push_back(Read(commits[i], part.bytes));
    part.ends_piece = i + 1 == commits.size();
    if (!part.ends_piece && part.bytes < part_bytes_) continue;
    const bool done = part.ends_piece;
    Give(piece, std::exchange(part, Part{}));
    if (done) return;
    std::unique_lock lock(mutex_);
    event_.wait(lock, [this, piece] { return stopping_ || MayRead(piece); });
    if (stopping_) return;
  }
}

void HistoryReader::ReadEarly(std::size_t piece, std::vector<Commit> commits) {
  Part part;
  for (Commit& commit : commits) {
    part.facts.push_back(Read(commit, part.bytes));
    if (part.bytes >= large_bytes_) {
      const std::lock_guard lock(mutex_);
      unread_.emplace(piece, std::move(commits));
      early_ = false;
      event_.notify_all();
      return;
    }
  }
  part.ends_piece = true;
  Give(piece, std::move(part));
}

void HistoryReader::Give(std::size_t piece, Part part) {
  const std::lock_guard lock(mutex_);
  Part& ready = ready_[piece];
  ready_bytes_ += part.bytes;
  ready.bytes += part.bytes;
  ready.ends_piece = part.ends_piece;
  std::move(part.facts.begin(), part.facts.end(), std::back_inserter(ready.facts));
  event_.notify_all();
}

absl::StatusOr<GitObject> HistoryReader::ReadObject(const Oid& oid, std::int64_t& bytes) {
  GREFFE_ASSIGN_OR_RETURN(GitObject object, objects_.Read(project_, oid));
  bytes += static_cast<std::int64_t>(object.data.size());
  return object;
}

absl::StatusOr<CommitFacts> HistoryReader::Read(Commit& step, std::int64_t& bytes) {
  bytes += static_cast<std::int64_t>(step.data.size());
  std::string data = std::exchange(step.data, {});
  if (data.empty()) {
    GREFFE_ASSIGN_OR_RETURN(GitObject object, ReadObject(step.oid, bytes));
    data = std::move(object.data);
  }
  GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(data));
  ChangedRecords records;
  GREFFE_ASSIGN_OR_RETURN(CommitFacts facts, ReadCommitFacts(project_, step.oid, commit, records));
  if (records.project) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, ReadObject(*records.project, bytes));
    facts.project_record.emplace();
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, *facts.project_record));
    GREFFE_RETURN_IF_ERROR(CheckName(facts.project_record->name(), ProjectName(project_)));
    facts.project_record->set_etag(records.project->Hex());
  }
  facts.documents.reserve(records.documents.size());
  for (const auto& [number, record] : records.documents) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, ReadObject(record, bytes));
    v1::Document document;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, document));
    GREFFE_RETURN_IF_ERROR(CheckName(document.name(), FormatDocumentName(project_, number)));
    document.set_etag(record.Hex());
    facts.documents.push_back(std::move(document));
  }
  for (const ChangedRecord& changed : records.records) {
    GREFFE_ASSIGN_OR_RETURN(RecordPtr record, ReadRecord(changed, bytes));
    facts.records.push_back({changed.collection, changed.id, std::move(record), changed.blob.Hex()});
  }
  return facts;
}

absl::StatusOr<RecordPtr> HistoryReader::ReadRecord(const ChangedRecord& changed, std::int64_t& bytes) {
  const RecordKind* kind = FindRecordKind(changed.collection);
  if (kind == nullptr) {
    return Error(
        absl::StatusCode::kFailedPrecondition, kRecordFormatNewer,
        "project '" + project_ + "' has records of '" + changed.collection + "', which this program does not know");
  }
  if (changed.blob.IsZero()) return RecordPtr();
  GREFFE_ASSIGN_OR_RETURN(const GitObject blob, ReadObject(changed.blob, bytes));
  RecordPtr record = kind->New();
  GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, *record));
  // A version is named by its document alone.
  if (kind != &KindOf<v1::Version>()) {
    GREFFE_RETURN_IF_ERROR(CheckName(NameOf(*record), FormatRecordName(project_, changed.collection, changed.id)));
  }
  return record;
}

}  // namespace greffe
