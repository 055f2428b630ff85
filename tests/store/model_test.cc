// Random acts beside a model that is too simple to be wrong; every answer about every moment must be the model's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

struct ModelDocument {
  std::string path;
  std::string title;
  std::string label;
  std::string owner;
  bool withdrawn = false;
  std::vector<std::string> versions;
};
using Moment = std::map<std::string, ModelDocument>;  // by number

std::string Folded(std::string path) {
  for (char& c : path) c = static_cast<char>(std::tolower(c));
  return path;
}

// Whether two paths could not both lie in one checkout, wherever it is.
bool Clash(const std::string& a, const std::string& b) {
  if (Folded(a) == Folded(b)) return true;
  if (Folded(a + "/") == Folded(b).substr(0, a.size() + 1) || Folded(b + "/") == Folded(a).substr(0, b.size() + 1)) {
    return true;
  }
  for (std::size_t slash = a.find('/'); slash != std::string::npos; slash = a.find('/', slash + 1)) {
    const std::string folder = a.substr(0, slash + 1);
    const std::string other = b.substr(0, slash + 1);
    if (Folded(folder) == Folded(other) && folder != other) return true;
  }
  return false;
}

class ModelTest : public StoreFixture {
 protected:
  void SetUp() override {
    const char* chosen = std::getenv("GREFFE_SEED");
    const auto seed = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 20261124;
    random_.seed(seed);
    std::printf("GREFFE_SEED=%llu\n", static_cast<unsigned long long>(seed));
    StoreFixture::SetUp();
    ASSERT_TRUE(MakeProject().ok());
    moments_ = {{}, {}};  // sequences 0 and 1
  }

  std::size_t Below(std::size_t bound) { return random_() % bound; }
  std::string AnyPath() {
    static const std::vector<std::string> kPaths = {"a.md",   "b/c.md",   "b/d.md",     "b/e/f.md", "b",    "B/x.md",
                                                    "g/h.md", "g/H.md",   "g/i.csv",    "j.txt",    "k/l",  "k/l/m",
                                                    "n.md",   "o/p/q.md", "o/p/r s.md", "O/p/t.md", "u.md", "A.MD"};
    return kPaths[Below(kPaths.size())];
  }
  bool Free(const std::string& path, const std::string& except = "") const {
    return std::none_of(moments_.back().begin(), moments_.back().end(), [&](const auto& entry) {
      return entry.first != except && !entry.second.withdrawn && Clash(entry.second.path, path);
    });
  }
  std::string AnyNumber() {
    const Moment& now = moments_.back();
    if (now.empty()) return "";
    return std::next(now.begin(), static_cast<std::ptrdiff_t>(Below(now.size())))->first;
  }

  // One random act; the model's next moment when it must succeed.
  void Step() {
    Moment next = moments_.back();
    bool succeeds = true;
    bool changes = true;
    absl::StatusOr<WriteResult> result;
    const std::string number = AnyNumber();
    const std::size_t kind = number.empty() ? 0 : Below(10);
    if (kind < 2) {
      const std::string path = AnyPath();
      succeeds = Free(path);
      char digits[16];
      std::snprintf(digits, sizeof digits, "SPC-%04zu", next.size() + 1);
      next[digits] = {path, path.substr(path.rfind('/') + 1), "", "ada", false, {path}};
      result = Put(path, path);
      if (succeeds && result.ok()) next[digits].title = result->documents[0].title();  // how a title is made of a path
    } else if (kind < 6) {
      const std::string text = "text " + std::to_string(Below(3));
      succeeds = !next[number].withdrawn;
      changes = next[number].versions.back() != text;
      if (changes) next[number].versions.push_back(text);
      result = Put(next[number].path, text, number);
    } else if (kind == 6) {
      const std::string path = AnyPath();
      succeeds = !next[number].withdrawn && Free(path, number);
      changes = next[number].path != path;
      next[number].path = path;
      result = Act([&](Transaction& t) { return MoveDocument(t, number, path, "", "path"); });
    } else if (kind == 7) {
      succeeds = !next[number].withdrawn;
      next[number].withdrawn = true;
      result = Act([&](Transaction& t) { return WithdrawDocument(t, number, ""); });
    } else if (kind == 8) {
      succeeds = next[number].withdrawn && Free(next[number].path, number);
      next[number].withdrawn = false;
      result = Act([&](Transaction& t) { return ReinstateDocument(t, number, "", "", "path"); });
    } else {
      v1::Document values;
      values.set_title("Title " + std::to_string(Below(5)));
      values.set_owner(Below(2) == 0 ? "ada" : "grace");
      const std::string label = "l" + std::to_string(Below(3));
      (*values.mutable_labels())["phase"] = label;
      succeeds = !next[number].withdrawn;
      changes =
          next[number].title != values.title() || next[number].owner != values.owner() || next[number].label != label;
      next[number].title = values.title();
      next[number].owner = values.owner();
      next[number].label = label;
      result = Act([&](Transaction& t) {
        v1::Document named = values;
        named.set_name("projects/apollo/documents/" + number);
        return UpdateDocument(t, named, {"title", "owner", "labels"}, "document");
      });
    }
    ASSERT_EQ(result.ok(), succeeds) << "act " << kind << " on " << number << ": " << result.status();
    if (!succeeds) return;
    if (result->sequence == 0 || !changes) {
      ASSERT_EQ(result->sequence, 0) << "act " << kind << " on " << number << " changes nothing";
      ASSERT_FALSE(changes) << "act " << kind << " on " << number;
      return;
    }
    ASSERT_EQ(result->sequence, static_cast<std::int64_t>(moments_.size()));
    moments_.push_back(std::move(next));
  }

