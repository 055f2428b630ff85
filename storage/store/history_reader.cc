#include "storage/store/history_reader.h"

#include <algorithm>
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

HistoryReader::HistoryReader(ObjectSource& objects, std::string project, std::vector<Commit> way)
    : objects_(objects),
      project_(std::move(project)),
      way_(std::move(way)),
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
  if (position_ == current_.size()) {
    position_ = 0;
    if (threads_.empty()) {
      current_ = ReadPiece(next_to_give_++);
    } else {
      std::unique_lock lock(mutex_);
      event_.wait(lock, [this] { return ready_.contains(next_to_give_); });
      spent_.push_back(std::exchange(current_, std::move(ready_.extract(next_to_give_++).mapped())));
      event_.notify_all();
    }
  }
  absl::StatusOr<CommitFacts>& facts = current_[position_++];
  GREFFE_RETURN_IF_ERROR(facts.status());
  return &*facts;
}

void HistoryReader::Run() {
  NameThisThread("history");
  std::unique_lock lock(mutex_);
  while (true) {
    event_.wait(
        lock, [this] { return stopping_ || next_to_read_ == pieces_ || next_to_read_ < next_to_give_ + kPiecesAhead; });
    if (stopping_ || next_to_read_ == pieces_) return;
    const std::size_t piece = next_to_read_++;
    std::vector<Piece> spent = std::exchange(spent_, {});
    lock.unlock();
    spent.clear();
    Piece read = ReadPiece(piece);
    lock.lock();
    ready_.emplace(piece, std::move(read));
    event_.notify_all();
  }
}

HistoryReader::Piece HistoryReader::ReadPiece(std::size_t piece) {
  Piece facts;
  const std::size_t end = std::min(way_.size(), (piece + 1) * kPieceCommits);
  facts.reserve(kPieceCommits);
  for (std::size_t i = piece * kPieceCommits; i < end; ++i) {
    facts.push_back(Read(way_[i]));
    way_[i].data = {};
  }
  return facts;
}

absl::StatusOr<CommitFacts> HistoryReader::Read(const Commit& step) {
  std::string read;
  if (step.data.empty()) {
    GREFFE_ASSIGN_OR_RETURN(GitObject object, objects_.Read(project_, step.oid));
    read = std::move(object.data);
  }
  GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(step.data.empty() ? read : step.data));
  ChangedRecords records;
  GREFFE_ASSIGN_OR_RETURN(CommitFacts facts, ReadCommitFacts(project_, step.oid, commit, records));
  if (records.project) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, objects_.Read(project_, *records.project));
    facts.project_record.emplace();
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, *facts.project_record));
    facts.project_record->set_etag(records.project->Hex());
  }
  facts.documents.reserve(records.documents.size());
  for (const auto& [number, record] : records.documents) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, objects_.Read(project_, record));
    v1::Document document;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, document));
    document.set_etag(record.Hex());
    facts.documents.push_back(std::move(document));
  }
  for (const ChangedRecord& changed : records.records) {
    GREFFE_ASSIGN_OR_RETURN(RecordPtr record, ReadRecord(changed));
    facts.records.push_back({changed.collection, changed.id, std::move(record), changed.blob.Hex()});
  }
  return facts;
}

absl::StatusOr<RecordPtr> HistoryReader::ReadRecord(const ChangedRecord& changed) {
  const RecordKind* kind = FindRecordKind(changed.collection);
  if (kind == nullptr) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "RECORD_FORMAT_NEWER",
        "project '" + project_ + "' has records of '" + changed.collection + "', which this program does not know");
  }
  if (changed.blob.IsZero()) return RecordPtr();
  GREFFE_ASSIGN_OR_RETURN(const GitObject blob, objects_.Read(project_, changed.blob));
  RecordPtr record = kind->New();
  GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, *record));
  return record;
}

}  // namespace greffe
