// The trace with a fault at one call after another. Environment:
//   GREFFE_FAULT_POINTS   calls a kind, spread evenly (default 6); "all": each one, which takes hours
//   GREFFE_FAULT_OFFSET   shifts them (default 0)
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

constexpr int kKilled = 128 + 9;  // as the shell says it

class FaultSweep : public testing::TestWithParam<const char*> {
 protected:
  std::string data() const { return directory_.path() + "/data"; }
  std::string log() const { return directory_.path() + "/log"; }

  static std::string Trace(const std::string& arguments) {
    return std::string(GREFFE_TESTS) + "/greffe_trace " + arguments;
  }

  // Runs the trace on a new store; `fault` may be empty.
  ShellResult Run(const std::string& fault) {
    std::filesystem::remove_all(data());
    std::filesystem::remove(log());
    std::string command = "GREFFE_IO_ROOT=" + data() + " GREFFE_IO_COUNT=" + directory_.path() + "/count ";
    if (!fault.empty()) command += "GREFFE_IO_FAULT=" + fault + " ";
    command += "LD_PRELOAD=" + std::string(GREFFE_TESTS) + "/greffe_io_calls.so ";
    return Shell(command + Trace("run " + data() + " " + log()) + "; exit $?");
  }

  long Calls() {
    EXPECT_EQ(Run("").exit_code, 0);
    long count = 0;
    std::ifstream(directory_.path() + "/count") >> count;
    return count;
  }

  // Has `greffe_trace arguments` meet a fault of `kind` at one call after another, and gives `look` what it printed.
  void SweepJournal(const std::string& kind, const std::string& arguments,
                    const std::function<void(const std::string& output)>& look, const std::string& more = "") {
    bool all = false;
    // Where a quota is met is where a full disk is: some of the calls show that it is taken for one.
    for (int call = 1; !all; call += kind == "edquot" ? 4 : 1) {
      std::filesystem::remove_all(data());
      const std::string fault = kind + ":" + std::to_string(call);
      const ShellResult run = Shell("GREFFE_IO_ROOT=" + data() + " GREFFE_IO_FAULT=" + fault + " " + more +
                                    "GREFFE_IO_COUNT=" + directory_.path() + "/count LD_PRELOAD=" + GREFFE_TESTS +
                                    "/greffe_io_calls.so " + Trace(arguments));
      int calls = 0;
      std::ifstream(directory_.path() + "/count") >> calls;
      all = call > calls && calls > 0;
      look(fault + "\n" + run.output);
    }
  }

  // The store after the fault, by its own words and by those of others.
  std::string Findings() {
    const ShellResult check = Shell(Trace("check " + data() + " " + log()));
    if (check.exit_code != 0) return "check: " + check.output;
    const std::string admin = std::string(GREFFE_BIN) + "/greffe-admin --data " + data();
    for (const std::string what : {"verify", "index verify"}) {
      const ShellResult result = Shell(admin + " " + what);
      if (result.exit_code != 0) return what + ": " + result.output;
    }
    for (const auto& entry : std::filesystem::directory_iterator(data() + "/repositories")) {
      const ShellResult fsck = Shell("git -C " + entry.path().string() + " fsck --full --strict --no-progress");
      if (fsck.exit_code != 0 || fsck.output.find("missing") != std::string::npos) return "fsck: " + fsck.output;
    }
    return "";
  }

  std::vector<long> Points(long calls) {
    const char* wanted = std::getenv("GREFFE_FAULT_POINTS");
    const std::string points = wanted == nullptr ? "6" : wanted;
    const char* shift = std::getenv("GREFFE_FAULT_OFFSET");
    const long step = points == "all" ? 1 : std::max(1L, calls / std::max(1L, std::atol(points.c_str())));
    std::vector<long> result;
    for (long call = 1 + (shift == nullptr ? step / 2 : std::atol(shift)) % step; call <= calls; call += step) {
      result.push_back(call);
    }
    return result;
  }

  TemporaryDirectory directory_;
};

TEST_P(FaultSweep, LosesNothingThatWasAcknowledgedAndKeepsNothingHalf) {
  const std::string kind = GetParam();
  const long calls = Calls();
  ASSERT_GT(calls, 500) << "the faults are not in the way of the calls";
  ASSERT_EQ(Findings(), "");
  ASSERT_EQ(Shell(Trace("check " + data() + " " + log())).output, "156 writes acknowledged, 0 unanswered, 0 failed\n");
  const std::vector<long> points = Points(calls);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string fault = kind + ":" + std::to_string(points[i]);
    const ShellResult run = Run(fault);
    const bool deadly = kind == "kill" || kind == "torn";
    // A program that runs a little differently may make fewer calls.
    EXPECT_TRUE(run.exit_code == 0 || (deadly && run.exit_code == kKilled)) << fault << "\n" << run.output;
    EXPECT_EQ(Findings(), "") << "GREFFE_IO_FAULT=" << fault << " of " << calls << " calls\n" << run.output;
    if (i % 100 == 99) std::printf("%s: %zu of %zu\n", kind.c_str(), i + 1, points.size());
  }
  std::printf("%s: %zu of %ld calls, each checked\n", kind.c_str(), points.size(), calls);
}

INSTANTIATE_TEST_SUITE_P(Kinds, FaultSweep, testing::Values("kill", "torn", "short", "eio", "enospc", "edquot", "full"),
                         [](const testing::TestParamInfo<const char*>& kind) { return std::string(kind.param); });

