#include <algorithm>

#include "storage/base/attribute_rules.h"
#include "storage/base/filter.h"
#include "storage/base/paths.h"
#include "storage/base/record_fields.h"
#include "storage/base/template_order.h"

namespace greffe {
namespace {

// `value` is an order, or of kHas the prefix of one, or "*".
bool CompareTemplate(FilterOperator op, const std::string& version, const std::string& value) {
  if (version.empty()) return op == FilterOperator::kNotEqual;
  if (op == FilterOperator::kHas && value == "*") return true;
  const std::string order = TemplateOrder(version);
  const bool of_same = PrefixOfTemplateOrder(order) == PrefixOfTemplateOrder(value);
  if (op == FilterOperator::kNotEqual) return order != value;
  return of_same && CompareText(op, order, value);
}

bool Holds(const FilterTerm& term, const v1::Document& document) {
  if (term.field == "labels") {
    const auto found = document.labels().find(term.key);
    if (found == document.labels().end()) return term.op == FilterOperator::kNotEqual;
    return (term.op == FilterOperator::kHas && term.value == "*") || CompareText(term.op, found->second, term.value);
  }
  if (term.field == "attributes") {
    const auto found = document.attributes().find(term.key);
    if (found == document.attributes().end()) return term.op == FilterOperator::kNotEqual;
    return (term.op == FilterOperator::kHas && term.value == "*") ||
           CompareAttribute(term.op, found->second, term.value);
  }
  if (term.field == "state") {
    const bool active = document.state() == v1::DOCUMENT_STATE_ACTIVE;
    return CompareValues(term.op, std::string_view(active ? "ACTIVE" : "WITHDRAWN"), std::string_view(term.value));
  }
  if (term.field == "version_state") {
    const v1::VersionState state = document.latest_version().state();
    const std::string name = ShortEnumName(*v1::VersionState_descriptor(), state);
    return CompareValues(term.op, std::string_view(name), std::string_view(term.value));
  }
  if (term.field == "template") return CompareTemplate(term.op, document.template_(), term.value);
  if (term.field == "update_time") return CompareValues(term.op, ToMicros(document.update_time()), term.time);
  if (term.field == "create_time") return CompareValues(term.op, ToMicros(document.create_time()), term.time);
  const std::string_view text = term.field == "type"              ? document.type()
                                : term.field == "owner"           ? document.owner()
                                : term.field == "title"           ? document.title()
                                : term.field == "revision"        ? document.revision()
                                : term.field == "number"          ? LastPart(document.name())
                                : term.field == "confidentiality" ? document.confidentiality()
                                : term.field == "retention_class" ? document.retention_class()
                                                                  : std::string_view(document.path());
  return CompareText(term.op, text, term.value);
}

}  // namespace

bool Matches(const DocumentFilter& filter, const v1::Document& document) {
  return std::all_of(filter.terms.begin(), filter.terms.end(),
                     [&](const FilterTerm& term) { return Holds(term, document) != term.negated; });
}

}  // namespace greffe
