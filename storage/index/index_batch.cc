#include "storage/index/index_batch.h"

#include <utility>

#include "greffe/v1/contents.pb.h"
#include "rocksdb/write_batch.h"
#include "storage/base/errors.h"
#include "storage/index/bulk_batch.h"
#include "storage/index/index.h"
#include "storage/index/keys.h"
#include "storage/index/project_view.h"
#include "storage/index/record_row.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxParsed = 1000;         // documents, a few MB
constexpr std::size_t kMaxParsedInBulk = 16384;  // some 50 MB, beside the rows that are held

}  // namespace

IndexBatch::IndexBatch(const Index& index, const IndexBatch* before)
    : index_(index), before_(before), rows_(std::make_unique<rocksdb::WriteBatch>()) {}
IndexBatch::~IndexBatch() = default;
IndexBatch::IndexBatch(IndexBatch&&) noexcept = default;

IndexBatch IndexBatch::OfWholeHistory(const Index& index) {
  IndexBatch batch(index);
  const Index::State& state = *index.state_;
  const std::string folder = state.options.directory + "/" + kBulkPrefix;
  const std::int64_t file_bytes = state.options.bulk_bytes / 8;
  batch.bulk_.reset(new Bulk{{folder + "rows_", state.db->GetOptions(state.rows), file_bytes},
                             {folder + "current_", state.db->GetOptions(state.current), file_bytes}});
  return batch;
}

std::int64_t IndexBatch::bytes() const {
  if (bulk_ != nullptr) return bulk_->rows.bytes() + bulk_->overlay_bytes;
  return static_cast<std::int64_t>(rows_->GetDataSize());
}

void IndexBatch::Put(std::string_view key, std::string_view value) {
  if (bulk_ != nullptr) return bulk_->rows.Put(key, value);
  rows_->Put(index_.state_->rows, ToSlice(key), ToSlice(value));
}

void IndexBatch::PutVersion(const std::string& key, std::string value) {
  Put(key, value);
  if (bulk_ != nullptr) bulk_->Count(key, value);
  overlay_[key] = std::move(value);
}

void IndexBatch::WriteCurrent(const std::string& key, const std::string& value) {
  if (bulk_ == nullptr) {
    rows_->Put(index_.state_->current, key, value);
  } else {
    bulk_->Count(key, value);
  }
}

void IndexBatch::PutCurrent(const std::string& key, std::string value) {
  ForgetParsed(key);
  WriteCurrent(key, value);
  overlay_[key] = std::move(value);
}

void IndexBatch::DeleteCurrent(const std::string& key) {
  ForgetParsed(key);
  if (bulk_ == nullptr) rows_->Delete(index_.state_->current, key);
  overlay_[key] = std::nullopt;
}

void IndexBatch::PutLink(const std::string& key, std::string value) {
  WriteCurrent(key, value);
  link_overlay_[key] = std::move(value);
}

void IndexBatch::DeleteLink(const std::string& key) {
  if (bulk_ == nullptr) rows_->Delete(index_.state_->current, key);
  link_overlay_[key] = std::nullopt;
}

void IndexBatch::DeleteContent(std::string_view project, std::string_view number) {
  if (bulk_ != nullptr) return;  // there is none
  std::string key(project);
  key += '\0';
  key += number;
  rows_->Delete(index_.state_->content, key);
}

const std::optional<std::string>* IndexBatch::FindHeld(const std::string& key) const {
  if (const auto found = overlay_.find(key); found != overlay_.end()) return &found->second;
  if (before_ == nullptr) return nullptr;
  const auto found = before_->overlay_.find(key);
  return found != before_->overlay_.end() ? &found->second : nullptr;
}

absl::StatusOr<std::optional<std::string>> IndexBatch::Get(const std::string& key) const {
  if (const std::optional<std::string>* held = FindHeld(key); held != nullptr) return *held;
  if (bulk_ != nullptr && bulk_->complete) return std::nullopt;
  return index_.state_->Get(index_.state_->current, key);
}

absl::StatusOr<ProjectView> IndexBatch::ViewOfIndex(std::string_view project) const {
  return ProjectView::Open(index_, project);
}

