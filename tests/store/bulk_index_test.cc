#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "absl/strings/str_format.h"
#include "greffe/v1/actions.pb.h"
#include "greffe/v1/budget_lines.pb.h"
#include "greffe/v1/trace.pb.h"
#include "storage/base/clock.h"
#include "storage/base/hashing.h"
#include "storage/index/index.h"
#include "storage/index/project_view.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

// A history of documents that appear, change, move to places that others leave in the same commit, and go, of links
// between them, and of what is counted by its dates.
class History {
 public:
  explicit History(unsigned seed = 1) : random_(seed) {}

  CommitFacts Next() {
    CommitFacts facts;
    facts.project = "apollo";
    facts.change.set_sequence(++sequence_);
    facts.change.set_commit(HashObject(ObjectType::kCommit, std::to_string(sequence_)).Hex());
    *facts.change.mutable_record_time() = ToTimestamp(sequence_);
    *facts.change.mutable_effective_time() = ToTimestamp(sequence_);
    if (sequence_ == 1) {
      facts.project_record.emplace().set_name("projects/apollo");
      return facts;
    }
    facts.request = RequestMark{"r-" + std::to_string(sequence_), "0123456789abcdef"};
    if (sequence_ % 3 == 0 || documents_.size() < 2) {
      v1::Document document;
      const std::string number = "SPC-" + std::to_string(documents_.size() + 1);
      document.set_name("projects/apollo/documents/" + number);
      document.set_path("f" + std::to_string(documents_.size() / 20) + "/" + number + ".md");
      document.set_type("specification");
      document.set_owner("ada");
      document.set_state(v1::DOCUMENT_STATE_ACTIVE);
      document.add_alternate_numbers("ALT-" + std::to_string(documents_.size()));
      document.mutable_latest_version()->set_number(1);
      documents_.push_back(document);
      facts.documents = {document};
      return facts;
    }
    if (sequence_ % 11 == 0) {
      facts.records.push_back(random_() % 2 == 0 ? NextAction() : NextBudgetLine());
      return facts;
    }
    if (sequence_ % 5 == 0) {
      // A link, or the end of one that is there.
      const std::string id = "l-" + std::to_string(random_() % 40);
      RecordPtr record;
      if (links_.erase(id) == 0) {
        auto link = std::make_shared<v1::Link>();
        link->set_name("projects/apollo/links/" + id);
        link->set_type(v1::LINK_TYPE_VERIFIES);
        link->set_from(documents_[random_() % documents_.size()].name());
        link->set_to(documents_[random_() % documents_.size()].name());
        record = std::move(link);
        links_.insert(id);
      }
      facts.records.push_back({"links", id, std::move(record), ""});
      return facts;
    }
    v1::Document& one = documents_[random_() % documents_.size()];
    v1::Document& other = documents_[random_() % documents_.size()];
    if (sequence_ % 7 == 0 && &one != &other) {
      std::swap(*one.mutable_path(), *other.mutable_path());
      one.clear_alternate_numbers();
      facts.documents = {one, other};
    } else if (sequence_ % 7 == 1) {
      one.set_state(one.state() == v1::DOCUMENT_STATE_ACTIVE ? v1::DOCUMENT_STATE_WITHDRAWN
                                                             : v1::DOCUMENT_STATE_ACTIVE);
      facts.documents = {one};
    } else {
      one.mutable_latest_version()->set_number(one.latest_version().number() + 1);
      (*one.mutable_labels())["stage"] = std::to_string(random_() % 5);
      facts.documents = {one};
    }
    return facts;
  }

 private:
  std::string AnyDate() { return absl::StrFormat("2026-%02d-%02d", 1 + random_() % 12, 1 + random_() % 28); }
  // Of few ids: what was counted in one month, or as open, is soon counted elsewhere.
  RecordChange NextAction() {
    const std::string id = "ACT-" + std::to_string(random_() % 10);
    auto action = std::make_shared<v1::Action>();
    action->set_name("projects/apollo/actions/" + id);
    action->set_state(random_() % 3 == 0 ? v1::ACTION_STATE_DONE : v1::ACTION_STATE_OPEN);
    action->set_due_date(AnyDate());
    return {"actions", id, std::move(action), ""};
  }
  RecordChange NextBudgetLine() {
    const std::string id = "BGL-" + std::to_string(random_() % 10);
    auto line = std::make_shared<v1::BudgetLine>();
    line->set_name("projects/apollo/budgetLines/" + id);
    line->set_state(v1::BUDGET_LINE_STATE_APPROVED);
    line->set_currency("EUR");
    line->set_planned(std::to_string(random_() % 1000));
    line->set_start_date(AnyDate());
    line->set_end_date("2027-01-31");
    return {"budgetLines", id, std::move(line), ""};
  }

