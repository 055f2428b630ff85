#include "storage/index/record_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/baseline_rules.h"
#include "storage/base/errors.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/record_fields.h"
#include "storage/base/tally_rules.h"
#include "storage/index/keys.h"
#include "storage/index/link_writer.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using FieldValue = std::pair<std::string, std::string>;  // the posting's field, its value

std::vector<FieldValue> ValuesOf(const std::string& collection, const Message* record) {
  std::vector<FieldValue> values;
  if (record == nullptr) return values;
  for (const FieldDescriptor* field : IndexedFields(*record->GetDescriptor())) {
    for (std::string& text : FieldTexts(*record, *field)) {
      values.emplace_back(RecordPostingField(collection, field->name()), std::move(text));
    }
  }
  for (const OrderedWithin& pair : FieldsOrderedWithin(*record->GetDescriptor())) {
    const std::string ordered = '\0' + FieldTexts(*record, *pair.field).front();
    for (const std::string& text : FieldTexts(*record, *pair.within)) {
      values.emplace_back(RecordPostingField(collection, pair), text + ordered);
    }
  }
  if (record->GetDescriptor()->options().HasExtension(v1::register_policy)) {
    for (const auto& [id, value] : AttributesOf(*record)) {
      values.emplace_back(RecordPostingField(collection, "attributes." + id), AttributeText(value));
    }
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

void SetField(Message& record, const char* name, const std::string& value) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) record.GetReflection()->SetString(&record, field, value);
}

void CopyField(Message& record, const char* name, const Message& value) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) record.GetReflection()->MutableMessage(&record, field)->CopyFrom(value);
}

// What a version's record says of its life; everything else was fixed at its check-in.
absl::Status CompleteVersion(const IndexBatch& batch, const std::string& project, const std::string& id,
                             v1::Version& version) {
  const std::size_t slash = id.rfind('/');
  std::int64_t number = 0;
  if (slash == std::string::npos || !absl::SimpleAtoi(id.substr(slash + 1), &number)) {
    return Damaged("record of version '" + id + "'", "its id is none");
  }
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Version> made, batch.FindVersion(project, id.substr(0, slash), number));
  if (!made) return Damaged("record of version '" + id + "'", "there is no such version");
  CopyLife(version, *made);
  version = *std::move(made);
  return absl::OkStatus();
}

}  // namespace

RecordWriter::RecordWriter(IndexBatch& batch, CommitFacts& facts)
    : batch_(batch), facts_(facts), project_(facts.project), sequence_(facts.change.sequence()) {}

absl::Status RecordWriter::Write() {
  for (RecordChange& change : facts_.records) {
    const RecordKind* kind = FindRecordKind(change.collection);
    if (kind == nullptr) return Damaged("record of '" + change.collection + "'", "there is no such collection");
    GREFFE_RETURN_IF_ERROR(WriteRecord(*kind, change));
  }
  return LinkWriter(batch_, facts_).CheckEnds();
}

absl::Status RecordWriter::WriteRecord(const RecordKind& kind, RecordChange& change) {
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, batch_.FindRecord(kind, project_, change.id));
  const bool link = &kind == &KindOf<v1::Link>();
  LinkWriter links(batch_, facts_);
  if (change.record != nullptr) {
    GREFFE_RETURN_IF_ERROR(FillOutputFields(change, before));
    if (kind.prototype->GetDescriptor() == v1::Baseline::descriptor()) {
      WriteBaseline(static_cast<v1::Baseline&>(*change.record), change.id);
    }
    if (kind.prototype->GetDescriptor() == v1::Version::descriptor()) WriteRevision(change, before);
    if (kind.compute != nullptr) kind.compute(*change.record);
    if (link) {
      GREFFE_RETURN_IF_ERROR(
          links.Complete(static_cast<v1::Link&>(*change.record), static_cast<const v1::Link*>(before.get())));
    }
    GREFFE_RETURN_IF_ERROR(WriteCounter(change));
  }
  PutRecordRow(batch_, project_, kind, change.id, sequence_, change.record);
  PutRecordPostings(batch_, project_, kind, change.id, sequence_, before.get(), change.record.get());
  if (link) {
    GREFFE_RETURN_IF_ERROR(links.Put(change.id, static_cast<const v1::Link*>(before.get()),
                                     static_cast<const v1::Link*>(change.record.get())));
  }
  AddEntry(change, before);
  return absl::OkStatus();
}

absl::Status RecordWriter::FillOutputFields(RecordChange& change, const RecordPtr& before) const {
  Message& record = *change.record;
  SetName(record, FormatRecordName(project_, change.collection, change.id));
  if (record.GetDescriptor() == v1::Version::descriptor()) {
    return CompleteVersion(batch_, project_, change.id, static_cast<v1::Version&>(record));
  }
  const v1::Change& commit = facts_.change;
  const FieldDescriptor* create_time = record.GetDescriptor()->FindFieldByName("create_time");
  if (create_time != nullptr) {
    CopyField(record, "create_time",
              before == nullptr ? commit.effective_time() : before->GetReflection()->GetMessage(*before, create_time));
  }
  CopyField(record, "update_time", commit.effective_time());
  CopyField(record, "last_modifier", commit.author());
  SetField(record, "commit", commit.commit());
  SetField(record, "etag", change.etag);
  const FieldDescriptor* sequence = record.GetDescriptor()->FindFieldByName("sequence");
  if (sequence != nullptr) record.GetReflection()->SetInt64(&record, sequence, sequence_);
  return absl::OkStatus();
}