absl::StatusOr<std::optional<ProjectMark>> IndexBatch::FindMark(std::string_view project) const {
  std::string key(1, keys::kMark);
  key += project;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(key));
  if (!row) return std::nullopt;
  return ProjectMark::Decode(*row);
}

template <typename Message>
absl::StatusOr<std::shared_ptr<const Message>> IndexBatch::FindParsed(std::string key, Parsed<Message>& parsed) const {
  if (const auto found = parsed.find(key); found != parsed.end()) return found->second;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(key));
  if (!row) return std::shared_ptr<const Message>();
  GREFFE_ASSIGN_OR_RETURN(Message message, ParseRow<Message>(*row));
  if (parsed.size() >= (bulk_ != nullptr ? kMaxParsedInBulk : kMaxParsed)) parsed.clear();
  return parsed.emplace(std::move(key), std::make_shared<const Message>(std::move(message))).first->second;
}

void IndexBatch::KeepParsed(CommitFacts& facts) {
  for (v1::Document& document : facts.documents) {
    if (documents_.size() >= kMaxParsedInBulk) documents_.clear();
    const std::string_view number = std::string_view(document.name()).substr(document.name().rfind('/') + 1);
    std::string key = keys::Point(keys::kCurrentDocument, facts.project, number);
    documents_[std::move(key)] = std::make_shared<const v1::Document>(std::move(document));
  }
  facts.documents.clear();
}

void IndexBatch::ForgetParsed(const std::string& key) {
  if (key[0] == keys::kCurrentDocument) documents_.erase(key);
  if (key[0] == keys::kCurrentProject) projects_.erase(key);
}

absl::StatusOr<std::shared_ptr<const v1::Project>> IndexBatch::FindProject(std::string_view project) const {
  std::string key(1, keys::kCurrentProject);
  key += project;
  return FindParsed(std::move(key), projects_);
}

absl::StatusOr<std::shared_ptr<const v1::Document>> IndexBatch::FindDocument(std::string_view project,
                                                                             std::string_view number) const {
  return FindParsed(keys::Point(keys::kCurrentDocument, project, number), documents_);
}

absl::StatusOr<std::optional<std::string>> IndexBatch::FindPathClaim(std::string_view project,
                                                                     std::string_view folded) const {
  return Get(keys::Point(keys::kPathClaim, project, folded));
}

absl::StatusOr<std::optional<FolderClaim>> IndexBatch::FindFolder(std::string_view project,
                                                                  std::string_view folded) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kFolder, project, folded)));
  if (!row) return std::nullopt;
  std::string_view rest = *row;
  const std::optional<std::uint64_t> count = keys::TakeVarint(rest);
  if (!count) return DamagedRow("folder");
  return FolderClaim{std::string(rest), static_cast<std::int64_t>(*count)};
}

absl::StatusOr<std::optional<std::string>> IndexBatch::FindAlternate(std::string_view project,
                                                                     std::string_view number) const {
  return Get(keys::Point(keys::kCurrentAlternate, project, number));
}

absl::StatusOr<std::optional<std::int64_t>> IndexBatch::FindRevision(std::string_view project, std::string_view number,
                                                                     std::string_view revision) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          Get(keys::CurrentRevisionKey(project, number, revision)));
  if (!row) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t version, ParseNumberRow(*row, "revision"));
  return version;
}

absl::StatusOr<RecordPtr> IndexBatch::FindRecord(const RecordKind& kind, std::string_view project,
                                                 std::string_view id) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          Get(keys::CurrentRecordKey(project, kind.collection, id)));
  if (!row) return RecordPtr();
  GREFFE_ASSIGN_OR_RETURN(RecordRow decoded, RecordRow::Decode(kind, *row));
  return std::move(decoded.record);
}

absl::StatusOr<std::int64_t> IndexBatch::CountLinks(std::string_view project, std::string_view subject) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kLinkCount, project, subject)));
  if (!row) return 0;
  return ParseNumberRow(*row, "link count");
}

