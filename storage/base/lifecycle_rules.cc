#include "storage/base/lifecycle_rules.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/project_rules.h"
#include "storage/base/record_fields.h"

namespace greffe {
namespace {

constexpr int kMaxPrincipals = 200;

std::string Name(v1::VersionState state) { return ShortEnumName(*v1::VersionState_descriptor(), state); }

std::vector<v1::VersionState> AllowedStates(const v1::LifecycleRule& rule, v1::VersionState from) {
  switch (from) {
    case v1::VERSION_STATE_UNSPECIFIED:
    case v1::VERSION_STATE_DRAFT:
      if (rule.review_required()) return {v1::VERSION_STATE_IN_REVIEW, v1::VERSION_STATE_OBSOLETE};
      return {v1::VERSION_STATE_IN_REVIEW, v1::VERSION_STATE_APPROVED, v1::VERSION_STATE_RELEASED,
              v1::VERSION_STATE_OBSOLETE};
    case v1::VERSION_STATE_IN_REVIEW:  // by the outcome of the review, or its end
      return {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_APPROVED};
    case v1::VERSION_STATE_APPROVED:
      return {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_RELEASED, v1::VERSION_STATE_OBSOLETE};
    case v1::VERSION_STATE_RELEASED:
      return {v1::VERSION_STATE_SUPERSEDED, v1::VERSION_STATE_OBSOLETE};
    case v1::VERSION_STATE_SUPERSEDED:
      return {v1::VERSION_STATE_OBSOLETE};
    default:
      return {};
  }
}

// As the metadata of errors say them.
std::string AllowedNames(const v1::LifecycleRule& rule, v1::VersionState from) {
  std::string names;
  for (const v1::VersionState state : AllowedStates(rule, from)) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Name(state));
  }
  return names;
}

absl::Status CheckListed(const google::protobuf::RepeatedPtrField<std::string>& allowed, const std::string& principal,
                         const std::string& reason, const std::string& what) {
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), principal) != allowed.end()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, reason, "'" + principal + "' is not among those who may " + what,
               {{"principal", principal}});
}

// "Z" -> "AA".
std::string NextLetters(std::string letters) {
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) {
    if (*letter != 'Z') {
      ++*letter;
      return letters;
    }
    *letter = 'A';
  }
  return letters + "A";
}

bool IsLetters(const std::string& code) {
  return !code.empty() && code.size() <= 8 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "P07" -> {'P', 7}.
bool SplitSeries(const std::string& code, char& series, std::int64_t& number) {
  if (code.size() < 3 || code.size() > 12 || (code[0] != 'P' && code[0] != 'C')) return false;
  series = code[0];
  return absl::SimpleAtoi(code.substr(1), &number) && number > 0;
}

bool SplitMajorMinor(const std::string& code, std::int64_t& major, std::int64_t& minor) {
  const std::size_t dot = code.find('.');
  return dot != std::string::npos && code.size() <= 20 && absl::SimpleAtoi(code.substr(0, dot), &major) &&
         absl::SimpleAtoi(code.substr(dot + 1), &minor) && major >= 0 && minor >= 0;
}

std::string SeriesCode(char series, std::int64_t number) {
  return absl::StrCat(std::string(1, series), number < 10 ? "0" : "", number);
}

absl::Status ValidatePrincipals(const google::protobuf::RepeatedPtrField<std::string>& ids, const std::string& field) {
  if (ids.size() > kMaxPrincipals) {
    return InvalidField(field, "FIELD_INVALID",
                        absl::StrCat(ids.size(), " of them; at most ", kMaxPrincipals, " are allowed"));
  }
  for (int i = 0; i < ids.size(); ++i) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(ids[i], absl::StrCat(field, "[", i, "]")));
  }
  return absl::OkStatus();
}

}  // namespace

const v1::LifecycleRule& LifecycleRuleOf(const v1::Project& project, std::string_view document_type) {
  const v1::DocumentType* type = FindDocumentType(project, document_type);
  return type != nullptr && type->has_lifecycle_rule() ? type->lifecycle_rule() : project.lifecycle_rule();
}

