#include "tests/model/lifecycle.h"

#include <algorithm>
#include <cstdio>

#include "tests/model/draft.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

bool IsAmong(const google::protobuf::RepeatedPtrField<std::string>& principals, const std::string& principal) {
  return principals.empty() || std::find(principals.begin(), principals.end(), principal) != principals.end();
}

// "A" after anything else than letters.
std::string AfterLetters(std::string code) {
  if (code.empty() || !std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return "A";
  const std::size_t last = code.find_last_not_of('Z');
  if (last == std::string::npos) return std::string(code.size() + 1, 'A');
  ++code[last];
  std::fill(code.begin() + static_cast<std::ptrdiff_t>(last) + 1, code.end(), 'A');
  return code;
}

std::string AfterMajorMinor(const std::string& code, v1::RevisionStep step) {
  int major = 0;
  int minor = 0;
  if (std::sscanf(code.c_str(), "%d.%d", &major, &minor) != 2) return "1.0";
  if (step == v1::REVISION_STEP_MAJOR) return std::to_string(major + 1) + ".0";
  return std::to_string(major) + "." + std::to_string(minor + 1);
}

std::string AfterSeries(const std::string& code, v1::RevisionStep step) {
  char series = 'P';
  int number = 0;
  const bool known = std::sscanf(code.c_str(), "%c%d", &series, &number) == 2 && (series == 'P' || series == 'C');
  if (!known) series = 'P';
  if (!known) number = 0;
  if (step == v1::REVISION_STEP_CONTRACTUAL && series == 'P') return "C01";
  char text[20];
  std::snprintf(text, sizeof text, "%c%02d", series, number + 1);
  return text;
}

}  // namespace

v1::LifecycleRule LifecycleOf(const Moment& moment, const v1::Document& document) {
  const v1::Project& project = *ProjectOf(moment);
  for (const v1::DocumentType& type : project.document_types()) {
    if (type.id() == document.type() && type.has_lifecycle_rule()) return type.lifecycle_rule();
  }
  return project.lifecycle_rule();
}

bool MayApprove(const v1::LifecycleRule& rule, const std::string& principal) {
  return IsAmong(rule.approvers(), principal);
}

bool MayRelease(const v1::LifecycleRule& rule, const std::string& principal) {
  return IsAmong(rule.releasers(), principal);
}

std::string NextRevision(const Moment& moment, const v1::Document& document, v1::RevisionStep step) {
  const v1::RevisionScheme scheme = LifecycleOf(moment, document).revision_scheme();
  const bool has_major = scheme == v1::REVISION_SCHEME_MAJOR_MINOR;
  const bool has_contractual = scheme == v1::REVISION_SCHEME_ISO_19650;
  if (step == v1::REVISION_STEP_MAJOR && !has_major) return "";
  if (step == v1::REVISION_STEP_CONTRACTUAL && !has_contractual) return "";
  std::string code = document.revision();
  do {
    code = has_major ? AfterMajorMinor(code, step) : has_contractual ? AfterSeries(code, step) : AfterLetters(code);
  } while (FindRevision(moment, document, code) != nullptr);  // it had that before another scheme
  return code;
}

}  // namespace greffe::model
