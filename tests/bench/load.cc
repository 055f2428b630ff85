// Drives a server for tests/bench/compare.sh; each subcommand prints one JSON object.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "storage/base/durable_file.h"
#include "storage/base/hashing.h"
#include "tests/bench/bench_data.h"

namespace greffe {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void Check(const grpc::Status& status, const char* what) {
  if (status.ok()) return;
  std::cerr << what << ": " << status.error_message() << "\n";
  std::exit(1);
}

void MakeProjects(const std::shared_ptr<grpc::Channel>& channel, int count) {
  const auto stub = v1::Projects::NewStub(channel);
  for (int i = 0; i < count; ++i) {
    grpc::ClientContext context;
    v1::CreateProjectRequest request;
    request.set_project_id("bench-" + std::to_string(i));
    request.mutable_project()->set_title("Bench");
    v1::Project response;
    const grpc::Status status = stub->CreateProject(&context, request, &response);
    if (status.error_code() != grpc::StatusCode::ALREADY_EXISTS) Check(status, "create project");
  }
}

// What is checked in, made before the clock starts; another one in each run, so that none is stored already.
std::vector<std::string> NewTexts(int count, std::size_t size) {
  const std::uint64_t run = std::uint64_t{std::random_device()()} << 32;
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(Text(run + static_cast<unsigned>(i), size));
  return texts;
}

// `documents` documents in each project with `versions` versions each, in batches.
void Fill(const std::shared_ptr<grpc::Channel>& channel, int projects, int documents, int versions, std::size_t size) {
  MakeProjects(channel, projects);
  const auto stub = v1::Contents::NewStub(channel);
  for (int p = 0; p < projects; ++p) {
    for (int version = 0; version < versions; ++version) {
      for (int begin = 0; begin < documents; begin += 200) {
        v1::BatchCheckInRequest request;
        request.set_parent(ProjectOf(p));
        for (int i = begin; i < std::min(documents, begin + 200); ++i) {
          v1::CheckInItem& item = *request.add_items();
          if (version == 0) {
            item.mutable_new_document()->set_path(PathOf(i));
          } else {
            item.set_document(request.parent() + "/documents/" + NumberOf(i));
          }
          const std::uint64_t seed = static_cast<std::uint64_t>(version) << 56 | static_cast<std::uint64_t>(p) << 40 |
                                     static_cast<unsigned>(i);
          item.mutable_main_file()->set_data(Text(seed, size));
        }
        grpc::ClientContext context;
        v1::BatchCheckInResponse response;
        Check(stub->BatchCheckIn(&context, request, &response), "fill");
      }
    }
  }
}

// Closed loop: each client has one check-in under way; ends when everything is packed.
class CheckIns {
 public:
  CheckIns(std::shared_ptr<grpc::Channel> channel, int clients, int projects, int documents, int count,
           std::size_t size)
      : stub_(v1::Contents::NewStub(channel)),
        clients_(clients),
        projects_(projects),
        documents_(documents),
        count_(count),
        texts_(NewTexts(count, size)) {}

  void Run() {
    std::vector<std::unique_ptr<One>> ones;
    for (int c = 0; c < clients_; ++c) ones.push_back(std::make_unique<One>());
    for (auto& one : ones) Next(*one);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return finished_ == clients_; });
  }

 private:
  struct One {
    std::unique_ptr<grpc::ClientContext> context;
    v1::CheckInRequest request;
    v1::CheckInResponse response;
  };

  void Next(One& one) {
    const int i = next_++;
    if (i >= count_) {
      const std::lock_guard lock(mutex_);
      if (++finished_ == clients_) done_.notify_all();
      return;
    }
    one.context = std::make_unique<grpc::ClientContext>();
    one.request.set_parent(ProjectOf(i % projects_));
    one.request.mutable_item()->set_document(one.request.parent() + "/documents/" +
                                             NumberOf(static_cast<int>((i / projects_ * 7919LL) % documents_)));
    one.request.mutable_item()->mutable_main_file()->set_data(std::move(texts_[static_cast<std::size_t>(i)]));
    one.request.set_comment("Change " + std::to_string(i));
    one.request.set_request_id(run_ + "-" + std::to_string(i));
    stub_->async()->CheckIn(one.context.get(), &one.request, &one.response, [this, &one](const grpc::Status& status) {
      Check(status, "check in");
      Next(one);
    });
  }

  const std::unique_ptr<v1::Contents::Stub> stub_;
  const int clients_;
  const int projects_;
  const int documents_;
  const int count_;
  const std::string run_ = std::to_string(std::random_device()());
  std::vector<std::string> texts_;  // each is given away once
  std::atomic<int> next_ = 0;
  std::mutex mutex_;
  std::condition_variable done_;
  int finished_ = 0;
};

