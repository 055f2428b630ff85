#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/filter.h"
#include "storage/base/number_order.h"

namespace greffe {
namespace {

v1::Document Numbered(const std::string& number, const std::string& title = "") {
  v1::Document document;
  document.set_name("projects/atlas/documents/" + number);
  document.set_title(title);
  document.set_path(title);
  return document;
}

TEST(DocumentOrderTest, OrderingsParse) {
  const struct {
    const char* text;
    DocumentOrder order;
    bool descending;
  } kCases[] = {{"", DocumentOrder::kNumber, false},
                {"number", DocumentOrder::kNumber, false},
                {"number desc", DocumentOrder::kNumber, true},
                {" path ", DocumentOrder::kPath, false},
                {"title  desc ", DocumentOrder::kTitle, true},
                {"update_time desc", DocumentOrder::kUpdateTime, true},
                {"create_time", DocumentOrder::kCreateTime, false}};
  for (const auto& known : kCases) {
    const auto ordering = ParseDocumentOrdering(known.text);
    ASSERT_TRUE(ordering.ok()) << known.text << ": " << ordering.status();
    EXPECT_EQ(ordering->order, known.order) << known.text;
    EXPECT_EQ(ordering->descending, known.descending) << known.text;
  }
  for (const char* text :
       {"size", "desc", " desc", "number,path", "number DESC", "number asc", "title desc desc", "\xff"}) {
    const absl::Status status = ParseDocumentOrdering(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(ReasonOf(status), "ORDER_INVALID") << text;
    EXPECT_EQ(ErrorMetadataOf(status, "field"), "order_by") << text;
  }
}

TEST(DocumentOrderTest, NumbersSortByTheirRunsOfDigits) {
  const std::vector<std::string> sorted = {"0",
                                           "00",
                                           "1",
                                           "A",
                                           "A-1",
                                           "A-1-9",
                                           "A-1-10",
                                           "A-1.2",
                                           "A-02",
                                           "A-2",
                                           "A-10",
                                           "A-10-1",
                                           "A-10a",
                                           "A-100",
                                           "A.1",
                                           "A0",
                                           "A01",
                                           "A1",
                                           "A1B2",
                                           "A1B10",
                                           "A9",
                                           "A10",
                                           "AA",
                                           "SPC-007",
                                           "SPC-7",
                                           "SPC-9",
                                           "SPC-10",
                                           "SPC-99999999999999999999",
                                           "SPC-100000000000000000000",
                                           "a"};
  std::vector<std::string> numbers = sorted;
  std::reverse(numbers.begin(), numbers.end());
  std::sort(numbers.begin(), numbers.end(), [](const std::string& a, const std::string& b) {
    return SortKey(DocumentOrder::kNumber, Numbered(a)) < SortKey(DocumentOrder::kNumber, Numbered(b));
  });
  EXPECT_EQ(numbers, sorted);
  for (const std::string& number : sorted) EXPECT_EQ(NumberOfOrder(NumberOrder(number)), number);
}

TEST(DocumentOrderTest, TextSortsByBytesAndTiesByNumber) {
  const std::vector<v1::Document> sorted = {Numbered("Z-9"),          Numbered("B-2", "a"),  Numbered("B-10", "a"),
                                            Numbered("A-1", "a b"),   Numbered("C", "a/b"),  Numbered("A-2", "ab"),
                                            Numbered("A-3", "zebra"), Numbered("A-4", "été")};
  for (const DocumentOrder order : {DocumentOrder::kPath, DocumentOrder::kTitle}) {
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      EXPECT_LT(SortKey(order, sorted[i - 1]), SortKey(order, sorted[i])) << sorted[i].ShortDebugString();
    }
  }
}

TEST(DocumentOrderTest, TimesSortAlsoBeforeTheEpoch) {
  std::vector<v1::Document> sorted;
  for (const Micros time : {Micros{-62135596800000000}, Micros{-1}, Micros{0}, Micros{1}, Micros{255}, Micros{256},
                            Micros{1774958400500000}}) {
    v1::Document document = Numbered("A-" + std::to_string(100 - sorted.size()));
    *document.mutable_update_time() = ToTimestamp(time);
    *document.mutable_create_time() = ToTimestamp(time);
    sorted.push_back(document);
  }
  for (const DocumentOrder order : {DocumentOrder::kUpdateTime, DocumentOrder::kCreateTime}) {
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      EXPECT_LT(SortKey(order, sorted[i - 1]), SortKey(order, sorted[i]));
    }
  }
  v1::Document tied = Numbered("A-9");
  *tied.mutable_update_time() = ToTimestamp(-1);
  EXPECT_LT(SortKey(DocumentOrder::kUpdateTime, tied), SortKey(DocumentOrder::kUpdateTime, sorted[1]));
}

}  // namespace
}  // namespace greffe
