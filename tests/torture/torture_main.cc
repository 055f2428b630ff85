// greffe_torture: kills a server at random moments while clients write, read and watch, and holds it to its word.
//
//   greffe_torture --kills 1000 --seed 5
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/integration/server_process.h"
#include "tests/torture/check.h"

namespace greffe {
namespace {

struct Options {
  int kills = 50;
  int writers = 6;
  int readers = 2;
  int check_every = 10;  // kills
  int life = 100;        // kills of a data directory, before the next run begins with a new one
  std::uint64_t seed = 1;
};

struct Totals {
  Writer::Counts writes;
  std::int64_t reads = 0;
  std::int64_t changes = 0;
};

// One data directory from its first start to its last check.
class Life {
 public:
  Life(const Options& options, std::uint64_t seed, Findings& findings)
      : options_(options), random_(seed), findings_(findings), connection_(gate_) {
    for (int i = 0; i < options.writers; ++i) {
      writers_.push_back(std::make_unique<Writer>(i + 1, random_(), gate_, findings));
      known_.push_back(writers_.back().get());
    }
    for (int i = 0; i < options.readers; ++i) {
      readers_.push_back(std::make_unique<Reader>(random_(), known_, gate_, findings));
    }
  }

  void Run(int kills, Totals& totals) {
    if (!Start() || !MakeProjects()) return;
    std::vector<std::thread> clients;
    for (const auto& writer : writers_) clients.emplace_back([&] { writer->Run(quiet_, stop_); });
    for (const auto& reader : readers_) clients.emplace_back([&] { reader->Run(stop_); });
    std::thread watching([this] { watcher_.Run(); });
    for (int kill = 1; kill <= kills && findings_.texts().empty(); ++kill) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5 + random_() % 400));  // the moment is what is random
      server_.Kill();
      if (random_() % 8 == 0) {  // and once more, somewhere in the recovery
        server_.Launch(Flags());
        std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 60));
        server_.Kill();
      }
      if (!Start()) break;
      if (kill % options_.check_every == 0 || kill == kills) Check(kill == kills);
      std::fprintf(stderr, "\r%d kills of this data directory", kill);
    }
    stop_ = true;
    if (!findings_.texts().empty()) gate_.Close();
    for (std::thread& client : clients) client.join();
    gate_.Close();
    const bool clean = findings_.texts().empty();
    if (clean && server_.Stop() != 0) findings_.Add("the server did not stop cleanly: " + server_.log());
    if (!clean) server_.Kill();
    watching.join();
    if (clean) CheckFiles(server_.data(), findings_);
    if (!findings_.texts().empty()) {
      const std::string kept = std::filesystem::temp_directory_path() / "greffe_torture_kept";
      std::filesystem::remove_all(kept);
      std::filesystem::copy(directory_.path(), kept, std::filesystem::copy_options::recursive);
      findings_.Add("the data directory and the log are kept in " + kept);
    }
    Count(totals);
  }

 private:
  static std::vector<std::string> Flags() { return {"--store-pack-delay-ms", "40"}; }

  bool Start() {
    if (!server_.Start(Flags())) {
      findings_.Add("the server does not start: " + server_.log());
      return false;
    }
    gate_.SetUp(server_.address());
    return true;
  }

  bool MakeProjects() {
    for (const std::string id : {"apollo", "borealis"}) {
      v1::CreateProjectRequest request;
      request.set_project_id(id);
      request.mutable_project()->set_title(id);
      const absl::Status status = connection_.Get()->CreateProject(request).status();
      if (!status.ok()) findings_.Add("a project: " + status.ToString());
    }
    return findings_.texts().empty();
  }

  // Waits until no write is open; then looks at the answers, at the files after one more kill, and at the answers again
  // from an index made anew.
  void Check(bool last) {
    quiet_.Begin();
    if (findings_.texts().empty()) CheckQuietly(last);
    quiet_.End();
  }
  void CheckQuietly(bool last) {
    CheckAnswers(*connection_.Next(), known_, watcher_, last ? 0 : 200, random_, findings_);
    server_.Kill();
    CheckFiles(server_.data(), findings_);
    std::filesystem::remove_all(server_.data() + "/index");
    if (!Start()) return;
    CheckAnswers(*connection_.Next(), known_, watcher_, 50, random_, findings_);
  }

  void Count(Totals& totals) const {
    for (const auto& writer : writers_) {
      const Writer::Counts counts = writer->counts();
      totals.writes.acknowledged += counts.acknowledged;
      totals.writes.refused += counts.refused;
      totals.writes.repeated += counts.repeated;
      totals.writes.abandoned += counts.abandoned;
      totals.writes.there += counts.there;
    }
    for (const auto& reader : readers_) totals.reads += reader->count();
    for (const auto& [project, commits] : watcher_.commits()) {
      totals.changes += static_cast<std::int64_t>(commits.size());
    }
  }

  const Options options_;
  std::mt19937_64 random_;
  Findings& findings_;
  Gate gate_;
  Connection connection_;
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
  Quiet quiet_;
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<Writer*> known_;
  std::vector<std::unique_ptr<Reader>> readers_;
  Watcher watcher_{gate_, findings_};
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Kills a server at random moments while clients write, read and watch, and holds it to its word.");
  app.add_option("--kills", options.kills, "how often the server is killed")->check(CLI::PositiveNumber);
  app.add_option("--writers", options.writers, "clients that write")->check(CLI::PositiveNumber);
  app.add_option("--readers", options.readers, "clients that read")->check(CLI::NonNegativeNumber);
  app.add_option("--check-every", options.check_every, "kills between two whole checks")->check(CLI::PositiveNumber);
  app.add_option("--life", options.life, "kills until a new data directory is begun")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of what is done and when; the machine's own timing is not in it");
  CLI11_PARSE(app, argc, argv);

  Findings findings;
  Totals totals;
  int done = 0;
  for (int life = 0; done < options.kills && findings.texts().empty(); ++life) {
    const int kills = std::min(options.life, options.kills - done);
    Life(options, options.seed * 1000 + static_cast<std::uint64_t>(life), findings).Run(kills, totals);
    done += kills;
  }
  std::fprintf(stderr, "\n");
  const auto number = [](std::int64_t value) { return static_cast<long long>(value); };
  std::printf("%d kills (seed %llu): %lld writes acknowledged, %lld refused as they must be\n", done,
              static_cast<unsigned long long>(options.seed), number(totals.writes.acknowledged),
              number(totals.writes.refused));
  std::printf("not answered: %lld asked again with the same request id, %lld looked up, %lld of these were there\n",
              number(totals.writes.repeated), number(totals.writes.abandoned), number(totals.writes.there));
  std::printf("%lld reads, %lld changes told\n", number(totals.reads), number(totals.changes));
  for (const std::string& text : findings.texts()) std::printf("WRONG: %s\n", text.c_str());
  std::printf(findings.texts().empty() ? "nothing was lost\n" : "failed\n");
  return findings.texts().empty() ? 0 : 1;
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) { return greffe::Main(argc, argv); }
