#include "tests/model/board.h"

#include <algorithm>
#include <iterator>

#include "greffe/v1/locks.pb.h"
#include "greffe/v1/tables.pb.h"
#include "tests/model/registers.h"

namespace greffe::model {
namespace {

constexpr std::size_t kKept = 3;      // states of a document
constexpr std::size_t kWrites = 100;  // requests that may be repeated
constexpr std::size_t kTables = 6;    // that may be imported

}  // namespace

const v1::Document* Board::Knowledge::AnyDocument(Dice& dice) const {
  if (documents.empty()) return nullptr;
  const auto& states = std::next(documents.begin(), dice.Below(static_cast<std::int64_t>(documents.size())))->second;
  return (dice.OneIn(4) ? dice.Of(states) : states.back()).get();
}

Board::Knowledge& Board::Find(const std::string& project) {
  Knowledge& knowledge = projects_[project];
  knowledge.project = project;
  return knowledge;
}

Board::Knowledge Board::Of(const std::string& project) {
  const std::lock_guard lock(mutex_);
  return Find(project);
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
  if (states.size() > kKept) states.erase(states.begin());
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
