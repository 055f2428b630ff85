#include "tests/model/filters.h"

#include <cstdio>

namespace greffe::model {
namespace {

bool Active(const v1::Document& document) { return document.state() == v1::DOCUMENT_STATE_ACTIVE; }

std::string Label(const v1::Document& document) {
  const auto found = document.labels().find("phase");
  return found == document.labels().end() ? "" : found->second;
}

std::string Discipline(const v1::Document& document) {
  const auto found = document.attributes().find("discipline");
  return found == document.attributes().end() ? "" : found->second.text();
}

std::string Sortable(const google::protobuf::Timestamp& time) {
  char text[40];
  std::snprintf(text, sizeof text, "%020lld.%09d", static_cast<long long>(time.seconds()), time.nanos());
  return text;
}

}  // namespace

const std::vector<Filter>& Filters() {
  static const std::vector<Filter> filters = {
      {"", Active},
      {"state = WITHDRAWN", [](const v1::Document& d) { return !Active(d); }},
      {"state = ACTIVE OR", nullptr},
      {"type = specification", [](const v1::Document& d) { return Active(d) && d.type() == "specification"; }},
      {"type != specification AND state = ACTIVE",
       [](const v1::Document& d) { return Active(d) && d.type() != "specification"; }},
      {"owner = grace", [](const v1::Document& d) { return Active(d) && d.owner() == "grace"; }},
      {"NOT owner = grace", [](const v1::Document& d) { return Active(d) && d.owner() != "grace"; }},
      {"labels.phase = \"l1\"", [](const v1::Document& d) { return Active(d) && Label(d) == "l1"; }},
      {"labels.phase : * AND state = WITHDRAWN", [](const v1::Document& d) { return !Active(d) && !Label(d).empty(); }},
      {"attributes.discipline = \"civil\"",
       [](const v1::Document& d) { return Active(d) && Discipline(d) == "civil"; }},
      {"attributes.discipline != civil", [](const v1::Document& d) { return Active(d) && Discipline(d) != "civil"; }},
      {"path : \"b/\"", [](const v1::Document& d) { return Active(d) && d.path().starts_with("b/"); }},
      {"title >= \"Title 3\"", [](const v1::Document& d) { return Active(d) && d.title() >= "Title 3"; }},
      {"version_state = IN_REVIEW",
       [](const v1::Document& d) { return Active(d) && d.latest_version().state() == v1::VERSION_STATE_IN_REVIEW; }},
      {"version_state = RELEASED AND revision = \"B\"",
       [](const v1::Document& d) {
         return Active(d) && d.latest_version().state() == v1::VERSION_STATE_RELEASED && d.revision() == "B";
       }},
      {"number < \"REC-0003\" AND owner = ada",
       [](const v1::Document& d) {
         return Active(d) && d.owner() == "ada" && d.name().substr(d.name().rfind('/') + 1) < "REC-0003";
       }},
  };
  return filters;
}

const std::vector<Order>& Orders() {
  static const auto path = [](const v1::Document& d) { return d.path(); };
  static const auto title = [](const v1::Document& d) { return d.title(); };
  static const auto updated = [](const v1::Document& d) { return Sortable(d.update_time()); };
  static const auto created = [](const v1::Document& d) { return Sortable(d.create_time()); };
  static const auto number = [](const v1::Document&) { return std::string(); };
  static const std::vector<Order> orders = {{"", number, false},
                                            {"number desc", number, true},
                                            {"path", path, false},
                                            {"path desc", path, true},
                                            {"title", title, false},
                                            {"title desc", title, true},
                                            {"update_time", updated, false},
                                            {"update_time desc", updated, true},
                                            {"create_time", created, false},
                                            {"create_time desc", created, true}};
  return orders;
}

}  // namespace greffe::model
