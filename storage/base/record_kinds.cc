#include "storage/base/record_kinds.h"

#include <algorithm>
#include <unordered_map>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/registers.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/baseline_rules.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/errors.h"
#include "storage/base/milestone_rules.h"
#include "storage/base/names.h"
#include "storage/base/register_rules.h"
#include "storage/base/review_rules.h"
#include "storage/base/transmittal_rules.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kVersions[] = "versions";

template <typename Record>
RecordKind Kind(void (*compute)(Message&) = nullptr) {
  return {Record::descriptor()->options().GetExtension(v1::record).collection(), &Record::default_instance(), compute};
}

absl::Status Invalid(std::string_view name, const std::string& field, const std::string& expected) {
  return InvalidField(field, "NAME_INVALID", "'" + PrintableUtf8(name.substr(0, 200)) + "': expected " + expected);
}

void ClearFields(Message& record, v1::FieldBehavior behavior) {
  std::vector<const FieldDescriptor*> fields;
  record.GetReflection()->ListFields(record, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(v1::behavior) == behavior && field->name() != "name") {
      record.GetReflection()->ClearField(&record, field);
    }
  }
}

const FieldDescriptor* NameField(const Message& record) { return record.GetDescriptor()->FindFieldByName("name"); }

}  // namespace

const std::vector<RecordKind>& RecordKinds() {
  static const auto& kinds = *new std::vector<RecordKind>([] {
    std::vector<RecordKind> all = {
        Kind<v1::Version>(),
        Kind<v1::Review>(&CompleteReview),
        Kind<v1::Deliverable>(ComputeDeliverable),
        Kind<v1::Milestone>(ComputeMilestone),
        Kind<v1::Risk>(ComputeEntry),
        Kind<v1::Issue>(ComputeEntry),
        Kind<v1::Action>(ComputeEntry),
        Kind<v1::Decision>(ComputeEntry),
        Kind<v1::ChangeRequest>(ComputeEntry),
        Kind<v1::Lesson>(ComputeEntry),
        Kind<v1::Meeting>(ComputeEntry),
        Kind<v1::Checklist>(ComputeEntry),
        Kind<v1::ChecklistRun>(ComputeEntry),
        Kind<v1::BudgetLine>(ComputeEntry),
        Kind<v1::Link>(),
        Kind<v1::Anchors>(),
        Kind<v1::Baseline>(CompleteBaseline),
        Kind<v1::Transmittal>(CompleteTransmittal),
    };
    std::sort(all.begin(), all.end(),
              [](const RecordKind& a, const RecordKind& b) { return a.collection < b.collection; });
    return all;
  }());
  return kinds;
}

const RecordKind* FindRecordKind(std::string_view collection) {
  for (const RecordKind& kind : RecordKinds()) {
    if (kind.collection == collection) return &kind;
  }
  return nullptr;
}

const RecordKind& KindOf(const Descriptor& descriptor) {
  static const auto& by_type = *new std::unordered_map<const Descriptor*, const RecordKind*>([] {
    std::unordered_map<const Descriptor*, const RecordKind*> map;
    for (const RecordKind& kind : RecordKinds()) map[kind.prototype->GetDescriptor()] = &kind;
    return map;
  }());
  return *by_type.at(&descriptor);
}

absl::StatusOr<RecordName> ParseRecordName(const RecordKind& kind, std::string_view name, const std::string& field) {
  if (kind.collection == kVersions) {
    GREFFE_ASSIGN_OR_RETURN(VersionName version, ParseVersionName(name, field));
    if (version.version < 1) return Invalid(name, field, "the number of a version");
    return RecordName{std::move(version.project), kVersions, version.number + "/" + std::to_string(version.version)};
  }
  const std::string expected = "projects/{project}/" + kind.collection + "/{id}";
  constexpr std::string_view kProjects = "projects/";
  if (!name.starts_with(kProjects)) return Invalid(name, field, expected);
  const std::string_view rest = name.substr(kProjects.size());
  const std::size_t slash = rest.find('/');
  const std::string middle = "/" + kind.collection + "/";
  if (slash == std::string_view::npos || !rest.substr(slash).starts_with(middle)) return Invalid(name, field, expected);
  RecordName parsed{std::string(rest.substr(0, slash)), kind.collection,
                    std::string(rest.substr(slash + middle.size()))};
  GREFFE_RETURN_IF_ERROR(ValidateProjectId(parsed.project, field));
  GREFFE_RETURN_IF_ERROR(ValidateRecordId(parsed.id, field));
  return parsed;
}

absl::StatusOr<RecordName> ParseRecordName(std::string_view name, const std::string& field) {
  const std::string_view collection = CollectionOf(name);
  const RecordKind* kind = FindRecordKind(collection == "documents" ? kVersions : collection);
  if (kind == nullptr) return Invalid(name, field, "the name of a record");
  return ParseRecordName(*kind, name, field);
}

std::string_view CollectionOf(std::string_view name) {
  const std::size_t project = name.find('/');
  const std::size_t collection = project == std::string_view::npos ? project : name.find('/', project + 1);
  if (collection == std::string_view::npos) return {};
  const std::size_t end = name.find('/', collection + 1);
  return name.substr(collection + 1, end == std::string_view::npos ? end : end - collection - 1);
}

std::string FormatRecordName(std::string_view project, std::string_view collection, std::string_view id) {
  if (collection == kVersions) {
    const std::size_t slash = id.rfind('/');
    return FormatDocumentName(project, id.substr(0, slash)) + "/versions/" + std::string(id.substr(slash + 1));
  }
  constexpr std::string_view kProjects = "projects/";
  std::string name;
  name.reserve(kProjects.size() + project.size() + collection.size() + id.size() + 2);
  name.append(kProjects).append(project).append(1, '/').append(collection).append(1, '/').append(id);
  return name;
}

std::string NameOf(const Message& record) { return record.GetReflection()->GetString(record, NameField(record)); }

void SetName(Message& record, const std::string& name) {
  record.GetReflection()->SetString(&record, NameField(record), name);
}

void ClearServerFields(Message& record) {
  ClearFields(record, v1::FIELD_BEHAVIOR_SERVER_SET);
  ClearOutputFields(record);
}

void ClearOutputFields(Message& record) {
  ClearFields(record, v1::FIELD_BEHAVIOR_OUTPUT_ONLY);
  record.DiscardUnknownFields();
}

}  // namespace greffe
