#include "storage/base/baseline_rules.h"

#include <algorithm>
#include <unordered_set>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/record_layout.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kMaxTitle = 200;
constexpr int kMaxReason = 2000;
constexpr std::size_t kMaxKind = 64;
constexpr char kDefaultKind[] = "baseline";

absl::Status ValidateKind(const std::string& kind, const std::string& field) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  if (kind.empty()) return absl::OkStatus();
  if (kind.size() <= kMaxKind && letter(kind[0]) && std::all_of(kind.begin(), kind.end(), allowed)) {
    return absl::OkStatus();
  }
  return InvalidField(field, "FIELD_INVALID",
                      "'" + PrintableUtf8(kind.substr(0, 100)) + "': 1 to 64 of a-z 0-9 -, beginning with a letter");
}

absl::Status ValidateScope(const v1::BaselineScope& scope, const std::string& field) {
  switch (scope.documents_case()) {
    case v1::BaselineScope::kFolder:
      return ValidatePath(NormalizePath(scope.folder()), field + ".folder");
    case v1::BaselineScope::kType:
      return ValidateText(scope.type(), field + ".type", 1, 64);
    case v1::BaselineScope::kList: {
      const int count = scope.list().documents_size();
      if (count < 1 || count > kMaxBaselineDocuments) {
        return InvalidField(field + ".list.documents", "FIELD_INVALID",
                            std::to_string(count) + " of them; allowed are 1 to 10,000");
      }
      std::unordered_set<std::string> seen;
      for (const std::string& name : scope.list().documents()) {
        GREFFE_RETURN_IF_ERROR(ParseDocumentName(name, field + ".list.documents").status());
        if (seen.insert(name).second) continue;
        return InvalidField(field + ".list.documents", "FIELD_INVALID", "'" + name + "': is named twice");
      }
      return absl::OkStatus();
    }
    case v1::BaselineScope::DOCUMENTS_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateBaselineId(std::string_view id, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateNewRecordId(id, field));
  if (!id.ends_with(".lock")) return absl::OkStatus();
  return InvalidField(field, "NAME_INVALID", "'" + std::string(id) + "': git takes no name that ends in .lock");
}

absl::Status ValidateBaseline(const v1::Baseline& baseline, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(baseline.title(), field + ".title", 0, kMaxTitle));
  GREFFE_RETURN_IF_ERROR(ValidateKind(baseline.kind(), field + ".kind"));
  GREFFE_RETURN_IF_ERROR(ValidateText(baseline.reason(), field + ".reason", 1, kMaxReason, true));
  if (!v1::BaselineSelection_IsValid(baseline.selection())) {
    return InvalidField(field + ".selection", "FIELD_INVALID",
                        "'" + std::to_string(baseline.selection()) + "': is no selection");
  }
  return ValidateScope(baseline.scope(), field + ".scope");
}

v1::Baseline NormalizeBaseline(const v1::Baseline& asked) {
  v1::Baseline baseline;
  baseline.set_title(asked.title());
  baseline.set_kind(asked.kind().empty() ? kDefaultKind : asked.kind());
  baseline.set_reason(asked.reason());
  if (asked.scope().documents_case() != v1::BaselineScope::DOCUMENTS_NOT_SET) *baseline.mutable_scope() = asked.scope();
  if (baseline.scope().has_folder()) {
    baseline.mutable_scope()->set_folder(NormalizePath(baseline.scope().folder()));
  }
  baseline.set_selection(asked.selection() == v1::BASELINE_SELECTION_UNSPECIFIED ? v1::BASELINE_SELECTION_LATEST
                                                                                 : asked.selection());
  return baseline;
}

std::string BaselineTag(std::string_view id) { return "baselines/" + std::string(id); }

std::string BaselineRef(std::string_view id) { return kTagPrefix + BaselineTag(id); }

v1::BaselineDifferenceKind DifferenceOf(const v1::BaselineDocument* base, const v1::BaselineDocument* target) {
  if (base == nullptr) return v1::BASELINE_DIFFERENCE_KIND_ADDED;
  if (target == nullptr) return v1::BASELINE_DIFFERENCE_KIND_REMOVED;
  if (base->manifest_sha256() != target->manifest_sha256()) return v1::BASELINE_DIFFERENCE_KIND_CHANGED;
  if (base->path() != target->path()) return v1::BASELINE_DIFFERENCE_KIND_MOVED;
  const bool restated = base->version() != target->version() || base->state() != target->state() ||
                        base->revision() != target->revision();
  return restated ? v1::BASELINE_DIFFERENCE_KIND_RESTATED : v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED;
}

void CompleteBaseline(google::protobuf::Message& message) {
  auto& baseline = static_cast<v1::Baseline&>(message);
  baseline.set_tag(BaselineTag(LastSegment(baseline.name())));
  baseline.clear_documents();
}

}  // namespace greffe