class FaultTest : public FaultSweep {};

TEST_P(FaultTest, IsNoReasonToStop) {
  const long calls = Calls();
  for (long call = calls / 20; call < calls; call += calls / 10) {
    const std::string fault = std::string(GetParam()) + ":" + std::to_string(call);
    EXPECT_EQ(Run(fault).output.find("the outcome of a write is unknown"), std::string::npos) << fault;
  }
}

INSTANTIATE_TEST_SUITE_P(AFullDisk, FaultTest, testing::Values("enospc", "edquot"),
                         [](const testing::TestParamInfo<const char*>& kind) { return std::string(kind.param); });

TEST_P(FaultTest, OfATrimIsNoneOfTheWriteBehindIt) {
  for (const std::string behind : {"append", "trim"}) {
    int trims = 0;
    SweepJournal(std::string(GetParam()), "trim-and-" + behind + " " + data(), [&](const std::string& output) {
      if (output.find("trim: RESOURCE_EXHAUSTED") == std::string::npos) return;
      ++trims;
      EXPECT_NE(output.find("then: OK"), std::string::npos) << output;
    });
    EXPECT_GT(trims, 0) << behind;
  }
}

TEST_F(FaultSweep, AFullDiskIsReadAndWrittenToAsSoonAsThereIsRoom) {
  const std::string room = directory_.path() + "/room";
  int refused = 0;
  SweepJournal(
      "full", "fill " + data() + " " + room,
      [&](const std::string& output) {
        std::filesystem::remove(room);
        EXPECT_EQ(output.find("the outcome of a write is unknown"), std::string::npos) << output;
        if (output.find("two: RESOURCE_EXHAUSTED") == std::string::npos) return;
        ++refused;
        const bool one = output.find("one: OK") != std::string::npos;
        const std::string before = one ? "rows: before one\n" : "rows: before\n";
        const std::string after = one ? "rows: before one three\n" : "rows: before three\n";
        const std::string healthy = "health: OK\n";
        EXPECT_NE(output.find("commits: 1\n" + before + healthy + "with room\nthree: OK\ncommits: 1\n" + after +
                              healthy + "close: OK\nopened again\ncommits: 1\n" + after + healthy),
                  std::string::npos)
            << output;
      },
      "GREFFE_IO_ROOM=" + room + " ");
  EXPECT_GT(refused, 0);
}

// It takes seconds where much is in it, and reads wait meanwhile.
TEST_F(FaultSweep, AJournalOnAFullDiskIsNotOpenedAgainForEachWrite) {
  struct Counts {
    int refused = 0;
    int reads = 0;
    long calls = 0;
  };
  // Of so many writes on a journal that was made.
  const auto count = [this](int writes, const std::string& environment) {
    std::filesystem::remove_all(data());
    const ShellResult run = Shell("GREFFE_IO_ROOT=" + data() + " GREFFE_IO_COUNT=" + directory_.path() + "/count " +
                                  environment + "LD_PRELOAD=" + GREFFE_TESTS + "/greffe_io_calls.so " +
                                  Trace("refuse " + data() + " ") + std::to_string(writes));
    EXPECT_EQ(run.exit_code, 0) << run.output;
    Counts counts;
    std::istringstream(run.output) >> counts.refused >> counts.reads;
    std::ifstream(directory_.path() + "/count") >> counts.calls;
    return counts;
  };
  const std::string full = "GREFFE_IO_FAULT=full:" + std::to_string(count(0, "").calls + 1) + " ";
  // Where there is room for what is tried first, and none to open the journal for writing, it is as well.
  for (const std::string spared : {"", "GREFFE_IO_SPARED=room.try "}) {
    const Counts few = count(50, full + spared);
    const Counts many = count(150, full + spared);
    EXPECT_EQ(many.refused - few.refused, 100) << spared;
    EXPECT_GT(few.reads, 0) << "it was opened again once";
    EXPECT_LE(many.reads - few.reads, 100) << spared;
  }
}

class IndexVerificationTest : public FaultSweep {
 protected:
  std::string beside() const { return data() + "/index.verify"; }
  ShellResult Verify(const std::string& fault) {
    return Shell("GREFFE_IO_ROOT=" + beside() + " GREFFE_IO_FAULT=" + fault + " LD_PRELOAD=" + GREFFE_TESTS +
                 "/greffe_io_calls.so " + GREFFE_BIN + "/greffe-admin --data " + data() +
                 " index verify 2>&1; exit $?");
  }
};

TEST_F(IndexVerificationTest, LeavesNothingWhenItFails) {
  ASSERT_EQ(Run("").exit_code, 0);
  const ShellResult full = Verify("full:10");
  EXPECT_EQ(full.exit_code, 1) << full.output;
  EXPECT_NE(full.output.find("No space left"), std::string::npos) << full.output;
  EXPECT_FALSE(std::filesystem::exists(beside()));
}

TEST_F(IndexVerificationTest, SaysWhatItCannotRemove) {
  ASSERT_EQ(Run("").exit_code, 0);
  std::filesystem::create_directories(beside());
  std::ofstream(beside() + "/CURRENT") << "of one that was killed";
  const ShellResult failed = Verify("eio:1");
  EXPECT_EQ(failed.exit_code, 1) << failed.output;
  EXPECT_NE(failed.output.find("index.verify"), std::string::npos) << failed.output;
  EXPECT_EQ(Verify("kill:1000000").exit_code, 0);
}

}  // namespace
}  // namespace greffe