absl::StatusOr<std::vector<IndexBatch::FoundLink>> IndexBatch::ListLinks(std::string_view project,
                                                                         std::string_view subject) const {
  const std::string prefix = keys::CurrentLinkPrefix(project, subject);
  const std::string end = keys::PrefixEnd(prefix);
  std::map<std::string, std::string> rows;
  const rocksdb::Slice upper = ToSlice(end);
  const auto stored = index_.state_->NewIterator(index_.state_->current, &upper);
  for (stored->Seek(prefix); stored->Valid(); stored->Next()) {
    rows.emplace(ToView(stored->key()), ToView(stored->value()));
  }
  GREFFE_RETURN_IF_ERROR(index_.state_->Check(stored->status()));
  for (const IndexBatch* batch : {before_, this}) {
    if (batch == nullptr) continue;
    const auto& held = batch->link_overlay_;
    for (auto row = held.lower_bound(prefix); row != held.end() && row->first < end; ++row) {
      if (row->second) {
        rows[row->first] = *row->second;
      } else {
        rows.erase(row->first);
      }
    }
  }
  std::vector<FoundLink> links;
  links.reserve(rows.size());
  for (const auto& [key, value] : rows) {
    FoundLink& link = links.emplace_back();
    link.side = static_cast<LinkSide>(key[prefix.size()]);
    link.id = key.substr(prefix.size() + 1);
    GREFFE_RETURN_IF_ERROR(link.row.Decode(value));
  }
  return links;
}

absl::StatusOr<std::optional<std::string>> IndexBatch::FindLinkByKey(std::string_view project,
                                                                     std::string_view key) const {
  return Get(keys::Point(keys::kLinkKey, project, key));
}

std::vector<std::string> IndexBatch::ListHeldRecords(const RecordKind& kind, std::string_view project) const {
  const std::string prefix = keys::CurrentRecordKey(project, kind.collection, "");
  std::vector<std::string> ids;
  for (const IndexBatch* batch : {before_, this}) {
    if (batch == nullptr) continue;
    for (const auto& [key, row] : batch->overlay_) {
      if (row && key.starts_with(prefix)) ids.push_back(key.substr(prefix.size()));
    }
  }
  return ids;
}

absl::StatusOr<std::optional<v1::Version>> IndexBatch::FindVersion(std::string_view project, std::string_view number,
                                                                   std::int64_t version) const {
  const std::string key = keys::VersionKey(project, number, version);
  std::optional<std::string> row;
  if (const std::optional<std::string>* held = FindHeld(key); held != nullptr) {
    row = *held;
  } else if (bulk_ == nullptr || !bulk_->complete) {
    GREFFE_ASSIGN_OR_RETURN(row, index_.state_->Get(index_.state_->rows, key));
  }
  if (!row) return std::nullopt;
  return ParseRow<v1::Version>(*row);
}

absl::StatusOr<Tally> IndexBatch::FindTally(std::string_view project, std::string_view topic) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kCurrentTally, project, topic)));
  if (!row) return Tally{};
  return Tally::Decode(*row);
}

absl::StatusOr<std::int64_t> IndexBatch::FindCounter(std::string_view project, std::string_view prefix) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kCounter, project, prefix)));
  if (!row) return 0;
  if (row->size() != 8) return DamagedRow("counter");
  return keys::ReadBigEndian(*row);
}

absl::StatusOr<std::optional<IndexBatch::RequestRow>> IndexBatch::FindRequest(std::string_view project,
                                                                              std::string_view request_id) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kRequest, project, request_id)));
  if (!row) return std::nullopt;
  if (row->size() < 8) return DamagedRow("request");
  return RequestRow{keys::ReadBigEndian(*row), row->substr(8)};
}

absl::StatusOr<std::optional<v1::ImportSource>> IndexBatch::FindImportSource(std::string_view project,
                                                                             std::string_view source) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, Get(keys::Point(keys::kImportSource, project, source)));
  if (!row) return std::nullopt;
  return ParseRow<v1::ImportSource>(*row);
}

void IndexBatch::PutLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                                  std::string_view content) {
  v1::FetchContentResponse answer;
  *answer.mutable_version() = version;
  *answer.mutable_file() = version.main_file();
  answer.set_etag(version.main_file().sha256());
  answer.set_content(content.data(), content.size());
  std::string key(project);
  key += '\0';
  key += number;
  rows_->Put(index_.state_->content, key, SerializeRow(answer));
}

}  // namespace greffe