  // What the store says of the moment, by number.
  std::vector<std::string> List(std::int64_t sequence, const std::string& filter, const std::string& order) {
    std::vector<std::string> numbers;
    std::string after;
    do {
      const auto page =
          View(sequence).ListDocuments(*ParseDocumentFilter(filter), *ParseDocumentOrdering(order), 3, after);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return numbers;
      for (const auto& document : page->documents) {
        numbers.push_back(document.name().substr(document.name().rfind('/') + 1));
      }
      after = page->next;
    } while (!after.empty());
    return numbers;
  }

  template <typename Predicate>
  static std::vector<std::string> Choose(const Moment& moment, Predicate predicate) {
    std::vector<std::string> numbers;
    for (const auto& [number, document] : moment) {
      if (predicate(document)) numbers.push_back(number);
    }
    return numbers;
  }

  void CompareAt(std::int64_t sequence) {
    SCOPED_TRACE("sequence " + std::to_string(sequence));
    const Moment& moment = moments_[static_cast<std::size_t>(sequence)];
    const auto active = [](const ModelDocument& d) { return !d.withdrawn; };
    EXPECT_EQ(List(sequence, "", ""), Choose(moment, active));
    EXPECT_EQ(List(sequence, "state = WITHDRAWN", ""),
              Choose(moment, [](const ModelDocument& d) { return d.withdrawn; }));
    EXPECT_EQ(List(sequence, "owner = grace", ""),
              Choose(moment, [](const ModelDocument& d) { return !d.withdrawn && d.owner == "grace"; }));
    EXPECT_EQ(List(sequence, "labels.phase = l1", ""),
              Choose(moment, [](const ModelDocument& d) { return !d.withdrawn && d.label == "l1"; }));
    EXPECT_EQ(List(sequence, "path : \"b/\"", ""),
              Choose(moment, [](const ModelDocument& d) { return !d.withdrawn && d.path.starts_with("b/"); }));
    std::vector<std::string> by_path = Choose(moment, active);
    std::sort(by_path.begin(), by_path.end(),
              [&](const auto& a, const auto& b) { return moment.at(a).path < moment.at(b).path; });
    EXPECT_EQ(List(sequence, "", "path"), by_path);
    for (const auto& [number, document] : moment) {
      const auto got = View(sequence).GetDocument(number);
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_EQ(got->title(), document.title);
      EXPECT_EQ(got->path(), document.path);
      EXPECT_EQ(got->latest_version().number(), document.versions.size());
      const auto last = View(sequence).GetVersion(number, static_cast<std::int64_t>(document.versions.size()));
      ASSERT_TRUE(last.ok()) << last.status();
      EXPECT_EQ(*store_->ReadContent("apollo", last->main_file()), document.versions.back());
      EXPECT_EQ(View(sequence).GetLatestVersion(number).ok(), !document.withdrawn);
      const auto versions = View(sequence).ListVersions(number, 1000, "");
      ASSERT_TRUE(versions.ok()) << versions.status();
      EXPECT_EQ(versions->versions.size(), document.versions.size());
      const auto found = View(sequence).FindByPath(document.path);
      if (!document.withdrawn) {
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(found->name(), "projects/apollo/documents/" + number);
      }
    }
  }

  void CompareWithStockGit(std::int64_t sequence) {
    const std::string commit = Git("rev-list --reverse main | sed -n " + std::to_string(sequence) + "p");
    std::set<std::string> paths;
    std::istringstream lines(
        Git("ls-tree -r --name-only " + commit.substr(0, 40) + " | grep -v '^\\.greffe/' || true"));
    for (std::string line; std::getline(lines, line);) paths.insert(line);
    std::set<std::string> expected;
    for (const auto& [number, document] : moments_[static_cast<std::size_t>(sequence)]) {
      if (!document.withdrawn) expected.insert(document.path);
    }
    EXPECT_EQ(paths, expected) << "sequence " << sequence;
  }

  std::mt19937_64 random_;
  std::vector<Moment> moments_;  // by sequence
};

TEST_F(ModelTest, EveryMomentAnswersAsTheModelDoesAlsoFromARebuiltIndex) {
  for (int i = 0; i < 1200; ++i) {
    ASSERT_NO_FATAL_FAILURE(Step()) << "step " << i;
    if (i % 300 == 200) {
      ASSERT_TRUE(store_->FlushRepositories().ok());
    }
    if (i % 400 == 350) {
      store_.reset();
      Open();
    }
  }
  const auto last = static_cast<std::int64_t>(moments_.size()) - 1;
  ASSERT_GT(last, 200);
  CompareAt(last);
  for (int i = 0; i < 20; ++i) CompareAt(1 + static_cast<std::int64_t>(Below(static_cast<std::size_t>(last))));

  ASSERT_TRUE(store_->FlushRepositories().ok());
  for (int i = 0; i < 10; ++i)
    CompareWithStockGit(1 + static_cast<std::int64_t>(Below(static_cast<std::size_t>(last))));
  store_.reset();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Open();
  for (int i = 0; i < 10; ++i) CompareAt(1 + static_cast<std::int64_t>(Below(static_cast<std::size_t>(last))));
}

}  // namespace
}  // namespace greffe
