// greffe_trace run DIR LOG     runs the trace on a new store in DIR; what became of each step goes to LOG
// greffe_trace check DIR LOG   opens the store again: what was answered is there, what was refused is not, and what was
//                              not answered is there whole or not at all, and can be repeated
// greffe_trace dump DIR        opens a store that may be damaged, and prints what it answers, errors included
// greffe_trace trim-and-WHAT DIR   makes a journal in DIR, trims it and trims it again (trim) or writes to it (append);
//                              prints what each of these answers
// greffe_trace fill DIR ROOM   makes a journal in DIR and writes to it, then once more with the file ROOM; prints what
//                              these answer, and what is read
// greffe_trace refuse DIR N    makes a journal in DIR and writes to it N times; prints how many of these found no room,
//                              and how often it read anything meanwhile
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "storage/base/errors.h"
#include "storage/journal/rocksdb_journal.h"
#include "tests/faults/trace.h"

namespace greffe {
namespace {

enum class Outcome { kUnanswered, kDone, kRefused };

// A refusal leaves nothing; of these it is not known whether the write is there (Journal::Append, Committer).
bool MayBeThere(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "SYNC_FAILED" || reason == "INDEX_FAILED";
}

// Lines are written at once, by a call that io_calls.cc sees: what the process knew when it was killed is there.
class OutcomeLog {
 public:
  explicit OutcomeLog(const std::string& path) : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644)) {}
  ~OutcomeLog() { ::close(fd_); }
  void Line(const std::string& line) {
    if (::write(fd_, (line + "\n").data(), line.size() + 1) != static_cast<ssize_t>(line.size() + 1)) std::abort();
  }

 private:
  const int fd_;
};

int Run(const std::string& directory, const std::string& log_path) {
  OutcomeLog log(log_path);
  TraceStore store(directory);
  const absl::Status opened = store.Open();
  if (!opened.ok()) std::cout << "open: " << opened << "\n";
  const std::vector<TraceStep> trace = MakeTrace();
  for (std::size_t i = 0; i < trace.size(); ++i) {
    log.Line(std::to_string(i) + " begun");
    const auto result = store.Do(static_cast<int>(i), trace[i]);
    if (result.ok()) {
      log.Line(std::to_string(i) + " done " + std::to_string(result->sequence));
    } else if (!MayBeThere(result.status())) {
      log.Line(std::to_string(i) + " refused");
    }
    if (!result.ok()) std::cout << i << ": " << result.status() << "\n";
  }
  std::cout << "close: " << store.Close() << "\n";
  return 0;
}

int Fail(const std::string& text) {
  std::cout << text << "\n";
  return 1;
}

int Check(const std::string& directory, const std::string& log_path) {
  const std::vector<TraceStep> trace = MakeTrace();
  std::vector<TraceStep> hashed;
  for (const TraceStep& step : trace) hashed.push_back(Hashed(step));
  std::vector<Outcome> outcomes;
  std::vector<std::int64_t> sequences;
  std::ifstream log(log_path);
  for (std::string line; std::getline(log, line);) {
    std::istringstream words(line);
    std::size_t index = 0;
    std::string word;
    std::int64_t sequence = 0;
    words >> index >> word >> sequence;
    outcomes.resize(index + 1, Outcome::kUnanswered);
    sequences.resize(index + 1);
    if (word == "done") outcomes[index] = Outcome::kDone;
    if (word == "refused") outcomes[index] = Outcome::kRefused;
    sequences[index] = sequence;
  }
  TraceStore store(directory);
  if (const absl::Status status = store.Open(); !status.ok()) return Fail("open: " + status.ToString());
  absl::StatusOr<TraceState> actual = store.Dump();
  if (!actual.ok()) return Fail("dump: " + actual.status().ToString());
  TraceState expected;
  int acknowledged = 0;
  int refused = 0;  // though the rules allow it
  std::vector<std::size_t> unanswered;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const TraceStep& step = hashed[i];
    if (!step.IsWrite()) continue;
    if (outcomes[i] == Outcome::kUnanswered) {
      unanswered.push_back(i);
      // There or not: the project's sequence tells, and the comparison below whether all of it is.
      const auto now = actual->find(step.project);
      const std::int64_t reached = now == actual->end() ? 0 : now->second.sequence;
      std::int64_t later = 0;
      for (std::size_t j = i + 1; j < outcomes.size(); ++j) {
        later += trace[j].IsWrite() && trace[j].project == step.project && outcomes[j] == Outcome::kDone ? 1 : 0;
      }
      TraceState with = expected;
      if (Apply(step, with) && with[step.project].sequence + later <= reached) expected = std::move(with);
    } else if (outcomes[i] == Outcome::kDone) {
      if (!Apply(step, expected)) return Fail("step " + std::to_string(i) + " was done and should have been refused");
      if (expected[step.project].sequence != sequences[i]) return Fail("step " + std::to_string(i) + " lied");
      ++acknowledged;
    } else {
      TraceState with = expected;
      refused += Apply(step, with) ? 1 : 0;
    }
  }
  if (const std::string difference = Difference(expected, *actual); !difference.empty()) return Fail(difference);
  for (const std::size_t i : unanswered) {
    // The model has it already or takes it now; either way the request is done once.
    const TraceState before = expected;
    const bool allowed = Apply(hashed[i], expected);
    const auto result = store.Do(static_cast<int>(i), trace[i]);
    if (result.ok() && result->replayed) expected = before;
    if (!result.ok() && allowed) return Fail("again " + std::to_string(i) + ": " + result.status().ToString());
  }
  for (std::size_t i = outcomes.size(); i-- > 0;) {
    if (!trace[i].IsWrite() || outcomes[i] != Outcome::kDone) continue;
    const auto result = store.Do(static_cast<int>(i), trace[i]);
    if (!result.ok() || !result->replayed || result->sequence != sequences[i]) {
      return Fail("step " + std::to_string(i) + " is not answered again as it was: " + result.status().ToString());
    }
    break;
  }
  actual = store.Dump();
  if (!actual.ok()) return Fail("dump: " + actual.status().ToString());
  if (const std::string difference = Difference(expected, *actual); !difference.empty()) return Fail(difference);
  if (const absl::Status closed = store.Close(); !closed.ok()) return Fail("close: " + closed.ToString());
  std::cout << acknowledged << " writes acknowledged, " << unanswered.size() << " unanswered, " << refused
            << " failed\n";
  return 0;
}

