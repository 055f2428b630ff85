// Lists of records against what they mean: every record looked at, and sorted.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/number_order.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_filter.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr unsigned kSeed = 20261130;
constexpr int kRisks = 60;

class RecordListsTest : public ServiceFixture {
 protected:
  using Stub = v1::Registers::Stub;

  template <typename T>
  const T& Any(const std::vector<T>& of) {
    return of[random_() % of.size()];
  }

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    DefineAttributes();
    for (int i = 0; i < kRisks; ++i) {
      v1::CreateEntryRequest request;
      request.set_parent(kProject);
      Fill(*request.mutable_entry()->mutable_risk());
      Call(*registers_, &Stub::CreateEntry, request);
    }
    moments_.push_back(Read({}));
    for (int i = 1; i <= kRisks; i += 2) {
      v1::UpdateEntryRequest request;
      v1::Risk& risk = *request.mutable_entry()->mutable_risk();
      Fill(risk);
      risk.set_name(RiskName(i));
      for (const char* path : {"owner", "category", "probability", "impact", "review_date", "attributes", "labels"}) {
        request.mutable_update_mask()->add_paths(path);
      }
      Call(*registers_, &Stub::UpdateEntry, request);
    }
    for (int i = 1; i <= kRisks; i += 5) {
      v1::TransitionEntryRequest request;
      request.set_name(RiskName(i));
      request.set_state("CLOSED");
      request.set_comment("over");
      Call(*registers_, &Stub::TransitionEntry, request);
    }
    moments_.push_back(Read({}));
  }

  void DefineAttributes() {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name(kProject);
    for (const auto& [id, type] : {std::pair("package", v1::ATTRIBUTE_TYPE_INTEGER),
                                   {"zone", v1::ATTRIBUTE_TYPE_TEXT},
                                   {"weight", v1::ATTRIBUTE_TYPE_NUMBER}}) {
      v1::AttributeDefinition& definition = *request.mutable_project()->add_attribute_definitions();
      definition.set_id(id);
      definition.set_type(type);
      definition.add_collections("risks");
    }
    request.mutable_update_mask()->add_paths("attribute_definitions");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
  }

  static std::string RiskName(int number) {
    const std::string digits = std::to_string(number);
    return std::string(kProject) + "/risks/RISK-" + std::string(4 - digits.size(), '0') + digits;
  }

  void Fill(v1::Risk& risk) {
    risk.set_title("Risk " + std::to_string(random_() % 20));
    risk.set_owner(Any(owners_));
    risk.set_category(Any(categories_));
    risk.set_probability(static_cast<int>(random_() % 6));
    risk.set_impact(static_cast<int>(random_() % 6));
    risk.set_review_date(Any(dates_));
    (*risk.mutable_labels())["site"] = Any(zones_);
    auto& attributes = *risk.mutable_attributes();
    if (random_() % 4 != 0) attributes["package"].set_integer(static_cast<int>(random_() % 4));
    if (random_() % 4 != 0) attributes["zone"].set_text(Any(zones_));
    if (random_() % 4 != 0) attributes["weight"].set_number(static_cast<double>(random_() % 4) / 2);
  }

  struct Moment {
    std::int64_t sequence = 0;
    std::vector<v1::Risk> risks;
  };

  // All pages of a list, a few at a time.
  Moment Read(v1::ListEntriesRequest request) {
    request.set_parent(std::string(kProject) + "/risks");
    request.set_page_size(7);
    Moment moment;
    do {
      const v1::ListEntriesResponse page = Call(*registers_, &Stub::ListEntries, request);
      for (const v1::Entry& entry : page.entries()) moment.risks.push_back(entry.risk());
      moment.sequence = page.sequence();
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return moment;
  }

  std::string Comparison() {
    const std::vector<std::string> operators = {"=", "!=", "<", "<=", ">", ">=", ":"};
    const std::string negation = random_() % 5 == 0 ? "NOT " : "";
    switch (random_() % 11) {
      case 0:
      case 1:
        return negation + "owner " + Any(operators) + " \"" + Any(owners_) + "\"";
      case 2:
        return negation + "category " + Any(operators) + " \"" + Any(categories_) + "\"";
      case 3:
        return negation + "open_due_date " + Any(operators) + " \"" + Any(dates_) + "\"";
      case 4:
        return negation + "state = " + Any<std::string>({"IDENTIFIED", "CLOSED"});
      case 5:
        return negation + "score " + Any(operators) + " " + std::to_string(random_() % 26);
      case 6:
        return negation + "attributes." + Any<std::string>({"package", "zone", "weight"}) + " " + Any(operators) +
               " \"" + Any(zones_) + "\"";
      case 7:
        return negation + "labels.site " + Any(operators) + " \"" + Any(zones_) + "\"";
      default:
        return negation + "open_score " + Any(operators) + " " + Any<std::string>({"0", "4", "9", "25", "-1"});
    }
  }

  static std::vector<std::string> Expected(const std::vector<v1::Risk>& risks, const std::string& filter,
                                           const std::string& order) {
    const auto parsed = ParseRecordFilter(filter, *v1::Risk::descriptor());
    const auto ordering = ParseRecordOrdering(order, *v1::Risk::descriptor());
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_TRUE(ordering.ok()) << ordering.status();
    std::vector<std::pair<std::string, std::string>> found;
    for (const v1::Risk& risk : risks) {
      if (!Matches(*parsed, risk)) continue;
      std::string key = ordering->field == nullptr ? "" : FieldTexts(risk, *ordering->field).front() + '\0';
      found.emplace_back(key + NumberOrder(IdOfRecord(risk)), risk.DebugString());
    }
    std::sort(found.begin(), found.end());
    if (ordering->descending) std::reverse(found.begin(), found.end());
    std::vector<std::string> texts;
    for (auto& [key, text] : found) texts.push_back(std::move(text));
    return texts;
  }

  std::mt19937 random_{kSeed};
  const std::vector<std::string> owners_ = {"", "ad", "ada", "ada", "adam", "ben"};
  const std::vector<std::string> categories_ = {"", "a", "ab", "a b", "b", "\xC3\x84ra"};
  const std::vector<std::string> dates_ = {"", "2026-01-31", "2026-02-01", "2026-12-31"};
  const std::vector<std::string> zones_ = {"0", "1", "1.0", "0.5", "007", "a", "true"};
  std::vector<Moment> moments_;
};

