// greffe_model: concurrent clients call a server at random; every answer must be the model's, in an order that fits the
// clock. The server goes away under them, cleanly or by a kill, with its index or without it, and comes again; between
// two phases, while all is quiet, it must give the same answers after that as before.
//
//   greffe_model --operations 1000000 --seed 5
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <semaphore>
#include <thread>

#include "tests/integration/server_process.h"
#include "tests/model/audit.h"
#include "tests/model/checker.h"
#include "tests/torture/reader.h"

namespace greffe::model {
namespace {

struct Options {
  std::int64_t operations = 3000;
  int clients = 8;
  std::int64_t phase = 1000;  // operations between two quiet moments; in their midst the server goes away
  std::int64_t life = 10000;  // operations of a data directory, before the next run begins with a new one
  int moments = 2;            // as of which an audit asks
  std::uint64_t seed = 0;     // 0: any
};

struct Totals {
  std::int64_t calls = 0;
  std::int64_t refused = 0;
  std::int64_t unanswered = 0;  // asked again, of the next server
  std::int64_t commits = 0;
  std::int64_t audited = 0;  // calls of audits
  std::map<std::string, int> starts;
};

// One data directory from its first start to its last check.
class Life {
 public:
  Life(const Options& options, std::uint64_t seed, Findings& findings, Totals& totals)
      : options_(options),
        dice_(seed),
        prefix_("m" + std::to_string(seed) + "-"),
        findings_(findings),
        totals_(totals) {}

  void Run(std::int64_t operations) {
    if (!Start()) return;
    std::thread watching([this] { watcher_.Run(); });
    for (const std::string& project : projects_) {
      const Call call = auditor_.Make(project, NewProject(dice_, project, prefix_ + project));
      board_.Learn(call);
      Check({call});
    }
    for (int phase = 1; operations > 0 && findings_.texts().empty(); ++phase) {
      const std::int64_t count = std::min(operations, options_.phase);
      projects_.push_back("late-" + std::to_string(phase));  // which several may try to create
      Phase(count);
      operations -= count;
      Look();
      if (findings_.texts().empty() && Restart()) Look();
      std::fprintf(stderr, "\r%lld calls", static_cast<long long>(totals_.calls));
    }
    if (findings_.texts().empty() && server_.Stop() != 0) Note("the server did not stop cleanly: " + server_.log());
    gate_.Close();
    if (!findings_.texts().empty()) server_.Kill();
    watching.join();
    if (findings_.texts().empty()) LookAtFiles();
    if (findings_.texts().empty()) return;
    const std::string kept = std::filesystem::temp_directory_path() / "greffe_model_kept";
    std::filesystem::remove_all(kept);
    std::filesystem::copy(directory_.path(), kept, std::filesystem::copy_options::recursive);
    Note("the data directory and the log are kept in " + kept);
  }

 private:
  void Note(const std::string& finding) { findings_.Add(finding); }

  bool Start() {
    if (!server_.Start({"--store-pack-delay-ms", "40"})) {
      Note("the server does not start: " + server_.log());
      return false;
    }
    gate_.SetUp(server_.address());
    return true;
  }

  bool Restart() {
    static const std::vector<std::string> kinds = {"killed", "clean", "killed, without index", "clean, without index"};
    const std::string& kind = kinds[restarts_++ % kinds.size()];
    ++totals_.starts[kind];
    if (kind.starts_with("killed")) {
      server_.Kill();
    } else if (server_.Stop() != 0) {
      Note("the server did not stop cleanly: " + server_.log());
    }
    if (kind.ends_with("index")) std::filesystem::remove_all(server_.data() + "/index");
    return Start();
  }

  void Phase(std::int64_t count) {
    std::atomic<std::int64_t> left{count};
    const std::int64_t restart_at = 1 + dice_.Below(count);
    std::binary_semaphore restart{0};
    std::vector<std::vector<Call>> made(static_cast<std::size_t>(options_.clients));
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto seed = static_cast<std::uint64_t>(dice_.Below(INT64_MAX));
      clients.emplace_back([&, i, seed] {
        Dice dice(seed);
        Caller caller("client-" + std::to_string(i), gate_, findings_);
        for (std::int64_t at = left.fetch_sub(1); at > 0; at = left.fetch_sub(1)) {
          if (at == restart_at) restart.release();
          Call call = MakeOne(caller, dice);
          board_.Learn(call);
          made[i].push_back(std::move(call));
        }
      });
    }
    restart.acquire();
    if (!Restart()) gate_.Close();
    for (std::thread& client : clients) client.join();
    std::vector<Call> calls;
    for (auto& some : made) std::move(some.begin(), some.end(), std::back_inserter(calls));
    totals_.calls += count;
    for (const Call& call : calls) {
      totals_.refused += !call.status.ok();
      totals_.unanswered += call.unanswered;
    }
    if (findings_.texts().empty()) Check(calls);
  }

  Call MakeOne(Caller& caller, Dice& dice) {
    const std::string& project = dice.OneIn(10) ? projects_.back() : projects_[static_cast<std::size_t>(dice.Below(2))];
    const Board::Knowledge known = board_.Of(project, caller.principal());
    const std::string request_id = prefix_ + std::to_string(next_.fetch_add(1));
    return caller.Make(project, known.sequence == 0 && dice.OneIn(4) ? NewProject(dice, project, request_id)
                                                                     : AnyRequest(dice, known, request_id));
  }

