#include "tests/model/review_filters.h"

#include <algorithm>

#include "tests/model/registers.h"

namespace greffe::model {
namespace {

constexpr char kByDocument[] = "document = \"";

struct ReviewFilter {
  std::string text;
  bool (*matches)(const v1::Review&);
};

bool Awaits(const v1::Review& review, const std::string& principal) {
  const auto& pending = review.pending_reviewers();
  return std::find(pending.begin(), pending.end(), principal) != pending.end();
}

const std::vector<ReviewFilter>& Known() {
  static const std::vector<ReviewFilter> filters = {
      {"", [](const v1::Review&) { return true; }},
      {"state = OPEN", [](const v1::Review& r) { return r.state() == v1::REVIEW_STATE_OPEN; }},
      {"state != OPEN AND initiator = client-1",
       [](const v1::Review& r) { return r.state() != v1::REVIEW_STATE_OPEN && r.initiator() == "client-1"; }},
      {"state = APPROVED_WITH_COMMENTS",
       [](const v1::Review& r) { return r.state() == v1::REVIEW_STATE_APPROVED_WITH_COMMENTS; }},
      {"NOT state = VOIDED", [](const v1::Review& r) { return r.state() != v1::REVIEW_STATE_VOIDED; }},
      {"state = NOWHERE", nullptr},
      {"steps = 1", nullptr},
      {"pending_reviewers = client-2", [](const v1::Review& r) { return Awaits(r, "client-2"); }},
      {"pending_reviewers != client-3", [](const v1::Review& r) { return !Awaits(r, "client-3"); }},
      {"open_due_date != \"\"", [](const v1::Review& r) { return !r.open_due_date().empty(); }},
      {"title : \"Round\"", [](const v1::Review& r) { return r.title().starts_with("Round"); }},
      {"id > RVW-0003 AND step_order = IN_PARALLEL",
       [](const v1::Review& r) { return IdOf(r.name()) > "RVW-0003" && r.step_order() == v1::STEP_ORDER_IN_PARALLEL; }},
  };
  return filters;
}

}  // namespace

std::vector<std::string> ReviewFilters() {
  std::vector<std::string> texts;
  for (const ReviewFilter& filter : Known()) texts.push_back(filter.text);
  return texts;
}

std::string FilterByDocument(const std::string& document) { return kByDocument + document + "\""; }

std::function<bool(const v1::Review&)> ReviewFilterOf(const std::string& text) {
  if (text.starts_with(kByDocument)) {
    return [text](const v1::Review& review) { return text == FilterByDocument(review.document()); };
  }
  return std::find_if(Known().begin(), Known().end(), [&](const auto& filter) { return filter.text == text; })->matches;
}

const std::vector<std::string>& ReviewOrders() {
  static const std::vector<std::string> orders = {"",
                                                  "id desc",
                                                  "state",
                                                  "initiator desc",
                                                  "document",
                                                  "open_due_date",
                                                  "update_time desc",
                                                  "create_time",
                                                  "step_order",
                                                  "etag desc"};
  return orders;
}

}  // namespace greffe::model
