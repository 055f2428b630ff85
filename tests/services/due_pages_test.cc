// Lists that go by a day, while one day becomes the next.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "services/call/records.h"
#include "storage/base/civil_date.h"
#include "storage/base/page_token.h"
#include "tests/scenario/fake_clock.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class DuePagesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    clock_ = &clock_of_test_;
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  std::string InDays(int days) { return AddDays(DateAt(clock_of_test_.Now(), "UTC"), days); }
  void NextDays(int days) { clock_of_test_.Set(clock_of_test_.Now() + days * kMicrosPerDay); }

  // The names of all, by pages of one, each asked for a day after the one before.
  template <typename Stub, typename Request, typename Response, typename Items>
  std::vector<std::string> OneADay(Stub& stub,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                   Request request, Items items) {
    std::vector<std::string> names;
    request.set_parent(kProject);
    request.set_page_size(1);
    do {
      const Response page = Call(stub, method, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& item : items(page)) names.push_back(item.name().substr(item.name().rfind('/') + 1));
      request.set_page_token(page.next_page_token());
      NextDays(1);
    } while (!request.page_token().empty());
    return names;
  }

  FakeClock clock_of_test_{FakeClock::MorningOf(2026, 3, 2)};
};

TEST_F(DuePagesTest, DeliverablesAreLateAndDueByTheDayOfTheFirstPage) {
  for (const int day : {-2, -1, 0, 1, 2, 3, 4}) {
    v1::CreateDeliverableRequest request;
    request.set_parent(kProject);
    request.mutable_deliverable()->set_title("of the day");
    request.mutable_deliverable()->set_planned_date(InDays(day));
    Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  const auto list = [this](const v1::ListDeliverablesRequest& request) {
    return OneADay(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, request,
                   [](const v1::ListDeliverablesResponse& page) { return page.deliverables(); });
  };
  v1::ListDeliverablesRequest late;
  late.set_late(true);
  EXPECT_EQ(list(late), (std::vector<std::string>{"DLV-0001", "DLV-0002"}));
  v1::ListDeliverablesRequest soon;
  soon.set_due_within_days(1);  // the list before took two days
  EXPECT_EQ(list(soon), (std::vector<std::string>{"DLV-0005", "DLV-0006"}));
}

TEST_F(DuePagesTest, ReviewsAreOverdueByTheDayOfTheFirstPage) {
  for (const int day : {1, 2, 3, 4}) {
    const std::string path = std::to_string(day) + ".md";
    const std::string document = CheckIn(NewAt(path, path)).document().name();
    v1::CreateReviewRequest request;
    request.set_parent(kProject);
    request.mutable_review()->set_version(document + "/versions/latest");
    v1::ReviewStep& step = *request.mutable_review()->add_steps();
    step.add_reviewers()->set_principal("ada");
    step.set_due_date(InDays(day));
    Call(*reviews_, &v1::Reviews::Stub::CreateReview, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  NextDays(3);
  v1::ListReviewsRequest overdue;
  overdue.set_overdue(true);
  EXPECT_EQ(OneADay(*reviews_, &v1::Reviews::Stub::ListReviews, overdue,
                    [](const v1::ListReviewsResponse& page) { return page.reviews(); }),
            (std::vector<std::string>{"RVW-0001", "RVW-0002"}));
}

// A list by the day on which things are due has positions that begin with a day themselves.
TEST_F(DuePagesTest, ATokenWithoutTheDayOfTheFirstPageIsRefused) {
  for (const int day : {1, 2}) {
    v1::CreateDeliverableRequest create;
    create.set_parent(kProject);
    create.mutable_deliverable()->set_title("of the day");
    create.mutable_deliverable()->set_planned_date(InDays(day));
    Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, create);
  }
  v1::ListDeliverablesRequest list;
  list.set_parent(kProject);
  list.set_due_within_days(5);
  list.set_page_size(1);
  const std::string token = Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, list).next_page_token();
  auto page = DecodePageToken(token, PageQuery(list), clock_of_test_.Now(), kMicrosPerDay);
  ASSERT_TRUE(page.ok()) << page.status();
  const std::size_t due = std::min(page->position.find(InDays(1)), page->position.find(InDays(2)));
  ASSERT_NE(due, std::string::npos);
  page->position.erase(0, due);
  list.set_page_token(EncodePageToken(*page, PageQuery(list), clock_of_test_.Now()));
  Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, list);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_INVALID") << status_.error_message();
}

// What the request's own fields ask for is none of the comparisons that a filter may have.
TEST_F(DuePagesTest, AFilterHasAllItsComparisonsBesideTheOtherFields) {
  std::string filter;
  for (int i = 0; i < 32; ++i) filter += (i > 0 ? " AND " : "") + std::string("id != \"X\"");
  v1::ListDeliverablesRequest deliverables;
  deliverables.set_parent(kProject);
  deliverables.set_filter(filter);
  deliverables.set_late(true);
  Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, deliverables);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  v1::ListReviewsRequest reviews;
  reviews.set_parent(kProject);
  reviews.set_filter(filter);
  reviews.set_reviewer("ada");
  reviews.set_overdue(true);
  Call(*reviews_, &v1::Reviews::Stub::ListReviews, reviews);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

}  // namespace
}  // namespace greffe