void Flush(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  v1::FlushRepositoriesRequest request;
  request.set_parent("projects/-");
  v1::FlushRepositoriesResponse response;
  Check(v1::Admin::NewStub(channel)->FlushRepositories(&context, request, &response), "flush");
}

double UploadSeconds(const std::shared_ptr<grpc::Channel>& channel, const std::string& name, std::int64_t size) {
  const auto stub = v1::Contents::NewStub(channel);
  grpc::ClientContext context;
  v1::Upload answer;
  v1::WriteUploadRequest chunk;
  chunk.set_data(Text(42, 1 << 20));
  chunk.set_crc32c(Crc32c(chunk.data()));
  chunk.set_name(name);
  const auto start = Clock::now();
  const auto stream = stub->WriteUpload(&context, &answer);
  for (std::int64_t offset = 0; offset < size; offset += 1 << 20) {
    chunk.set_offset(offset);
    if (!stream->Write(chunk)) break;
  }
  stream->WritesDone();
  Check(stream->Finish(), "upload");
  return SecondsSince(start);
}

double DownloadSeconds(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
  const auto stub = v1::Contents::NewStub(channel);
  grpc::ClientContext context;
  v1::DownloadContentRequest request;
  request.set_name(name);
  v1::DownloadContentResponse piece;
  const auto start = Clock::now();
  const auto stream = stub->DownloadContent(&context, request);
  while (stream->Read(&piece)) {
  }
  Check(stream->Finish(), "download");
  return SecondsSince(start);
}