// Its documents have rows of their own, so that lists of baselines stay small.
void RecordWriter::WriteBaseline(v1::Baseline& baseline, const std::string& id) {
  const std::string prefix = keys::FrozenPrefix(project_, id);
  for (const v1::BaselineDocument& document : baseline.documents()) {
    batch_.Put(prefix + NumberOrder(document.number()), SerializeRow(document));
  }
  for (const TagMark& tag : facts_.tags) {
    if (tag.name == BaselineTag(id)) baseline.set_tag_object(tag.object.Hex());
  }
}

// The code that its release gave it finds it, whatever became of it.
void RecordWriter::WriteRevision(const RecordChange& change, const RecordPtr& before) {
  const auto& version = static_cast<const v1::Version&>(*change.record);
  const std::string& revision = version.revision();
  if (revision.empty() || (before != nullptr && static_cast<const v1::Version&>(*before).revision() == revision)) {
    return;
  }
  const std::string number = change.id.substr(0, change.id.rfind('/'));
  std::string row;
  keys::AppendVarint(row, static_cast<std::uint64_t>(version.number()));
  batch_.Put(keys::AtSequence(keys::RevisionPrefix(project_, number, revision), sequence_), row);
  batch_.PutCurrent(keys::CurrentRevisionKey(project_, number, revision), row);
}

// Remembers the largest counter of ids such as "RVW-0012", whoever chose it. What has more than 12 digits was rather
// meant as something else, such as a date and time, unless it follows the largest one: then it was given.
absl::Status RecordWriter::WriteCounter(const RecordChange& change) {
  const std::size_t dash = change.id.rfind('-');
  std::int64_t counter = 0;
  if (dash == std::string::npos || !absl::SimpleAtoi(change.id.substr(dash + 1), &counter) || counter < 1) {
    return absl::OkStatus();
  }
  const bool is_long = change.id.size() - dash > 13;
  const std::string prefix = RecordCounter(change.collection, change.id.substr(0, dash));
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t largest, batch_.FindCounter(project_, prefix));
  if (counter <= largest || (is_long && counter != largest + 1)) return absl::OkStatus();
  std::string row;
  keys::AppendBigEndian(row, counter);
  batch_.PutCurrent(keys::Point(keys::kCounter, project_, prefix), row);
  return absl::OkStatus();
}

void RecordWriter::AddEntry(const RecordChange& change, const RecordPtr& before) {
  v1::ChangeEntry& entry = *facts_.change.add_entries();
  entry.set_resource(FormatRecordName(project_, change.collection, change.id));
  if (change.record == nullptr) {
    entry.set_kind(v1::CHANGE_KIND_DELETED);
    return;
  }
  const bool made = before == nullptr && change.record->GetDescriptor() != v1::Version::descriptor();
  entry.set_kind(made ? v1::CHANGE_KIND_CREATED : v1::CHANGE_KIND_UPDATED);
  entry.set_state(StateText(*change.record));
}

void PutRecordRow(IndexBatch& batch, std::string_view project, const RecordKind& kind, std::string_view id,
                  std::int64_t sequence, const RecordPtr& record) {
  const std::string current = keys::CurrentRecordKey(project, kind.collection, id);
  const std::string key = keys::AtSequence(keys::RecordPrefix(project, kind.collection, id), sequence);
  if (record == nullptr) {
    batch.Put(key, "");
    batch.DeleteCurrent(current);
    return;
  }
  const std::string row = RecordRow{sequence, record}.Encode();
  batch.Put(key, row);
  batch.PutCurrent(current, row);
}

void PutRecordPostings(IndexBatch& batch, std::string_view project, const RecordKind& kind, std::string_view id,
                       std::int64_t sequence, const Message* before, const Message* after) {
  const std::vector<FieldValue> old_values = ValuesOf(kind.collection, before);
  const std::vector<FieldValue> new_values = ValuesOf(kind.collection, after);
  const std::string order = NumberOrder(id) + '\0';
  const auto put = [&](const FieldValue& value, const char* there) {
    batch.Put(keys::AtSequence(keys::PostingPrefix(project, value.first, value.second) + order, sequence), there);
  };
  batch.tallies_.Change(before == nullptr ? std::vector<TallyCount>{} : CountsOf(kind, *before),
                        after == nullptr ? std::vector<TallyCount>{} : CountsOf(kind, *after));
  for (const FieldValue& value : old_values) {
    if (!std::binary_search(new_values.begin(), new_values.end(), value)) put(value, "");
  }
  for (const FieldValue& value : new_values) {
    if (!std::binary_search(old_values.begin(), old_values.end(), value)) put(value, "1");
  }
}

std::string RecordPostingField(std::string_view collection, std::string_view field) {
  std::string text(collection);
  text += ':';
  text += field;
  return text;
}

std::string RecordPostingField(std::string_view collection, const OrderedWithin& pair) {
  return RecordPostingField(collection, pair.within->name() + "/" + pair.field->name());
}

std::string RecordCounter(std::string_view collection, std::string_view prefix) {
  return RecordPostingField(collection, prefix);
}

}  // namespace greffe