  void Check(const std::vector<Call>& calls) {
    for (const std::string& project : projects_) {
      std::vector<Call> some;
      std::copy_if(calls.begin(), calls.end(), std::back_inserter(some),
                   [&](const Call& call) { return call.project == project; });
      const std::vector<v1::Change> changes = ChangesSince(project, checker_.project(project).sequence());
      totals_.commits += static_cast<std::int64_t>(changes.size());
      checker_.Take(project, changes, some);
    }
  }

  std::vector<v1::Change> ChangesSince(const std::string& project, std::int64_t sequence) {
    std::vector<v1::Change> changes;
    v1::ListChangesRequest request;
    request.set_parent("projects/" + project);
    request.set_page_size(1000);
    while (true) {
      request.set_after_sequence(sequence + static_cast<std::int64_t>(changes.size()));
      const Call call = auditor_.Make(project, std::make_shared<v1::ListChangesRequest>(request));
      if (RefusalOf(call.status) == "NOT_FOUND PROJECT_NOT_FOUND") return changes;
      if (!call.status.ok()) Note("the changes: " + Describe(call));
      if (!call.status.ok()) return changes;
      const auto& page = static_cast<const v1::ListChangesResponse&>(*call.answer);
      if (page.changes().empty()) return changes;
      changes.insert(changes.end(), page.changes().begin(), page.changes().end());
    }
  }

  // All answers of the quiet server.
  void Look() {
    if (!findings_.texts().empty()) return;
    for (const std::string& project : projects_) {
      if (checker_.project(project).sequence() == 0) continue;
      const std::vector<Call> calls = Audit(auditor_, dice_, checker_.project(project), options_.moments);
      totals_.audited += static_cast<std::int64_t>(calls.size());
      checker_.Take(project, {}, calls);
    }
  }

  // What is left when all is over.
  void LookAtFiles() {
    for (const std::string command : {"verify", "index verify"}) {
      const ShellResult verified = server_.Admin(command);
      if (verified.exit_code != 0) Note("greffe-admin " + command + ": " + verified.output);
    }
    for (const auto& [name, commits] : watcher_.commits()) {
      const ProjectModel& project = checker_.project(name.substr(name.find('/') + 1));
      for (std::size_t i = 0; i < commits.size(); ++i) {
        const auto sequence = static_cast<std::int64_t>(i) + 1;
        if (sequence <= project.sequence() && project.change(sequence).commit() == commits[i]) continue;
        Note("the feed told of a commit " + commits[i] + " of " + name);
        break;
      }
    }
  }

  const Options options_;
  Dice dice_;
  const std::string prefix_;  // of request ids
  Findings& findings_;
  Totals& totals_;
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
  Gate gate_;
  std::size_t restarts_ = 0;
  std::vector<std::string> projects_ = {"apollo", "borealis"};
  Board board_;
  Checker checker_{findings_};
  Watcher watcher_{gate_, findings_};
  Caller auditor_{"auditor", gate_, findings_};
  std::atomic<std::int64_t> next_{0};
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Calls a server at random from several clients at once, and holds every answer against a model.");
  app.add_option("--operations", options.operations, "calls that the clients make together")
      ->check(CLI::PositiveNumber);
  app.add_option("--clients", options.clients, "clients at a time")->check(CLI::PositiveNumber);
  app.add_option("--phase", options.phase, "calls between two quiet moments; in their midst the server goes away once")
      ->check(CLI::PositiveNumber);
  app.add_option("--life", options.life, "calls until a new data directory is begun")->check(CLI::PositiveNumber);
  app.add_option("--moments", options.moments, "past moments that each audit asks about")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options.seed, "of what is asked, 0: any; the machine's own timing is not in it");
  CLI11_PARSE(app, argc, argv);
  if (options.seed == 0) options.seed = std::random_device()();
  const auto number = [](auto value) { return static_cast<long long>(value); };
  std::printf("seed %lld\n", number(options.seed));
  std::fflush(stdout);

  Findings findings;
  Totals totals;
  for (std::uint64_t life = 0; totals.calls < options.operations && findings.texts().empty(); ++life) {
    Life(options, options.seed * 1000 + life, findings, totals)
        .Run(std::min(options.life, options.operations - totals.calls));
  }
  std::fprintf(stderr, "\n");
  std::printf(
      "%lld calls of %d clients: %lld commits, %lld refused as they must be, %lld asked again of a new server\n",
      number(totals.calls), options.clients, number(totals.commits), number(totals.refused), number(totals.unanswered));
  std::printf("%lld calls of audits; starts:", number(totals.audited));
  for (const auto& [kind, count] : totals.starts) std::printf(" %d (%s)", count, kind.c_str());
  std::printf("\n");
  for (const std::string& text : findings.texts()) std::printf("WRONG: %s\n", text.c_str());
  std::printf(findings.texts().empty() ? "every answer is the model's\n" : "failed\n");
  return findings.texts().empty() ? 0 : 1;
}

}  // namespace
}  // namespace greffe::model

int main(int argc, char** argv) { return greffe::model::Main(argc, argv); }
