#include "storage/base/filter.h"

#include <algorithm>
#include <optional>
#include <set>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/template_order.h"

namespace greffe {
namespace {

// Values that are one of a few words.
const std::set<std::string>* WordsOf(const std::string& field) {
  static const std::set<std::string> kStates = {"ACTIVE", "WITHDRAWN"};
  static const std::set<std::string> kVersionStates = {"DRAFT",    "IN_REVIEW",  "APPROVED",
                                                       "RELEASED", "SUPERSEDED", "OBSOLETE"};
  if (field == "state") return &kStates;
  if (field == "version_state") return &kVersionStates;
  return nullptr;
}

class Grammar final : public FilterGrammar {
 public:
  bool IsField(const FilterTerm& term) const override {
    static const std::set<std::string> kFields = {
        "type", "state",       "owner",       "title",    "number",        "confidentiality", "retention_class",
        "path", "update_time", "create_time", "revision", "version_state", "template"};
    if (term.field == "labels" || term.field == "attributes") return !term.key.empty();
    return term.key.empty() && kFields.contains(term.field);
  }

  std::optional<std::string> CheckValue(FilterTerm& term) const override {
    if (const std::set<std::string>* words = WordsOf(term.field)) {
      if (!words->contains(term.value)) {
        std::string all;
        for (const std::string& word : *words) all += (all.empty() ? "" : ", ") + word;
        return term.field + " is one of " + all;
      }
      if (term.op != FilterOperator::kEqual && term.op != FilterOperator::kNotEqual &&
          term.op != FilterOperator::kHas) {
        return term.field + " compares with = and != alone";
      }
    }
    if (term.field == "update_time" || term.field == "create_time") {
      const std::optional<Micros> time = ParseFilterTime(term.value);
      if (!time) return "expected a time such as 2026-03-31T12:00:00Z, or a date";
      term.time = *time;
    }
    if (term.field == "path") term.value = NormalizePath(term.value);
    if (term.field == "template") return CheckTemplate(term);
    return std::nullopt;
  }

 private:
  // The value as orders of templates' versions have it.
  static std::optional<std::string> CheckTemplate(FilterTerm& term) {
    const bool has = term.op == FilterOperator::kHas;
    if (has && term.value == "*") return std::nullopt;
    const absl::StatusOr<VersionName> name = ParseDocumentOrVersionName(term.value);
    if (!name.ok() || name->alias != VersionName::Alias::kNone || (name->version == 0 && !has)) {
      return "expected a version of a template, projects/{project}/documents/{number}/versions/{n}";
    }
    term.value = name->version == 0 ? TemplateOrderPrefix(term.value) : TemplateOrder(term.value);
    return std::nullopt;
  }
};

}  // namespace

const FilterTerm* DocumentFilter::FindEquality(std::string_view field, std::string_view key) const {
  for (const FilterTerm& term : terms) {
    if (!term.negated && term.op == FilterOperator::kEqual && term.field == field && term.key == key) return &term;
  }
  return nullptr;
}

absl::StatusOr<DocumentFilter> ParseDocumentFilter(std::string_view text) {
  DocumentFilter filter;
  GREFFE_ASSIGN_OR_RETURN(filter.terms, ParseFilterTerms(text, Grammar()));
  if (std::none_of(filter.terms.begin(), filter.terms.end(), [](const FilterTerm& t) { return t.field == "state"; })) {
    FilterTerm active;
    active.field = "state";
    active.value = "ACTIVE";
    filter.terms.push_back(std::move(active));
  }
  return filter;
}

}  // namespace greffe
