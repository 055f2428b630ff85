// Rules of what freezes documents, and of what reads and compares that.
#include <algorithm>
#include <optional>

#include "google/protobuf/util/message_differencer.h"
#include "tests/model/draft.h"
#include "tests/model/plan_draft.h"
#include "tests/model/record_lists.h"
#include "tests/model/sent_paths.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;
using FrozenList = std::map<std::string, v1::BaselineDocument>;  // by number

struct Choice {
  FrozenList documents;
  int omitted = 0;
  std::int64_t bytes = 0;
  std::vector<std::string> paths;
};

std::int64_t Selected(const v1::Document& document, v1::BaselineSelection selection) {
  return selection == v1::BASELINE_SELECTION_RELEASED ? document.released_version()
                                                      : document.latest_version().number();
}

void Freeze(const Moment& moment, const v1::Document& document, std::int64_t number, Choice& choice) {
  const v1::Version& version = *moment.Find<v1::Version>(VersionName(document, number));
  v1::BaselineDocument& frozen = choice.documents[NumberOf(document)];
  frozen.set_number(NumberOf(document));
  frozen.set_version(number);
  frozen.set_path(document.path());
  frozen.set_manifest_sha256(version.manifest_sha256());
  frozen.set_state(version.state());
  frozen.set_revision(version.revision());
  choice.bytes += version.main_file().size();
  for (const v1::File& file : version.companions()) choice.bytes += file.size();
  AddPathsOf(document, version, choice.paths);
}

bool IsIn(const v1::BaselineScope& scope, const v1::Document& document) {
  if (document.state() != v1::DOCUMENT_STATE_ACTIVE) return false;
  if (scope.has_folder()) return document.path().starts_with(scope.folder() + "/");
  return !scope.has_type() || document.type() == scope.type();
}

// What a scope has at a moment; those of a list that do not fit with `refusals`.
Choice Choose(const Moment& moment, const v1::BaselineScope& scope, v1::BaselineSelection selection,
              Refusals& refusals) {
  Choice choice;
  if (!scope.has_list()) {
    for (const v1::Document* document : moment.All<v1::Document>()) {
      if (!IsIn(scope, *document)) continue;
      const std::int64_t number = Selected(*document, selection);
      if (number == 0) {
        ++choice.omitted;
      } else {
        Freeze(moment, *document, number, choice);
      }
    }
    return choice;
  }
  for (const std::string& name : scope.list().documents()) {
    const auto* document = moment.Find<v1::Document>(name);
    if (document == nullptr) {
      refusals.insert("NOT_FOUND DOCUMENT_NOT_FOUND");
    } else if (document->state() != v1::DOCUMENT_STATE_ACTIVE) {
      refusals.insert("FAILED_PRECONDITION DOCUMENT_WITHDRAWN");
    } else if (const std::int64_t number = Selected(*document, selection); number > 0) {
      Freeze(moment, *document, number, choice);
    } else {
      refusals.insert(selection == v1::BASELINE_SELECTION_RELEASED ? "FAILED_PRECONDITION NOTHING_RELEASED"
                                                                   : "FAILED_PRECONDITION NO_CONTENT");
    }
  }
  return choice;
}