// Median of the microseconds of single calls, one after another.
template <typename Work>
double MedianMicros(int count, Work work) {
  std::vector<double> micros;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    work(i);
    micros.push_back(SecondsSince(start) * 1e6);
  }
  return Median(micros);
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  using namespace greffe;  // NOLINT: a program of one file
  CLI::App app("greffe_load");
  app.require_subcommand(1);
  std::string server;
  std::string file;
  std::string name = "bare";
  int clients = 64;
  int projects = 1;
  int documents = 1000;
  int count = 1000;
  int page = 50;
  int versions = 1;
  std::int64_t size = 4096;
  app.add_option("--server", server);
  app.add_option("--file", file);
  app.add_option("--name", name);
  app.add_option("--clients", clients);
  app.add_option("--projects", projects);
  app.add_option("--documents", documents);
  app.add_option("--count", count);
  app.add_option("--page", page);
  app.add_option("--versions", versions);
  app.add_option("--size", size);
  const auto connect = [&] {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  };
  app.add_subcommand("fill")->callback(
      [&] { Fill(connect(), projects, documents, versions, static_cast<std::size_t>(size)); });
  app.add_subcommand("checkin")->callback([&] {
    const auto channel = connect();
    CheckIns check_ins(channel, clients, projects, documents, count, static_cast<std::size_t>(size));
    const auto start = Clock::now();
    check_ins.Run();
    const double acknowledged = SecondsSince(start);
    Flush(channel);
    const double packed = SecondsSince(start);
    std::cout << "{\"count\":" << count << ",\"acknowledged_seconds\":" << acknowledged
              << ",\"packed_seconds\":" << packed << "}\n";
  });
  app.add_subcommand("latency")->callback([&] {
    const auto channel = connect();
    const auto stub = v1::Contents::NewStub(channel);
    std::vector<std::string> texts = NewTexts(count, 4096);
    const double checkin = MedianMicros(count, [&](int i) {
      grpc::ClientContext context;
      v1::CheckInRequest request;
      request.set_parent(ProjectOf(0));
      request.mutable_item()->set_document(ProjectOf(0) + "/documents/" + NumberOf(i % documents));
      request.mutable_item()->mutable_main_file()->set_data(std::move(texts[static_cast<std::size_t>(i)]));
      v1::CheckInResponse response;
      Check(stub->CheckIn(&context, request, &response), "check in");
    });
    std::cout << "{\"micros\":" << checkin << "}\n";
  });
  app.add_subcommand("unary")->callback([&] {
    const auto stub = v1::Contents::NewStub(connect());
    const double fetch = MedianMicros(count, [&](int) {
      grpc::ClientContext context;
      v1::FetchContentRequest request;
      request.set_name("projects/bench-0/documents/REC-0001");
      v1::FetchContentResponse response;
      Check(stub->FetchContent(&context, request, &response), "fetch");
    });
    std::cout << "{\"micros\":" << fetch << "}\n";
  });
  app.add_subcommand("fdatasync")->callback([&] {
    const auto handle = OpenFile(file, O_RDWR | O_CREAT | O_TRUNC);
    const std::string block = Text(1, 8192);
    // As the journal's logs are: written over zeros that are there already, so that a sync is of data alone, and not of
    // the size and place of what was appended.
    if (!WriteAt(*handle, std::string(block.size() * static_cast<std::size_t>(count), '\0'), 0, file).ok() ||
        fsync(handle->get()) != 0) {
      std::exit(1);
    }
    const double sync = MedianMicros(count, [&](int i) {
      if (!WriteAt(*handle, block, std::int64_t{8192} * i, file).ok() || !SyncFile(*handle, file).ok()) std::exit(1);
    });
    std::cout << "{\"micros\":" << sync << "}\n";
  });
  app.add_subcommand("versions")->callback([&] {
    const auto stub = v1::Versions::NewStub(connect());
    const double micros = MedianMicros(count, [&](int) {
      grpc::ClientContext context;
      v1::ListVersionsRequest request;
      request.set_parent("projects/bench-0/documents/" + NumberOf(documents - 1));
      request.set_page_size(page);
      v1::ListVersionsResponse response;
      Check(stub->ListVersions(&context, request, &response), "list");
    });
    std::cout << "{\"micros\":" << micros << "}\n";
  });
  app.add_subcommand("deep")->callback([&] {
    // `count` versions of the last document, which the other subcommands leave alone.
    const auto stub = v1::Contents::NewStub(connect());
    for (int i = 0; i < count; ++i) {
      grpc::ClientContext context;
      v1::CheckInRequest request;
      request.set_parent(ProjectOf(0));
      request.mutable_item()->set_document(ProjectOf(0) + "/documents/" + NumberOf(documents - 1));
      request.mutable_item()->mutable_main_file()->set_data(Text(static_cast<std::uint64_t>(i) + 555'000'000, 256));
      v1::CheckInResponse response;
      Check(stub->CheckIn(&context, request, &response), "check in");
    }
    std::cout << "{}\n";
  });
  app.add_subcommand("upload")->callback([&] {
    const auto channel = connect();
    if (projects > 0) {
      MakeProjects(channel, 1);
      grpc::ClientContext context;
      v1::CreateUploadRequest request;
      request.set_parent(ProjectOf(0));
      request.set_size(size);
      v1::Upload upload;
      Check(v1::Contents::NewStub(channel)->CreateUpload(&context, request, &upload), "create upload");
      name = upload.name();
    }
    const double up = UploadSeconds(channel, name, size);
    if (projects > 0) {
      grpc::ClientContext context;
      v1::CheckInRequest request;
      request.set_parent(ProjectOf(0));
      request.mutable_item()->mutable_new_document()->set_path("big/" + std::to_string(std::random_device()()) +
                                                               ".bin");
      request.mutable_item()->mutable_main_file()->set_upload(name);
      v1::CheckInResponse response;
      Check(v1::Contents::NewStub(channel)->CheckIn(&context, request, &response), "check in");
      name = response.document().name();
    }
    std::cout << "{\"up_seconds\":" << up << ",\"name\":\"" << name << "\"}\n";
  });
  app.add_subcommand("download")->callback([&] {
    std::cout << "{\"down_seconds\":" << DownloadSeconds(connect(), name) << "}\n";
  });
  CLI11_PARSE(app, argc, argv);
}
