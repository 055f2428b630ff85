// Fills a server with documents of real text, and measures single calls on it, for tests/bench/growth.py; each
// subcommand prints one JSON object.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "tests/bench/bench_data.h"
#include "tests/bench/corpus.h"

namespace greffe {
namespace {

constexpr int kBatchItems = 500;
constexpr std::size_t kBatchBytes = 1 << 20;  // what a request may hold
constexpr int kFillers = 4;                   // projects that are filled at one time

struct Options {
  std::string server;
  int projects = 1;
  int documents = 1000;
  int versions = 1;
  int folder = 256;   // documents in one folder; folders lie in folders of at most 256
  int document = -1;  // the one to check in; -1: a random one each time
  int count = 1000;
};

void Check(const grpc::Status& status, const char* what) {
  if (status.ok()) return;
  std::cerr << what << ": " << status.error_message() << "\n";
  std::exit(1);
}

std::string PathIn(int folder, int i) {
  return "a" + std::to_string(i / folder / 256) + "/b" + std::to_string(i / folder % 256) + "/" + std::to_string(i) +
         ".md";
}

std::uint64_t SeedOf(int project, int document) {
  return static_cast<std::uint64_t>(project) << 32 | static_cast<std::uint32_t>(document);
}

class Filler {
 public:
  Filler(const std::shared_ptr<grpc::Channel>& channel, const Options& options)
      : channel_(channel), options_(options), stub_(v1::Contents::NewStub(channel)) {}

  void Fill(int project) {
    MakeProject(project);
    request_.set_parent(ProjectOf(project));
    for (int version = 0; version < options_.versions; ++version) {
      for (int i = 0; i < options_.documents; ++i) Add(project, i, version);
      Send();
    }
  }

  std::uint64_t bytes() const { return bytes_; }

 private:
  void MakeProject(int project) {
    grpc::ClientContext context;
    v1::CreateProjectRequest request;
    request.set_project_id("bench-" + std::to_string(project));
    request.mutable_project()->set_title("Bench");
    v1::Project response;
    Check(v1::Projects::NewStub(channel_)->CreateProject(&context, request, &response), "create project");
  }

  void Add(int project, int document, int version) {
    std::string text = corpus_.Document(SeedOf(project, document), version);
    if (request_.items_size() == kBatchItems || size_ + text.size() > kBatchBytes) Send();
    size_ += text.size();
    v1::CheckInItem& item = *request_.add_items();
    if (version == 0) {
      item.mutable_new_document()->set_path(PathIn(options_.folder, document));
    } else {
      item.set_document(request_.parent() + "/documents/" + NumberOf(document));
    }
    item.mutable_main_file()->set_data(std::move(text));
  }

