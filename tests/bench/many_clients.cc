// Many clients at once, for tests/bench/many_clients.py; each subcommand prints one JSON object. All connections of one
// kind are served by one thread without gRPC (http2_client.h), so that the server is what is measured.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "greffe/v1/changes.pb.h"
#include "greffe/v1/contents.pb.h"
#include "tests/bench/bench_data.h"
#include "tests/bench/http2_client.h"

namespace greffe {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::nanoseconds kLook = std::chrono::milliseconds(5);  // how often a loop looks at the time

constexpr char kFetch[] = "/greffe.v1.Contents/FetchContent";
constexpr char kCheckIn[] = "/greffe.v1.Contents/CheckIn";
constexpr char kDownload[] = "/greffe.v1.Contents/DownloadContent";
constexpr char kWatch[] = "/greffe.v1.Changes/WatchChanges";

struct Options {
  std::string server;
  std::string name;  // of a document to download, or of a project to watch
  int connections = 8;
  int streams = 16;
  int projects = 1;
  int documents = 1000;
  int share = 0;  // connections that the calls of `connections` share; 0: none
  int write_every = 10;
  int writers = 16;
  double seconds = 5;
  double warmup = 1;
  double read_rate = 1000;
  double write_rate = 0;
  double pace = 0;
};

Clock::duration In(double seconds) { return std::chrono::duration_cast<Clock::duration>(Seconds(seconds)); }

// Milliseconds that calls took.
class Latencies {
 public:
  void Add(Clock::duration took) { millis_.push_back(std::chrono::duration<float, std::milli>(took).count()); }
  std::size_t count() const { return millis_.size(); }

  std::string Json() {
    std::sort(millis_.begin(), millis_.end());
    std::ostringstream out;
    out << "{\"count\":" << count() << ",\"p50\":" << At(0.5) << ",\"p99\":" << At(0.99) << ",\"p999\":" << At(0.999)
        << ",\"max\":" << At(1) << "}";
    return out.str();
  }

 private:
  float At(double part) const {
    if (millis_.empty()) return 0;
    return millis_[std::min(count() - 1, static_cast<std::size_t>(part * static_cast<double>(count())))];
  }
  std::vector<float> millis_;
};

struct Request {
  const char* method;
  std::string message;
};

void Check(const std::string& error, const char* what) {
  if (error.empty()) return;
  std::cerr << what << ": " << error << "\n";
  std::exit(1);
}

// The latest content of a random document.
class Reads {
 public:
  explicit Reads(const Options& options) : options_(options) {}
  Request operator()() {
    v1::FetchContentRequest request;
    request.set_name(ProjectOf(static_cast<int>(random_() % static_cast<unsigned>(options_.projects))) + "/documents/" +
                     NumberOf(static_cast<int>(random_() % static_cast<unsigned>(options_.documents))));
    return {kFetch, request.SerializeAsString()};
  }

 private:
  const Options& options_;
  std::mt19937_64 random_{1};
};

// A new version of 4 KiB of a random document.
class CheckIns {
 public:
  explicit CheckIns(const Options& options) : options_(options) {}
  Request operator()() {
    v1::CheckInRequest request;
    request.set_parent(ProjectOf(static_cast<int>(random_() % static_cast<unsigned>(options_.projects))));
    request.mutable_item()->set_document(
        request.parent() + "/documents/" +
        NumberOf(static_cast<int>(random_() % static_cast<unsigned>(options_.documents))));
    request.mutable_item()->mutable_main_file()->set_data(Text(random_(), 4096));
    request.set_comment("Change " + std::to_string(++count_));
    request.set_request_id(run_ + "-" + std::to_string(count_));
    return {kCheckIn, request.SerializeAsString()};
  }