int DumpTo(const std::string& directory) {
  TraceStore store(directory, [](Severity, const std::string& line) { std::cout << "log: " << line << "\n"; });
  if (const absl::Status status = store.Open(); !status.ok()) return Fail("open: error: " + status.ToString());
  for (const std::string& line : store.DumpLines()) std::cout << line << "\n";
  const absl::Status closed = store.Close();
  if (!closed.ok()) std::cout << "close: error: " << closed.ToString() << "\n";
  return 0;
}

// A journal in `directory` with one commit; nullptr: that failed.
std::unique_ptr<Journal> MakeJournal(const std::string& directory) {
  auto journal = OpenRocksDbJournal({.directory = directory});
  if (!journal.ok()) {
    Fail("open: " + journal.status().ToString());
    return nullptr;
  }
  const Oid commit = HashObject(ObjectType::kCommit, "commit");
  CommitGroup group;
  group.repository = "apollo";
  group.commits.push_back({1, commit, 1, {{commit, {ObjectType::kCommit, "commit"}, Oid{}}}, {}});
  group.refs.push_back({"refs/heads/main", Oid{}, commit, 1});
  if (const absl::Status made = (*journal)->Append(group); !made.ok()) {
    Fail("make: " + made.ToString());
    return nullptr;
  }
  return *std::move(journal);
}

absl::Status AppendRow(Journal& journal, const std::string& key) {
  CommitGroup group;
  group.state.push_back({key, "value of " + key});
  return journal.Append(group);
}

// What a journal answers that was not closed.
void PrintReads(const Journal& journal) {
  const auto commits = journal.ReadCommits("apollo", 0, 1000);
  std::cout << "commits: " << (commits.ok() ? std::to_string(commits->size()) : commits.status().ToString()) << "\n";
  const auto rows = journal.ScanState("", "", 10);
  std::cout << "rows:";
  for (const auto& [key, value] : rows.value_or(std::vector<std::pair<std::string, std::string>>())) {
    std::cout << " " << key;
  }
  std::cout << "\nhealth: " << journal.Health() << "\n";
}

int TrimAnd(const std::string& what, const std::string& directory) {
  const std::unique_ptr<Journal> journal = MakeJournal(directory);
  if (journal == nullptr) return 1;
  std::cout << "trim: " << journal->Trim("apollo", 1) << "\n";
  std::cout << "then: " << (what == "trim" ? journal->Trim("apollo", 1) : AppendRow(*journal, "key")) << "\n";
  return 0;
}

int FillUp(const std::string& directory, const std::string& room) {
  {
    const std::unique_ptr<Journal> journal = MakeJournal(directory);
    if (journal == nullptr) return 1;
    if (const absl::Status made = AppendRow(*journal, "before"); !made.ok()) return Fail("row: " + made.ToString());
    for (const char* key : {"one", "two"}) std::cout << key << ": " << AppendRow(*journal, key) << "\n";
    PrintReads(*journal);
    std::ofstream(room) << "room";
    std::cout << "with room\nthree: " << AppendRow(*journal, "three") << "\n";
    PrintReads(*journal);
    std::cout << "close: " << journal->Close() << "\n";
  }
  const auto journal = OpenRocksDbJournal({.directory = directory});
  if (!journal.ok()) return Fail("open again: " + journal.status().ToString());
  std::cout << "opened again\n";
  PrintReads(**journal);
  return 0;
}

// Calls of this process so far that read something.
long Reads() {
  std::ifstream counts("/proc/self/io");
  for (std::string line; std::getline(counts, line);) {
    if (line.starts_with("syscr: ")) return std::atol(line.c_str() + 7);
  }
  return 0;
}

int CountRefused(const std::string& directory, int writes) {
  const std::unique_ptr<Journal> journal = MakeJournal(directory);
  if (journal == nullptr) return 1;
  int refused = 0;
  const long before = Reads();
  for (int i = 0; i < writes; ++i) {
    refused += absl::IsResourceExhausted(AppendRow(*journal, std::to_string(i))) ? 1 : 0;
  }
  std::cout << refused << " " << Reads() - before << "\n";
  return 0;
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "run") == 0) return greffe::Run(argv[2], argv[3]);
  if (argc == 4 && std::strcmp(argv[1], "check") == 0) return greffe::Check(argv[2], argv[3]);
  if (argc == 3 && std::strcmp(argv[1], "dump") == 0) return greffe::DumpTo(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "trim-and-trim") == 0) return greffe::TrimAnd("trim", argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "trim-and-append") == 0) return greffe::TrimAnd("append", argv[2]);
  if (argc == 4 && std::strcmp(argv[1], "fill") == 0) return greffe::FillUp(argv[2], argv[3]);
  if (argc == 4 && std::strcmp(argv[1], "refuse") == 0) return greffe::CountRefused(argv[2], std::atoi(argv[3]));
  std::fputs("greffe_trace run|check DIR LOG | dump|trim-and-trim|trim-and-append DIR | fill DIR ROOM | refuse DIR N\n",
             stderr);
  return 2;
}