  void Send() {
    if (request_.items_size() == 0) return;
    grpc::ClientContext context;
    v1::BatchCheckInResponse response;
    Check(stub_->BatchCheckIn(&context, request_, &response), "fill");
    request_.clear_items();
    bytes_ += size_;
    size_ = 0;
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const Options& options_;
  const std::unique_ptr<v1::Contents::Stub> stub_;
  const Corpus corpus_;
  v1::BatchCheckInRequest request_;
  std::size_t size_ = 0;
  std::uint64_t bytes_ = 0;
};

void Fill(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  std::atomic<int> next = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kFillers; ++t) {
    threads.emplace_back([&] {
      Filler filler(channel, options);
      for (int project = next++; project < options.projects; project = next++) filler.Fill(project);
      bytes += filler.bytes();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << "{\"content_bytes\":" << bytes << "}\n";
}

// Median of the microseconds of single calls, one after another: `call` makes one of a random document, and gives its
// time.
template <typename Call>
void Measure(const Options& options, Call call) {
  std::mt19937_64 random{std::random_device()()};
  std::vector<double> micros;
  for (int i = 0; i < options.count; ++i) {
    const auto project = static_cast<int>(random() % static_cast<unsigned>(options.projects));
    const auto document = options.document >= 0 ? options.document
                                                : static_cast<int>(random() % static_cast<unsigned>(options.documents));
    grpc::ClientContext context;
    micros.push_back(call(context, project, document, random()));
  }
  std::sort(micros.begin(), micros.end());
  std::cout << "{\"micros\":" << micros[micros.size() / 2] << "}\n";
}

template <typename Work>
double MicrosOf(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

std::string NameOf(int project, int document) { return ProjectOf(project) + "/documents/" + NumberOf(document); }

void MeasureRead(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  const auto stub = v1::Contents::NewStub(channel);
  Measure(options, [&](grpc::ClientContext& context, int project, int document, std::uint64_t) {
    v1::FetchContentRequest request;
    request.set_name(NameOf(project, document));
    v1::FetchContentResponse response;
    return MicrosOf([&] { Check(stub->FetchContent(&context, request, &response), "read"); });
  });
}

// The first page, of 50, of a random folder.
void MeasureList(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  const auto stub = v1::Documents::NewStub(channel);
  Measure(options, [&](grpc::ClientContext& context, int project, int document, std::uint64_t) {
    v1::ListDocumentsRequest request;
    request.set_parent(ProjectOf(project));
    const std::string path = PathIn(options.folder, document);
    request.set_filter("path : \"" + path.substr(0, path.rfind('/') + 1) + "\"");
    v1::ListDocumentsResponse response;
    return MicrosOf([&] { Check(stub->ListDocuments(&context, request, &response), "list"); });
  });
}

void MeasureHistory(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  const auto stub = v1::Versions::NewStub(channel);
  Measure(options, [&](grpc::ClientContext& context, int project, int document, std::uint64_t) {
    v1::ListVersionsRequest request;
    request.set_parent(NameOf(project, document));
    v1::ListVersionsResponse response;
    return MicrosOf([&] { Check(stub->ListVersions(&context, request, &response), "history"); });
  });
}

// New versions of 4 KiB: what a commit costs is told from where it goes, not from its size.
void MeasureCheckIn(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  const auto stub = v1::Contents::NewStub(channel);
  Measure(options, [&](grpc::ClientContext& context, int project, int document, std::uint64_t seed) {
    v1::CheckInRequest request;
    request.set_parent(ProjectOf(project));
    request.mutable_item()->set_document(NameOf(project, document));
    request.mutable_item()->mutable_main_file()->set_data(Text(seed, 4096));
    request.set_comment("Change");
    v1::CheckInResponse response;
    return MicrosOf([&] { Check(stub->CheckIn(&context, request, &response), "check in"); });
  });
}

// What lies in the journal and not in the repositories yet.
void Unpacked(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  v1::ServerStatus response;
  Check(v1::Admin::NewStub(channel)->GetServerStatus(&context, {}, &response), "status");
  std::cout << "{\"commits\":" << response.unpacked_commit_count() << ",\"bytes\":" << response.unpacked_bytes()
            << "}\n";
}

void Flush(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  v1::FlushRepositoriesRequest request;
  request.set_parent("projects/-");
  v1::FlushRepositoriesResponse response;
  Check(v1::Admin::NewStub(channel)->FlushRepositories(&context, request, &response), "flush");
  std::cout << "{}\n";
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  using namespace greffe;  // NOLINT: a program of one file
  Options options;
  CLI::App app("greffe_grow");
  app.require_subcommand(1);
  app.add_option("--server", options.server)->required();
  app.add_option("--projects", options.projects);
  app.add_option("--documents", options.documents, "in each project");
  app.add_option("--versions", options.versions, "of each document");
  app.add_option("--folder", options.folder, "documents in one folder");
  app.add_option("--document", options.document, "the only one that is asked for, counted from 0");
  app.add_option("--count", options.count, "calls");
  const auto connect = [&] {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    return grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
  };
  app.add_subcommand("fill")->callback([&] { Fill(connect(), options); });
  app.add_subcommand("read")->callback([&] { MeasureRead(connect(), options); });
  app.add_subcommand("list")->callback([&] { MeasureList(connect(), options); });
  app.add_subcommand("history")->callback([&] { MeasureHistory(connect(), options); });
  app.add_subcommand("checkin")->callback([&] { MeasureCheckIn(connect(), options); });
  app.add_subcommand("unpacked")->callback([&] { Unpacked(connect()); });
  app.add_subcommand("flush")->callback([&] { Flush(connect()); });
  CLI11_PARSE(app, argc, argv);
}