TEST_F(RecordListsTest, HoldWhatAFilterMeansInTheOrderAskedForAtAnyMoment) {
  ASSERT_EQ(moments_[0].risks.size(), static_cast<std::size_t>(kRisks));
  ASSERT_EQ(moments_[1].risks.size(), static_cast<std::size_t>(kRisks));
  const std::vector<std::string> orders = {"",           "open_score",    "open_score desc",    "score desc",
                                           "owner",      "open_due_date", "open_due_date desc", "category desc",
                                           "title desc", "id desc"};
  std::size_t longest = 0;
  for (int round = 0; round < 400; ++round) {
    std::string filter = Comparison();
    for (std::size_t more = random_() % 3; more > 0; --more) filter += " AND " + Comparison();
    const std::string& order = Any(orders);
    const Moment& moment = Any(moments_);
    v1::ListEntriesRequest request;
    request.set_filter(filter);
    request.set_order_by(order);
    request.mutable_as_of()->set_sequence(moment.sequence);
    std::vector<std::string> texts;
    for (const v1::Risk& risk : Read(request).risks) texts.push_back(risk.DebugString());
    longest = std::max(longest, texts.size());
    ASSERT_EQ(texts, Expected(moment.risks, filter, order))
        << filter << " by '" << order << "' at " << moment.sequence << ", seed " << kSeed;
  }
  EXPECT_GT(longest, static_cast<std::size_t>(kRisks) / 2);
}

}  // namespace
}  // namespace greffe
