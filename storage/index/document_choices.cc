// Which rows the filter of a list of documents leads to.
#include <string>
#include <string_view>

#include "storage/base/attribute_rules.h"
#include "storage/base/template_order.h"
#include "storage/index/document_lister.h"

namespace greffe {

bool DocumentLister::ChoosePosting(std::string& field, std::string& value) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.op != FilterOperator::kEqual) continue;
    if (term.field == "labels" || term.field == "attributes") {
      if (term.field == "attributes" && !IsAttributeText(term.value)) continue;
      field = term.field + "." + term.key;
      value = term.value;
      return true;
    }
    if (term.field == "type" || term.field == "owner" || (term.field == "state" && term.value == "WITHDRAWN") ||
        term.field == "template" ||
        // The postings are of latest versions; a baseline may have frozen others.
        (term.field == "version_state" && term.value != "DRAFT" && view_.baseline().empty())) {
      field = term.field;
      value = term.value;
      return true;
    }
  }
  return false;
}

bool DocumentLister::ChoosePathPrefix(std::string& prefix) const {
  if (!OnlyActive()) return false;
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "path") continue;
    if (term.op != FilterOperator::kEqual && term.op != FilterOperator::kHas) continue;
    prefix = term.value;
    return true;
  }
  return false;
}

bool DocumentLister::ChooseTemplates(TemplateRange& range) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "template" || term.op == FilterOperator::kNotEqual) continue;
    if (term.op == FilterOperator::kHas && term.value == "*") continue;
    range.prefix = std::string(PrefixOfTemplateOrder(term.value));
    const std::string version = term.value.substr(range.prefix.size());
    switch (term.op) {
      case FilterOperator::kLess:
        range.until = version;
        break;
      case FilterOperator::kLessOrEqual:
        range.until = version + '\1';
        break;
      case FilterOperator::kGreater:
      case FilterOperator::kGreaterOrEqual:
        range.from = version;
        break;
      case FilterOperator::kEqual:
      case FilterOperator::kHas:
        range.from = version;
        if (!version.empty()) range.until = version + '\1';
        break;
      case FilterOperator::kNotEqual:
        break;
    }
    return true;
  }
  return false;
}

bool DocumentLister::OnlyActive() const {
  const FilterTerm* state = filter_.FindEquality("state");
  return state != nullptr && state->value == "ACTIVE";
}

bool DocumentLister::ChooseUpdatedSince(Micros& time) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "update_time") continue;
    if (term.op != FilterOperator::kGreater && term.op != FilterOperator::kGreaterOrEqual) continue;
    time = term.time;
    return true;
  }
  return false;
}

}  // namespace greffe