absl::Status CheckTypeKnown(const v1::Project& project, const v1::Document& document) {
  if (FindDocumentType(project, document.type()) != nullptr) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_TYPE_UNKNOWN",
               "'" + document.name() + "' is of type '" + document.type() +
                   "', which the project has no more; its versions change their state once it has another one",
               {{"document", document.name()}, {"type", document.type()}});
}

absl::Status CheckTransition(const v1::LifecycleRule& rule, const v1::Version& version, v1::VersionState to) {
  const std::vector<v1::VersionState> allowed = AllowedStates(rule, version.state());
  if (std::find(allowed.begin(), allowed.end(), to) != allowed.end()) return absl::OkStatus();
  if (version.state() == v1::VERSION_STATE_IN_REVIEW) return ReviewOpen(rule, version);
  const std::string names = AllowedNames(rule, version.state());
  return Error(absl::StatusCode::kFailedPrecondition, "TRANSITION_NOT_ALLOWED",
               "'" + version.name() + "' is " + Name(version.state()) + " and cannot become " + Name(to) +
                   (names.empty() ? std::string("; it stays so") : "; allowed: " + names),
               {{"version", version.name()}, {"state", Name(version.state())}, {"allowed", names}});
}

absl::Status ReviewOpen(const v1::LifecycleRule& rule, const v1::Version& version) {
  return Error(absl::StatusCode::kFailedPrecondition, "REVIEW_OPEN",
               "'" + version.name() + "' is in review: the outcome of '" + version.review() + "' decides",
               {{"version", version.name()},
                {"review", version.review()},
                {"state", Name(version.state())},
                {"allowed", AllowedNames(rule, version.state())}});
}

void CopyLife(const v1::Version& record, v1::Version& version) {
  version.set_state(record.state());
  version.set_revision(record.revision());
  version.set_review(record.review());
  *version.mutable_transitions() = record.transitions();
}

absl::Status CheckApprover(const v1::LifecycleRule& rule, const std::string& principal) {
  return CheckListed(rule.approvers(), principal, "NOT_AN_APPROVER", "approve");
}

absl::Status CheckReleaser(const v1::LifecycleRule& rule, const std::string& principal) {
  return CheckListed(rule.releasers(), principal, "NOT_A_RELEASER", "release");
}

absl::StatusOr<std::string> NextRevision(v1::RevisionScheme scheme, const std::string& last, v1::RevisionStep step) {
  const auto no_step = [&] {
    return InvalidField("step", "STEP_INVALID",
                        "'" + v1::RevisionStep_Name(step) + "': the project's revision scheme has no such step");
  };
  switch (scheme) {
    case v1::REVISION_SCHEME_MAJOR_MINOR: {
      if (step == v1::REVISION_STEP_CONTRACTUAL) return no_step();
      std::int64_t major = 0;
      std::int64_t minor = 0;
      if (!SplitMajorMinor(last, major, minor)) return std::string("1.0");
      return step == v1::REVISION_STEP_MAJOR ? absl::StrCat(major + 1, ".0") : absl::StrCat(major, ".", minor + 1);
    }
    case v1::REVISION_SCHEME_ISO_19650: {
      if (step == v1::REVISION_STEP_MAJOR) return no_step();
      char series = 'P';
      std::int64_t number = 0;
      if (!SplitSeries(last, series, number)) {
        series = 'P';
        number = 0;
      }
      if (step == v1::REVISION_STEP_CONTRACTUAL && series == 'P') return SeriesCode('C', 1);
      return SeriesCode(series, number + 1);
    }
    default:
      if (step != v1::REVISION_STEP_UNSPECIFIED) return no_step();
      return IsLetters(last) ? NextLetters(last) : "A";
  }
}

absl::Status ValidateLifecycleRule(const v1::LifecycleRule& rule, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidatePrincipals(rule.approvers(), field + ".approvers"));
  GREFFE_RETURN_IF_ERROR(ValidatePrincipals(rule.releasers(), field + ".releasers"));
  if (!v1::RevisionScheme_IsValid(rule.revision_scheme())) {
    return InvalidField(field + ".revision_scheme", "FIELD_INVALID",
                        absl::StrCat("'", static_cast<int>(rule.revision_scheme()), "': there is no such scheme"));
  }
  return absl::OkStatus();
}

}  // namespace greffe
