#include "tests/model/board.h"

#include <algorithm>
#include <iterator>

#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/locks.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/reviews.pb.h"
#include "greffe/v1/tables.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "tests/model/registers.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

constexpr std::size_t kKept = 3;      // states of a document
constexpr std::size_t kWrites = 100;  // requests that may be repeated
constexpr std::size_t kTables = 6;    // that may be imported

bool IsRecord(const google::protobuf::Descriptor& type) {
  return &type == v1::Milestone::descriptor() || &type == v1::Deliverable::descriptor() ||
         &type == v1::Baseline::descriptor() || &type == v1::Link::descriptor() ||
         &type == v1::Transmittal::descriptor();
}

// The answer itself, or what it lists.
template <typename Visit>
void ForEachRecord(const google::protobuf::Message& answer, Visit visit) {
  if (IsRecord(*answer.GetDescriptor())) return visit(answer);
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const auto& field = *answer.GetDescriptor()->field(i);
    if (!field.is_repeated() || field.message_type() == nullptr || !IsRecord(*field.message_type())) continue;
    const auto& reflection = *answer.GetReflection();
    for (int at = 0; at < reflection.FieldSize(answer, &field); ++at) {
      visit(reflection.GetRepeatedMessage(answer, &field, at));
    }
  }
}

}  // namespace

const v1::Document* Board::Knowledge::AnyDocument(Dice& dice) const {
  if (documents.empty()) return nullptr;
  const auto& states = std::next(documents.begin(), dice.Below(static_cast<std::int64_t>(documents.size())))->second;
  return (dice.OneIn(4) ? dice.Of(states) : states.back()).get();
}

std::vector<std::string> Board::Knowledge::LatestIn(v1::VersionState state) const {
  std::vector<std::string> names;
  for (const auto& [document, version] : latest) {
    const auto& states = documents.find(document);
    const bool withdrawn = states != documents.end() && states->second.back()->state() == v1::DOCUMENT_STATE_WITHDRAWN;
    if (!withdrawn && version->state() == state) names.push_back(version->name());
  }
  return names;
}

Board::Knowledge& Board::Find(const std::string& project) {
  Knowledge& knowledge = projects_[project];
  knowledge.project = project;
  return knowledge;
}

Board::Knowledge Board::Of(const std::string& project, const std::string& caller) {
  const std::lock_guard lock(mutex_);
  Knowledge knowledge = Find(project);
  knowledge.caller = caller;
  return knowledge;
}

void Board::Learn(const Call& call) {
  const std::lock_guard guard(mutex_);
  Knowledge& knowledge = Find(call.project);
  if (!RequestIdOf(*call.request).empty()) {
    knowledge.writes.push_back(call.request);
    if (knowledge.writes.size() > kWrites) knowledge.writes.pop_front();
  }
  if (!call.status.ok()) return;
  if (const auto* project = dynamic_cast<const v1::Project*>(call.answer.get())) {
    knowledge.sequence = std::max(knowledge.sequence, project->sequence());
    knowledge.etags.push_back(project->etag());
    knowledge.types = project->document_types();
    if (knowledge.etags.size() > kKept) knowledge.etags.erase(knowledge.etags.begin());
  }
  if (const auto* document = dynamic_cast<const v1::Document*>(call.answer.get())) LearnDocument(knowledge, *document);
  if (const auto* one = dynamic_cast<const v1::CheckInResponse*>(call.answer.get()))
    LearnDocument(knowledge, one->document());
  if (const auto* many = dynamic_cast<const v1::BatchCheckInResponse*>(call.answer.get())) {
    for (const auto& one : many->results()) LearnDocument(knowledge, one.document());
  }
  if (const auto* lock = dynamic_cast<const v1::Lock*>(call.answer.get())) {
    const std::string document = lock->name().substr(0, lock->name().rfind('/'));
    if (lock->released()) {
      knowledge.locked.erase(document);
    } else {
      knowledge.locked.insert(document);
    }
  }
  if (const auto* list = dynamic_cast<const v1::ListDocumentsResponse*>(call.answer.get())) {
    for (const auto& document : list->documents()) LearnDocument(knowledge, document);
  }
  if (const auto* table = dynamic_cast<const v1::ExportTableResponse*>(call.answer.get())) {
    const auto& request = dynamic_cast<const v1::ExportTableRequest&>(*call.request);
    knowledge.tables.push_back(std::make_shared<Knowledge::Table>(Knowledge::Table{request.parent(), table->data()}));
    if (knowledge.tables.size() > kTables) knowledge.tables.pop_front();
  }
  if (const auto* version = dynamic_cast<const v1::Version*>(call.answer.get())) LearnVersion(knowledge, *version);
  if (const auto* review = dynamic_cast<const v1::Review*>(call.answer.get())) LearnReview(knowledge, *review);
  if (const auto* list = dynamic_cast<const v1::ListReviewsResponse*>(call.answer.get())) {
    for (const auto& review : list->reviews()) LearnReview(knowledge, review);
  }
  if (const auto* deletion = dynamic_cast<const v1::DeleteLinkRequest*>(call.request.get())) {
    knowledge.records.erase(deletion->name());
    return;
  }
  ForEachRecord(*call.answer, [&](const auto& record) { LearnRecord(knowledge, record); });
  if (const auto* entry = dynamic_cast<const v1::Entry*>(call.answer.get())) LearnEntry(knowledge, *entry);
  if (const auto* list = dynamic_cast<const v1::ListEntriesResponse*>(call.answer.get())) {
    for (const auto& entry : list->entries()) LearnEntry(knowledge, entry);
  }
}

