#include "storage/store/history_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/this_thread.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr std::size_t kPieceCommits = 64;
constexpr std::size_t kPiecesAhead = 8;

}  // namespace

HistoryReader::HistoryReader(ObjectSource& objects, std::string project, std::vector<Commit> way,
                             std::int64_t most_bytes)
    : objects_(objects),
      project_(std::move(project)),
      way_(std::move(way)),
      most_bytes_(most_bytes),
      part_bytes_(most_bytes / 8),
      pieces_((way_.size() + kPieceCommits - 1) / kPieceCommits) {
  if (pieces_ < 2) return;  // not worth a thread
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
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
  if (threads_.empty()) {
    current_.facts.push_back(Read(way_[read_], current_.bytes));
    way_[read_++].data = {};
    return;
  }
  // What is large is freed now: the threads may all wait for what is read to be taken.
  if (spent.bytes >= part_bytes_) spent = Part{};
  std::unique_lock lock(mutex_);
  event_.wait(lock, [this] {
    const auto found = ready_.find(next_to_give_);
    return found != ready_.end() && !found->second.facts.empty();
  });
  current_ = std::exchange(ready_.at(next_to_give_), Part{});
  ready_bytes_ -= current_.bytes;
  if (current_.ends_piece) ready_.erase(next_to_give_++);
  if (!spent.facts.empty()) spent_.push_back(std::move(spent));
  event_.notify_all();
}

std::int64_t HistoryReader::BytesAhead() const {
  const std::lock_guard lock(mutex_);
  return ready_bytes_;
}

// The piece that is taken from goes on as soon as nothing is left of it to be taken, or nobody would.
bool HistoryReader::MayRead(std::size_t piece) const {
  if (ready_bytes_ < most_bytes_) return true;
  if (piece != next_to_give_) return false;
  const auto found = ready_.find(piece);
  return found == ready_.end() || found->second.facts.empty();
}

void HistoryReader::Run() {
  NameThisThread("history");
  std::unique_lock lock(mutex_);
  while (true) {
    event_.wait(lock, [this] {
      return stopping_ || next_to_read_ == pieces_ ||
             (next_to_read_ < next_to_give_ + kPiecesAhead && MayRead(next_to_read_));
    });
    if (stopping_ || next_to_read_ == pieces_) return;
    const std::size_t piece = next_to_read_++;
    std::vector<Part> spent = std::exchange(spent_, {});
    lock.unlock();
    spent.clear();
    ReadPiece(piece);
    lock.lock();
  }
}

void HistoryReader::ReadPiece(std::size_t piece) {
  const std::size_t end = std::min(way_.size(), (piece + 1) * kPieceCommits);
  Part part;
  for (std::size_t i = piece * kPieceCommits; i < end; ++i) {
    part.facts.push_back(Read(way_[i], part.bytes));
    way_[i].data = {};
    part.ends_piece = i + 1 == end;
    if (!part.ends_piece && part.bytes < part_bytes_) continue;
    Give(piece, std::exchange(part, Part{}));
    if (i + 1 == end) return;
    std::unique_lock lock(mutex_);
    event_.wait(lock, [this, piece] { return stopping_ || MayRead(piece); });
    if (stopping_) return;
  }
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

absl::StatusOr<CommitFacts> HistoryReader::Read(const Commit& step, std::int64_t& bytes) {
  bytes += static_cast<std::int64_t>(step.data.size());
  std::string read;
  if (step.data.empty()) {
    GREFFE_ASSIGN_OR_RETURN(GitObject object, ReadObject(step.oid, bytes));
    read = std::move(object.data);
  }
  GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(step.data.empty() ? read : step.data));
  ChangedRecords records;
  GREFFE_ASSIGN_OR_RETURN(CommitFacts facts, ReadCommitFacts(project_, step.oid, commit, records));
  if (records.project) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, ReadObject(*records.project, bytes));
    facts.project_record.emplace();
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, *facts.project_record));
    facts.project_record->set_etag(records.project->Hex());
  }
  facts.documents.reserve(records.documents.size());
  for (const auto& [number, record] : records.documents) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, ReadObject(record, bytes));
    v1::Document document;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, document));
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
  return record;
}

}  // namespace greffe
