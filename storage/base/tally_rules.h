// What a document or a record counts for in its project's figures. The index adds it up (storage/index/tally_writer.h),
// so that figures are read and never walked for. Functions of the messages alone.
//
// Counts are kept by topic, and in a topic by key:
//   documents              <type>/<STATE of the latest version, or NONE>, withdrawn, released
//   <collection>           state/<STATE>, open, due/<month> (open ones by the month of open_due_date), and
//     reviews              decided, turnaround (seconds of all decided ones)
//     deliverables         decided, first, first_reserved; slipped, slip_days, open_slipped
//     milestones           slipped, slip_days; slip/<days> (of open ones)
//     risks                score/<score of open ones, two digits>
//     issues               severity/<SEVERITY of open ones>
//     budgetLines          <currency>/planned, committed, actual, forecast, earned; of lines with both days
//                          <currency>/scheduled_earned, and starts/<month>, by the month of the first
//   <collection>/<month>   <day of the month>: open ones by open_due_date
//   budgetLines/<month>    <currency> <first day> <last day>: budget of lines that begin in that month
// Amounts of money are in the smallest unit of their currency.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "greffe/v1/documents.pb.h"
#include "storage/base/record_kinds.h"

namespace greffe {

inline constexpr char kDocumentsTopic[] = "documents";

struct TallyCount {
  std::string topic;
  std::string key;
  std::int64_t amount = 0;

  friend bool operator==(const TallyCount&, const TallyCount&) = default;
};

std::vector<TallyCount> CountsOf(const v1::Document& document);
// None for kinds that are in no figures.
std::vector<TallyCount> CountsOf(const RecordKind& kind, const google::protobuf::Message& record);
// Whether records of the kind are counted.
bool IsCounted(const RecordKind& kind);

// "2026-03" of "2026-03-31", and the topic in which a month's days are counted.
std::string MonthOf(const std::string& date);
std::string MonthTopic(const std::string& collection, const std::string& month);

}  // namespace greffe