void Board::LearnDocument(Knowledge& knowledge, const v1::Document& document) {
  knowledge.sequence = std::max(knowledge.sequence, document.sequence());
  auto& states = knowledge.documents[document.name()];
  if (!states.empty() && states.back()->sequence() >= document.sequence()) return;
  states.push_back(std::make_shared<v1::Document>(document));
  if (document.has_latest_version()) LearnVersion(knowledge, document.latest_version());
  if (states.size() > kKept) states.erase(states.begin());
}

void Board::LearnVersion(Knowledge& knowledge, const v1::Version& version) {
  std::shared_ptr<const v1::Version>& last = knowledge.latest[DocumentNameIn(version.name())];
  if (last == nullptr || last->number() <= version.number()) last = std::make_shared<v1::Version>(version);
}

void Board::LearnReview(Knowledge& knowledge, const v1::Review& review) {
  knowledge.sequence = std::max(knowledge.sequence, review.sequence());
  std::shared_ptr<const v1::Review>& last = knowledge.reviews[review.name()];
  if (last != nullptr && last->sequence() >= review.sequence()) return;
  last = std::make_shared<v1::Review>(review);
  const auto found = knowledge.latest.find(review.document());
  if (found == knowledge.latest.end() || found->second->name() != review.version()) return;
  const auto version = std::make_shared<v1::Version>(*found->second);
  const bool approved =
      review.state() == v1::REVIEW_STATE_APPROVED || review.state() == v1::REVIEW_STATE_APPROVED_WITH_COMMENTS;
  version->set_state(review.state() == v1::REVIEW_STATE_OPEN ? v1::VERSION_STATE_IN_REVIEW
                     : approved                              ? v1::VERSION_STATE_APPROVED
                                                             : v1::VERSION_STATE_DRAFT);
  found->second = version;
}

void Board::LearnRecord(Knowledge& knowledge, const google::protobuf::Message& record) {
  const std::int64_t sequence = SequenceOf(record);
  knowledge.sequence = std::max(knowledge.sequence, sequence);
  std::shared_ptr<const google::protobuf::Message>& last = knowledge.records[Text(record, "name")];
  // A link's state changes without it.
  if (last == nullptr || SequenceOf(*last) <= sequence) last = CopyOf(record);
}

void Board::LearnEntry(Knowledge& knowledge, const v1::Entry& entry) {
  const google::protobuf::Message& record = *EntryIn(entry);
  const std::int64_t sequence = SequenceOf(record);
  knowledge.sequence = std::max(knowledge.sequence, sequence);
  auto& states = knowledge.entries[Text(record, "name")];
  if (!states.empty() && SequenceOf(*states.back()) >= sequence) return;
  states.push_back(CopyOf(record));
  if (states.size() > kKept) states.erase(states.begin());
}

}  // namespace greffe::model
