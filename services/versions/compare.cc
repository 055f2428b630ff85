#include "services/versions/compare.h"

#include <map>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/time_util.h"
#include "greffe/v1/annotations.pb.h"
#include "services/call/file_difference.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  const auto& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(reflection.GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, field)->name();
    default:
      return {};
  }
}

// Every field that is set, by its path, as text. `all`: output-only ones too.
void Flatten(const Message& message, const std::string& prefix, bool all, std::map<std::string, std::string>& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!all && field->options().GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_OUTPUT_ONLY) continue;
    const std::string path = prefix + field->name();
    const auto& reflection = *message.GetReflection();
    if (field->is_map()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const Message& entry = reflection.GetRepeatedMessage(message, field, i);
        const FieldDescriptor* value = field->message_type()->map_value();
        const std::string place = path + "[" + TextOf(entry, field->message_type()->map_key()) + "]";
        if (value->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          Flatten(entry.GetReflection()->GetMessage(entry, value), place + ".", all, out);
        } else {
          out[place] = TextOf(entry, value);
        }
      }
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const std::string place = path + "[" + std::to_string(i) + "]";
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          Flatten(reflection.GetRepeatedMessage(message, field, i), place + ".", all, out);
        } else {
          out[place] = reflection.GetRepeatedString(message, field, i);
        }
      }
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      out[path] = TextOf(message, field);
    } else if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
      out[path] = google::protobuf::util::TimeUtil::ToString(
          static_cast<const google::protobuf::Timestamp&>(reflection.GetMessage(message, field)));
    } else {
      Flatten(reflection.GetMessage(message, field), path + ".", all, out);
    }
  }
}

struct Side {
  v1::Version version;
  v1::Document document;  // as it was with that version
  std::string name;       // for the diff's header
};

absl::StatusOr<Side> ReadSide(const Store& store, const std::string& name, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName parsed, ParseVersionName(name, field));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView now, store.View(parsed.project));
  Side side;
  GREFFE_ASSIGN_OR_RETURN(side.version, now.ResolveVersion(parsed));
  v1::AsOf then;
  then.set_sequence(side.version.sequence());
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(parsed.project, then));
  GREFFE_ASSIGN_OR_RETURN(side.document, view.GetDocument(parsed.number));
  side.name = side.version.main_file().file_name() + " (" + parsed.number + " version " +
              std::to_string(side.version.number()) + ")";
  return side;
}

void CompareFields(const Side& base, const Side& target, v1::CompareVersionsResponse& response) {
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  const auto flatten = [](const Side& side, std::map<std::string, std::string>& out) {
    Flatten(side.version, "", true, out);
    v1::Document document = side.document;
    document.clear_latest_version();  // is the version itself
    Flatten(document, "document.", false, out);
  };
  flatten(base, before);
  flatten(target, after);
  const auto add = [&response](const std::string& field, const std::string& from, const std::string& to) {
    v1::FieldDifference& difference = *response.add_fields();
    difference.set_field(field);
    difference.set_base_value(from);
    difference.set_target_value(to);
  };
  for (const auto& [field, value] : before) {
    const auto other = after.find(field);
    if (other == after.end()) {
      add(field, value, "");
    } else if (other->second != value) {
      add(field, value, other->second);
    }
  }
  for (const auto& [field, value] : after) {
    if (!before.contains(field)) add(field, "", value);
  }
}

}  // namespace

absl::Status CompareVersions(const Store& store, const CallLimits& limits, const v1::CompareVersionsRequest& request,
                             v1::CompareVersionsResponse& response) {
  const int context_lines = request.has_context_lines() ? request.context_lines() : kDefaultContextLines;
  GREFFE_RETURN_IF_ERROR(ValidateContextLines(context_lines));
  GREFFE_ASSIGN_OR_RETURN(const Side base, ReadSide(store, request.base(), "base"));
  GREFFE_ASSIGN_OR_RETURN(const Side target, ReadSide(store, request.target(), "target"));
  GREFFE_ASSIGN_OR_RETURN(const VersionName base_name, ParseVersionName(request.base(), "base"));
  GREFFE_ASSIGN_OR_RETURN(const VersionName target_name, ParseVersionName(request.target(), "target"));
  if (base_name.project != target_name.project) {
    return InvalidField("target", "FIELD_INVALID", "'" + request.target() + "': is of another project than base");
  }
  *response.mutable_base() = base.version;
  *response.mutable_target() = target.version;
  response.set_identical(base.version.manifest_sha256() == target.version.manifest_sha256());
  CompareFields(base, target, response);
  GREFFE_ASSIGN_OR_RETURN(FileDifference difference,
                          CompareFiles(store, limits, base_name.project, {base.version.main_file(), base.name},
                                       {target.version.main_file(), target.name}, context_lines));
  const auto said = static_cast<std::int64_t>(response.ByteSizeLong() + difference.unified.size());
  if (said > limits.message_bytes - kBytesBesideDiffs) {
    difference.omitted = v1::DIFF_OMITTED_TOO_LARGE;
    difference.unified.clear();
  }
  response.set_diff_omitted(difference.omitted);
  response.set_unified_diff(std::move(difference.unified));
  response.set_lines_added(difference.lines_added);
  response.set_lines_removed(difference.lines_removed);
  return absl::OkStatus();
}

}  // namespace greffe