  std::mt19937 random_;
  std::int64_t sequence_ = 0;
  std::vector<v1::Document> documents_;
  std::set<std::string> links_;
};

class BulkIndexTest : public testing::TestWithParam<std::int64_t> {};

TEST_P(BulkIndexTest, AWholeHistoryGivesTheRowsThatItGivesCommitByCommit) {
  const TemporaryDirectory directory;
  IndexOptions options;
  options.directory = directory.path() + "/bulk";
  options.bulk_bytes = GetParam();
  auto bulk = Index::Open(options);
  options.directory = directory.path() + "/plain";
  auto plain = Index::Open(options);
  ASSERT_TRUE(bulk.ok() && plain.ok());
  History history;
  History same;
  const auto compare = [&] {
    std::string differences;
    const auto rows = (*bulk)->CompareWith(**plain, [&](const std::string& text) { differences += text + "\n"; });
    EXPECT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(differences, "");
    return rows.value_or(0);
  };
  {
    IndexBatch whole = IndexBatch::OfWholeHistory(**bulk);
    for (int i = 0; i < 1500; ++i) {
      CommitFacts facts = history.Next();
      ASSERT_TRUE(whole.Apply(facts).ok());
      if (i % 50 == 0) {
        ASSERT_TRUE((*bulk)->WriteSome(whole).ok());
      }
      IndexBatch batch(**plain);
      CommitFacts again = same.Next();
      ASSERT_TRUE(batch.Apply(again).ok());
      ASSERT_TRUE((*plain)->Write(batch).ok());
    }
    const absl::Status written = (*bulk)->Write(whole);
    ASSERT_TRUE(written.ok()) << written;
  }
  EXPECT_GT(compare(), 8'000);
  // It goes on as any other, and is there after it was closed.
  for (int i = 0; i < 20; ++i) {
    for (auto* index : {&*bulk, &*plain}) {
      IndexBatch batch(**index);
      CommitFacts facts = index == &*bulk ? history.Next() : same.Next();
      ASSERT_TRUE(batch.Apply(facts).ok());
      ASSERT_TRUE((*index)->Write(batch).ok());
    }
  }
  compare();
  bulk->reset();
  options.directory = directory.path() + "/bulk";
  bulk = Index::Open(options);
  ASSERT_TRUE(bulk.ok()) << bulk.status();
  compare();
}

// So many documents stay parsed and no more: what comes back is read from the rows on their way in.
TEST(BulkDocumentsTest, ThoseThatDoNotStayParsedGoOnFromTheirRows) {
  constexpr int kDocuments = 17'000;  // above what stays parsed, 16,384
  constexpr int kEach = 1'000;
  const TemporaryDirectory directory;
  auto bulk = Index::Open({.directory = directory.path() + "/bulk"});
  auto plain = Index::Open({.directory = directory.path() + "/plain"});
  ASSERT_TRUE(bulk.ok() && plain.ok());
  const auto document = [](int number, int version) {
    v1::Document made;
    made.set_name("projects/apollo/documents/SPC-" + std::to_string(number));
    made.set_path(std::to_string(number % 7) + "/" + std::to_string(number) + ".md");
    made.set_type("specification");
    made.set_state(v1::DOCUMENT_STATE_ACTIVE);
    made.mutable_latest_version()->set_number(version);
    return made;
  };
  const auto commit = [&](std::int64_t sequence) {
    CommitFacts facts;
    facts.project = "apollo";
    facts.change.set_sequence(sequence);
    facts.change.set_commit(HashObject(ObjectType::kCommit, std::to_string(sequence)).Hex());
    *facts.change.mutable_record_time() = ToTimestamp(sequence);
    *facts.change.mutable_effective_time() = ToTimestamp(sequence);
    if (sequence == 1) facts.project_record.emplace().set_name("projects/apollo");
    return facts;
  };
  constexpr int kNewest = 1 + kDocuments / kEach;
  for (auto* index : {&*bulk, &*plain}) {
    IndexBatch batch = index == &*bulk ? IndexBatch::OfWholeHistory(**index) : IndexBatch(**index);
    for (int sequence = 1; sequence <= kNewest; ++sequence) {
      CommitFacts facts = commit(sequence);
      for (int i = 0; i < kEach && sequence > 1; ++i) {
        facts.documents.push_back(document((sequence - 2) * kEach + i, 1));
      }
      ASSERT_TRUE(batch.Apply(facts).ok());
    }
    // The first and the last one, a few of those between, in one commit with a new path for each.
    for (const int round : {2, 3}) {
      CommitFacts facts = commit(kNewest + round - 1);
      for (int number = 0; number < kDocuments; number += (kDocuments - 1) / 10) {
        v1::Document changed = document(number, round);
        changed.set_path("moved/" + std::to_string(round) + "/" + std::to_string(number) + ".md");
        facts.documents.push_back(changed);
      }
      ASSERT_TRUE(batch.Apply(facts).ok());
    }
    const absl::Status written = (*index)->Write(batch);
    ASSERT_TRUE(written.ok()) << written;
  }
  std::string differences;
  const auto rows = (*bulk)->CompareWith(**plain, [&](const std::string& text) { differences += text + "\n"; });
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT(*rows, 5 * kDocuments);
  EXPECT_EQ(differences.substr(0, 1000), "");
}

// What is answered of all that a history has, or of a moment of it.
std::string ReadAll(const Index& index, std::int64_t sequence = 0) {
  v1::AsOf as_of;
  if (sequence > 0) as_of.set_sequence(sequence);
  const auto view = ProjectView::Open(index, "apollo", as_of);
  EXPECT_TRUE(view.ok()) << view.status();
  std::string all;
  for (int i = 1; i <= 200; ++i) {
    if (const auto document = view->GetDocument("SPC-" + std::to_string(i)); document.ok()) {
      all += document->DebugString();
    }
  }
  const auto add = [&](const char* collection, const char* prefix) {
    for (int i = 0; i < 40; ++i) {
      const auto row = view->FindRow(*FindRecordKind(collection), prefix + std::to_string(i));
      EXPECT_TRUE(row.ok()) << row.status();
      if (row.ok() && *row) all += **row + "\n";
    }
  };
  add("links", "l-");
  add("actions", "ACT-");
  add("budgetLines", "BGL-");
  return all;
}

// What was read lately is held in memory: it must not outlive what is written.
TEST(IndexReadsTest, AreNeverOfWhatWasThereBefore) {
  const TemporaryDirectory directory;
  IndexOptions options;
  options.directory = directory.path() + "/index";
  const auto index = Index::Open(options);
  options.directory = directory.path() + "/fresh";
  const auto fresh = Index::Open(options);
  options.directory = directory.path() + "/unread";
  const auto unread = Index::Open(options);
  ASSERT_TRUE(index.ok() && fresh.ok() && unread.ok());
  constexpr int kCommits = 400;
  const auto apply = [](Index& to, History& history, int commits) {
    for (int i = 0; i < commits; ++i) {
      IndexBatch batch(to);
      CommitFacts facts = history.Next();
      ASSERT_TRUE(batch.Apply(facts).ok());
      ASSERT_TRUE(to.Write(batch).ok());
    }
  };
  History first;
  std::map<int, std::string> moments;
  for (int i = 10; i <= kCommits; i += 10) {
    apply(**index, first, 10);
    moments[i] = ReadAll(**index);
    ASSERT_EQ(ReadAll(**index), moments[i]);
  }
  History same;
  apply(**unread, same, kCommits);
  for (const auto& [sequence, text] : moments) {
    ASSERT_EQ(ReadAll(**unread, sequence), text) << sequence;
    ASSERT_EQ(ReadAll(**index, sequence), text) << sequence;
  }

  History other(2);
  apply(**fresh, other, kCommits);
  const std::string expected = ReadAll(**fresh);
  ASSERT_NE(expected, moments[kCommits]);
  for (const bool whole : {false, true}) {
    ASSERT_TRUE((*index)->Clear().ok());
    History again(2);
    if (whole) {
      IndexBatch batch = IndexBatch::OfWholeHistory(**index);
      for (int i = 1; i <= kCommits; ++i) {
        CommitFacts facts = again.Next();
        ASSERT_TRUE(batch.Apply(facts).ok());
        if (i % 100 != 0) continue;
        ASSERT_TRUE((*index)->Write(batch).ok());
        EXPECT_NE(ReadAll(**index), "");
      }
    } else {
      apply(**index, again, kCommits);
    }
    EXPECT_EQ(ReadAll(**index), expected) << whole;
    EXPECT_EQ(ReadAll(**index), expected) << whole;
  }
}

// All at once, in several files, and in several files at several times.
INSTANTIATE_TEST_SUITE_P(Sizes, BulkIndexTest, testing::Values(256 << 20, 4 << 20, 200 << 10));

}  // namespace
}  // namespace greffe