 private:
  const Options& options_;
  std::mt19937_64 random_{std::random_device()()};
  const std::string run_ = std::to_string(std::random_device()());
  int count_ = 0;
};

// Each of `streams` places of each connection asks again as soon as it has its answer.
template <typename Next>
void AskAgain(Http2Client& client, int connection, Next& next, Clock::time_point end, Latencies& reads,
              Latencies& writes) {
  const Request request = next();
  Latencies& latencies = request.method == kFetch ? reads : writes;
  const auto start = Clock::now();
  client.Start(connection, request.method, request.message,
               [&client, connection, &next, end, start, &latencies, &reads, &writes,
                method = request.method](const std::string& error) {
                 Check(error, method);
                 const auto now = Clock::now();
                 if (now >= end) return;
                 latencies.Add(now - start);
                 AskAgain(client, connection, next, end, reads, writes);
               });
}

template <typename Next>
void ClosedLoop(const Options& options, int connections, int streams, Next next) {
  Http2Client client(options.server);
  for (int i = 0; i < connections; ++i) client.Connect();
  Latencies reads;
  Latencies writes;
  const auto end = Clock::now() + In(options.seconds);
  for (int i = 0; i < connections * streams; ++i) AskAgain(client, i % connections, next, end, reads, writes);
  while (Clock::now() < end) client.Poll(kLook);
  std::cout << "{\"connections\":" << connections
            << ",\"reads_per_second\":" << static_cast<double>(reads.count()) / options.seconds
            << ",\"writes_per_second\":" << static_cast<double>(writes.count()) / options.seconds
            << ",\"reads\":" << reads.Json() << ",\"writes\":" << writes.Json() << "}\n";
}

// Writers that each ask at times fixed beforehand, or as soon as the call before is answered, until `stop`.
void PacedWrites(const Options& options, Clock::time_point begin, const std::atomic<bool>& stop, Latencies& writes) {
  Http2Client client(options.server);
  CheckIns next(options);
  const auto count = static_cast<std::size_t>(options.writers);
  const auto interval = In(options.writers / options.write_rate);
  std::vector<Clock::time_point> due;
  std::vector<bool> busy(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    client.Connect();
    due.push_back(begin + interval * static_cast<int>(i) / options.writers);
  }
  while (!stop) {
    const auto now = Clock::now();
    auto soonest = now + kLook;
    for (std::size_t i = 0; i < count; ++i) {
      if (busy[i]) continue;
      if (due[i] > now) {
        soonest = std::min(soonest, due[i]);
        continue;
      }
      const Request request = next();
      busy[i] = true;
      client.Start(static_cast<int>(i), request.method, request.message,
                   [&, i, meant = due[i]](const std::string& error) {
                     Check(error, kCheckIn);
                     writes.Add(Clock::now() - meant);
                     busy[i] = false;
                   });
      due[i] += interval;
    }
    client.Poll(std::max(Clock::duration(0), soonest - Clock::now()));
  }
}

// Reads whose times are fixed beforehand, as those of many people who know nothing of each other; a late answer delays
// no question, and counts from when its question was meant to go out.
void OpenLoop(const Options& options) {
  const auto begin = Clock::now();
  std::atomic<bool> stop = false;
  Latencies writes;
  std::thread writer;
  if (options.write_rate > 0) writer = std::thread([&] { PacedWrites(options, begin, stop, writes); });

  Http2Client client(options.server);
  for (int i = 0; i < options.connections; ++i) client.Connect();
  Reads next(options);
  std::mt19937_64 random(2);
  std::exponential_distribution<double> gap(options.read_rate);
  Latencies reads;
  Latencies late;  // what of it is the client's: how late the question went out
  const auto counted = begin + In(options.warmup);
  const auto end = counted + In(options.seconds);
  auto due = begin;
  std::int64_t open = 0;
  for (int connection = 0; due < end; connection = (connection + 1) % options.connections) {
    due += In(gap(random));
    for (auto now = Clock::now(); now < due; now = Clock::now()) client.Poll(due - now);
    const Request request = next();
    const bool counts = due >= counted;
    if (counts) late.Add(Clock::now() - due);
    ++open;
    client.Start(connection, request.method, request.message, [&reads, &open, due, counts](const std::string& error) {
      Check(error, kFetch);
      --open;
      if (counts) reads.Add(Clock::now() - due);
    });
    // A client that is behind still takes what has come.
    if (Clock::now() >= due + std::chrono::microseconds(100)) client.Poll(std::chrono::nanoseconds(0));
  }
  const auto answered = Clock::now() + std::chrono::seconds(30);
  while (open > 0 && Clock::now() < answered) client.Poll(kLook);
  Check(open == 0 ? "" : std::to_string(open) + " had no answer in 30 s", kFetch);
  const double took = Seconds(Clock::now() - begin).count();
  stop = true;
  if (writer.joinable()) writer.join();
  std::cout << "{\"read_rate\":" << options.read_rate
            << ",\"writes_per_second\":" << static_cast<double>(writes.count()) / took << ",\"reads\":" << reads.Json()
            << ",\"sent_late\":" << late.Json() << ",\"writes\":" << writes.Json() << "}\n";
}

bool InputIsOpen() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) == 0;
}