void CheckValues(const v1::CreateBaselineRequest& request, Refusals& refusals) {
  const std::string& id = request.baseline_id();
  if (id.find(' ') != std::string::npos || id.ends_with(".lock")) refusals.insert("INVALID_ARGUMENT NAME_INVALID");
  const v1::Baseline& baseline = request.baseline();
  if (baseline.reason().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  if (baseline.kind() == "Design") refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  if (baseline.scope().folder().find("..") != std::string::npos) refusals.insert("INVALID_ARGUMENT PATH_INVALID");
  if (!baseline.scope().has_list()) return;
  std::set<std::string> seen;
  for (const std::string& name : baseline.scope().list().documents()) {
    const bool is_own = name.starts_with(request.parent() + "/");
    if (!seen.insert(name).second || !is_own) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  }
  if (seen.empty()) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
}

// The moment that is frozen: between the asking and the commit, which says which it was.
std::optional<Moment> SourceOf(const Moment& now, const v1::CreateBaselineRequest& request, const Made* made,
                               Refusals& refusals) {
  if (made == nullptr || request.as_of().has_baseline()) return now.At(request.as_of(), refusals);
  const std::int64_t frozen = dynamic_cast<const v1::Baseline&>(made->answer).frozen_sequence();
  if (frozen > now.sequence()) refusals.insert("it is not there yet");
  return now.project().At(std::min(frozen, now.sequence())).At(request.as_of(), refusals);
}

Expected CreateBaseline(const Moment& now, const v1::CreateBaselineRequest& request, const Made* made) {
  Refusals refusals;
  CheckValues(request, refusals);
  const auto source = SourceOf(now, request, made, refusals);
  if (!source || !refusals.empty()) return Expected::Refused(std::move(refusals));
  PlanDraft draft(now, made);
  v1::Baseline baseline;
  baseline.set_name(request.parent() + "/baselines/" + request.baseline_id());
  baseline.set_title(request.baseline().title());
  baseline.set_kind(request.baseline().kind().empty() ? "baseline" : request.baseline().kind());
  baseline.set_reason(request.baseline().reason());
  const v1::BaselineScope& scope = request.baseline().scope();
  if (scope.documents_case() != v1::BaselineScope::DOCUMENTS_NOT_SET) *baseline.mutable_scope() = scope;
  baseline.set_selection(request.baseline().selection());
  if (baseline.selection() == v1::BASELINE_SELECTION_UNSPECIFIED) {
    baseline.set_selection(v1::BASELINE_SELECTION_LATEST);
  }
  const Choice choice = Choose(*source, scope, baseline.selection(), refusals);
  if (choice.documents.empty()) refusals.insert("FAILED_PRECONDITION BASELINE_EMPTY");
  if (DoClash(choice.paths)) refusals.insert("FAILED_PRECONDITION PATHS_CLASH");
  if (draft.Find(baseline.name()) != nullptr) refusals.insert("ALREADY_EXISTS BASELINE_EXISTS");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  baseline.set_frozen_sequence(source->sequence());
  baseline.set_document_count(static_cast<int>(choice.documents.size()));
  baseline.set_omitted_count(choice.omitted);
  baseline.set_content_bytes(choice.bytes);
  auto documents = std::make_shared<v1::ListBaselineDocumentsResponse>();
  documents->set_total_size(baseline.document_count());
  for (const auto& [number, document] : choice.documents) {
    *baseline.add_documents() = document;
    *documents->add_documents() = document;
  }
  draft.Put(baseline);
  Expected expected = Answer<v1::Baseline>(draft, baseline.name(), {});
  expected.puts.push_back({baseline.name(), std::move(documents)});
  return expected;
}

Expected ListBaselineDocuments(const Moment& now, const v1::ListBaselineDocumentsRequest& request, const Made*) {
  if (!now.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  const auto* documents = now.Find<v1::ListBaselineDocumentsResponse>(request.parent());
  if (documents == nullptr) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  Expected expected;
  expected.answer = std::make_shared<v1::ListBaselineDocumentsResponse>(*documents);
  return expected;
}

// What is compared: two baselines, or a baseline and now.
struct Sides {
  const v1::Baseline* base = nullptr;
  const v1::Baseline* target = nullptr;  // nullptr: now
  std::int64_t target_sequence = 0;
};

std::optional<Sides> FindSides(const Moment& now, const std::string& base, const std::string& target,
                               Refusals& refusals) {
  Sides sides{now.Find<v1::Baseline>(base), now.Find<v1::Baseline>(target), now.sequence()};
  if (!now.exists()) {
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
  } else if (sides.base == nullptr || (!target.empty() && sides.target == nullptr)) {
    refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
  }
  if (!refusals.empty()) return std::nullopt;
  if (sides.target != nullptr) sides.target_sequence = sides.target->frozen_sequence();
  return sides;
}

FrozenList FrozenOf(const Moment& now, const std::string& baseline) {
  FrozenList frozen;
  for (const auto& document : now.Find<v1::ListBaselineDocumentsResponse>(baseline)->documents()) {
    frozen[document.number()] = document;
  }
  return frozen;
}

// UNSPECIFIED: they are wholly equal.
v1::BaselineDifferenceKind KindOf(const v1::BaselineDocument* base, const v1::BaselineDocument* target) {
  if (base == nullptr) return v1::BASELINE_DIFFERENCE_KIND_ADDED;
  if (target == nullptr) return v1::BASELINE_DIFFERENCE_KIND_REMOVED;
  if (base->manifest_sha256() != target->manifest_sha256()) return v1::BASELINE_DIFFERENCE_KIND_CHANGED;
  if (base->path() != target->path()) return v1::BASELINE_DIFFERENCE_KIND_MOVED;
  return BytesOf(*base) != BytesOf(*target) ? v1::BASELINE_DIFFERENCE_KIND_RESTATED
                                            : v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED;
}

Expected CompareBaselines(const Moment& now, const v1::CompareBaselinesRequest& request, const Made*) {
  Refusals refusals;
  const auto sides = FindSides(now, request.base(), request.target(), refusals);
  if (!sides) return Expected::Refused(std::move(refusals));
  const FrozenList base = FrozenOf(now, request.base());
  Refusals unfit;  // which are not there then
  const FrozenList target = sides->target != nullptr
                                ? FrozenOf(now, request.target())
                                : Choose(now, sides->base->scope(), sides->base->selection(), unfit).documents;
  auto response = std::make_shared<v1::CompareBaselinesResponse>();
  std::set<std::string> numbers;
  for (const auto& [number, document] : base) numbers.insert(number);
  for (const auto& [number, document] : target) numbers.insert(number);
  std::map<v1::BaselineDifferenceKind, int> counts;
  for (const std::string& number : numbers) {
    const auto* before = base.contains(number) ? &base.at(number) : nullptr;
    const auto* after = target.contains(number) ? &target.at(number) : nullptr;
    const v1::BaselineDifferenceKind kind = KindOf(before, after);
    ++counts[kind];
    if (kind == v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED) continue;
    v1::BaselineDifference& difference = *response->add_differences();
    difference.set_document("projects/" + now.project().id() + "/documents/" + number);
    difference.set_kind(kind);
    if (before != nullptr) *difference.mutable_base() = *before;
    if (after != nullptr) *difference.mutable_target() = *after;
  }
  response->set_added_count(counts[v1::BASELINE_DIFFERENCE_KIND_ADDED]);
  response->set_removed_count(counts[v1::BASELINE_DIFFERENCE_KIND_REMOVED]);
  response->set_changed_count(counts[v1::BASELINE_DIFFERENCE_KIND_CHANGED]);
  response->set_moved_count(counts[v1::BASELINE_DIFFERENCE_KIND_MOVED]);
  response->set_restated_count(counts[v1::BASELINE_DIFFERENCE_KIND_RESTATED]);
  response->set_unchanged_count(counts[v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED]);
  response->set_base_sequence(sides->base->frozen_sequence());
  response->set_target_sequence(sides->target_sequence);
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

// Names of the fields of the record that differ.
std::vector<std::string> FieldsThatDiffer(const Message& base, const Message& target) {
  google::protobuf::util::MessageDifferencer differencer;
  std::vector<std::string> names;
  for (int i = 0; i < base.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = base.GetDescriptor()->field(i);
    if (BehaviorOf(*field) == v1::FIELD_BEHAVIOR_OUTPUT_ONLY) continue;
    if (!differencer.CompareWithFields(base, target, {field}, {field})) names.emplace_back(field->name());
  }
  return names;
}

std::string StateTextOf(const Message& record) {
  return record.GetDescriptor()->FindFieldByName("state") == nullptr ? "" : ShortName(*StateOf(record));
}

void Compare(const Message* base, const Message* target, v1::CompareBaselineRecordsResponse& response) {
  v1::RecordDifference difference;
  if (base != nullptr) difference.set_base_state(StateTextOf(*base));
  if (target != nullptr) difference.set_target_state(StateTextOf(*target));
  if (base == nullptr || target == nullptr) {
    difference.set_kind(base == nullptr ? v1::BASELINE_DIFFERENCE_KIND_ADDED : v1::BASELINE_DIFFERENCE_KIND_REMOVED);
  } else {
    difference.set_kind(v1::BASELINE_DIFFERENCE_KIND_CHANGED);
    for (const std::string& field : FieldsThatDiffer(*base, *target)) difference.add_fields(field);
    if (difference.fields().empty()) return;
  }
  difference.set_record(Text(base == nullptr ? *target : *base, "name"));
  *response.add_differences() = std::move(difference);
}

Expected CompareBaselineRecords(const Moment& now, const v1::CompareBaselineRecordsRequest& request, const Made*) {
  Refusals refusals;
  const auto& asked = request.collections();
  const auto is_asked = [&](const std::string& collection) {
    return std::find(asked.begin(), asked.end(), collection) != asked.end();
  };
  if (is_asked("unheard-of")) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  const auto sides = FindSides(now, request.base(), request.target(), refusals);
  if (!sides) return Expected::Refused(std::move(refusals));
  const Moment base = now.project().At(sides->base->frozen_sequence());
  const Moment target = now.project().At(sides->target_sequence);
  auto response = std::make_shared<v1::CompareBaselineRecordsResponse>();
  response->set_base_sequence(base.sequence());
  response->set_target_sequence(target.sequence());
  for (const auto* type : RecordTypes()) {
    const std::string collection = type->options().GetExtension(v1::record).collection();
    if (type == v1::Baseline::descriptor() || (!asked.empty() && !is_asked(collection))) continue;
    std::set<std::string> names;
    for (const Moment& moment : {base, target}) {
      for (const Message* record : moment.All(type)) names.insert(Text(*record, "name"));
    }
    for (const std::string& name : names) Compare(base.Find(type, name), target.Find(type, name), *response);
  }
  std::sort(response->mutable_differences()->pointer_begin(), response->mutable_differences()->pointer_end(),
            [](const auto* a, const auto* b) { return a->record() < b->record(); });
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

}  // namespace

void AddBaselineRules(Rules& rules) {
  rules.Add<v1::CreateBaselineRequest>(CreateBaseline);
  rules.Add<v1::GetBaselineRequest>(GetRecord<v1::Baseline, v1::GetBaselineRequest>);
  rules.Add<v1::ListBaselinesRequest>(ListRecords<v1::Baseline, v1::ListBaselinesResponse, v1::ListBaselinesRequest>);
  rules.Add<v1::ListBaselineDocumentsRequest>(ListBaselineDocuments);
  rules.Add<v1::CompareBaselinesRequest>(CompareBaselines);
  rules.Add<v1::CompareBaselineRecordsRequest>(CompareBaselineRecords);
}

}  // namespace greffe::model