// Connections that did one call, and do nothing until standard input ends; then each does another one.
void Idle(const Options& options) {
  Http2Client client(options.server);
  Reads next(options);
  int open = 0;
  const auto ask = [&](int connection) {
    ++open;
    const Request request = next();
    client.Start(connection, request.method, request.message, [&open](const std::string& error) {
      Check(error, "idle connection");
      --open;
    });
  };
  const auto start = Clock::now();
  for (int i = 0; i < options.connections; ++i) {
    ask(client.Connect());
    while (open > 100) client.Poll(kLook);
  }
  while (open > 0) client.Poll(kLook);
  std::cout << "{\"connections\":" << options.connections
            << ",\"connected_seconds\":" << Seconds(Clock::now() - start).count() << "}" << std::endl;
  const auto end = Clock::now() + In(options.seconds);
  while (InputIsOpen() && Clock::now() < end) client.Poll(std::chrono::milliseconds(100));
  for (int i = 0; i < options.connections; ++i) {
    ask(i);
    while (open > 100) client.Poll(kLook);
  }
  while (open > 0) client.Poll(kLook);
  std::cout << "{\"answered\":" << options.connections << "}\n";
}

// Whole streams, one after the other on each connection. With a pace, a connection takes that many bytes a second and
// leaves the rest to the server.
void Streams(const Options& options, const Request& request) {
  Http2Client client(options.server);
  const bool paced = options.pace > 0;
  std::function<void(int)> again = [&](int connection) {
    client.Start(connection, request.method, request.message, [&, connection](const std::string& error) {
      Check(error, request.method);
      again(connection);
    });
  };
  for (int i = 0; i < options.connections; ++i) again(client.Connect(paced ? 65535 : 16 << 20, paced));
  const auto start = Clock::now();
  const auto end = start + In(options.seconds);
  std::vector<std::uint64_t> consumed(static_cast<std::size_t>(options.connections), 0);
  while (Clock::now() < end && (!paced || InputIsOpen())) {
    client.Poll(kLook);
    if (!paced) continue;
    const auto may = static_cast<std::uint64_t>(options.pace * Seconds(Clock::now() - start).count());
    for (int i = 0; i < options.connections; ++i) {
      std::uint64_t& done = consumed[static_cast<std::size_t>(i)];
      const std::uint64_t upto = std::min(may, client.bytes(i));
      if (upto <= done) continue;
      client.Consume(i, upto - done);
      done = upto;
    }
  }
  const double took = Seconds(Clock::now() - start).count();
  double bytes = 0;
  double messages = 0;
  for (int i = 0; i < options.connections; ++i) {
    bytes += static_cast<double>(client.bytes(i));
    messages += static_cast<double>(client.messages(i));
  }
  std::cout << "{\"bytes_per_second\":" << bytes / took << ",\"messages_per_second\":" << messages / took << "}\n";
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  using namespace greffe;  // NOLINT: a program of one file
  RaiseFileLimit();
  Options options;
  CLI::App app("greffe_many");
  app.require_subcommand(1);
  app.add_option("--server", options.server)->required();
  app.add_option("--name", options.name, "document to download, or project to watch");
  app.add_option("--connections", options.connections);
  app.add_option("--streams", options.streams, "calls at one time on a connection");
  app.add_option("--projects", options.projects);
  app.add_option("--documents", options.documents, "in each project");
  app.add_option("--share", options.share, "together: so many connections carry all calls");
  app.add_option("--write-every", options.write_every, "together: one call of so many is a check-in");
  app.add_option("--writers", options.writers);
  app.add_option("--seconds", options.seconds);
  app.add_option("--warmup", options.warmup, "open: seconds that do not count");
  app.add_option("--read-rate", options.read_rate, "open: reads a second");
  app.add_option("--write-rate", options.write_rate, "open: check-ins a second of all writers");
  app.add_option("--pace", options.pace, "download, watch: bytes a second that a connection takes; 0: all");
  app.add_subcommand("reads", "closed loop")->callback([&] {
    ClosedLoop(options, options.connections, options.streams, Reads(options));
  });
  app.add_subcommand("writes", "closed loop")->callback([&] {
    ClosedLoop(options, options.writers, 1, CheckIns(options));
  });
  app.add_subcommand("together", "one call at a time on each connection")->callback([&] {
    const int connections = options.share > 0 ? options.share : options.connections;
    ClosedLoop(options, connections, options.connections / connections,
               [&, reads = Reads(options), writes = CheckIns(options), count = 0]() mutable {
                 return ++count % options.write_every == 0 ? writes() : reads();
               });
  });
  app.add_subcommand("open", "open loop of reads, beside writers when --write-rate is given")->callback([&] {
    OpenLoop(options);
  });
  app.add_subcommand("idle", "connections that wait for the end of standard input")->callback([&] { Idle(options); });
  app.add_subcommand("download")->callback([&] {
    v1::DownloadContentRequest request;
    request.set_name(options.name);
    Streams(options, {kDownload, request.SerializeAsString()});
  });
  app.add_subcommand("watch")->callback([&] {
    v1::WatchChangesRequest request;
    request.set_parent(options.name);
    request.set_after_sequence(0);
    request.set_stop_at_end(true);
    Streams(options, {kWatch, request.SerializeAsString()});
  });
  CLI11_PARSE(app, argc, argv);
}
