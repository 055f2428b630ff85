// The least that a gRPC callback server can do for the same contract: what Greffe's figures are held against.
//
//   bare_server PORT_FILE SCRATCH_FILE
// FetchContent answers 4 KiB from memory. CheckIn writes 8 KiB over zeros that are part of the file SCRATCH_FILE.log,
// as a journal's log, and syncs them before it answers. WriteUpload hashes each byte twice (SHA-1, SHA-256), writes it
// to SCRATCH_FILE and syncs at the end. DownloadContent reads that file.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "greffe/v1/contents.grpc.pb.h"
#include "storage/base/durable_file.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

std::string scratch;  // NOLINT: one program, one file

class Upload final : public grpc::ServerReadReactor<v1::WriteUploadRequest> {
 public:
  explicit Upload(v1::Upload* answer)
      : answer_(answer), hasher_(std::int64_t{1} << 62), file_(*OpenFile(scratch, O_RDWR | O_CREAT | O_TRUNC)) {
    StartRead(&chunk_);
  }
  void OnReadDone(bool ok) override {
    if (ok) {
      hasher_.Update(chunk_.data());
      if (WriteAt(file_, chunk_.data(), size_, scratch).ok()) size_ += static_cast<std::int64_t>(chunk_.data().size());
      StartRead(&chunk_);
      return;
    }
    answer_->set_received_size(size_);
    Finish(SyncFile(file_, scratch).ok() ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "sync"));
  }
  void OnDone() override { delete this; }

 private:
  v1::Upload* answer_;
  BlobHasher hasher_;
  FileHandle file_;
  v1::WriteUploadRequest chunk_;
  std::int64_t size_ = 0;
};

class Download final : public grpc::ServerWriteReactor<v1::DownloadContentResponse> {
 public:
  Download() : file_(*OpenFile(scratch, O_RDONLY)) { Next(); }
  void OnWriteDone(bool ok) override { ok ? Next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void Next() {
    std::string& data = *piece_.mutable_data();
    data.resize(1 << 20);
    const ssize_t got = ::pread(file_.get(), data.data(), data.size(), offset_);
    if (got <= 0) return Finish(grpc::Status::OK);
    data.resize(static_cast<std::size_t>(got));
    offset_ += got;
    StartWrite(&piece_);
  }
  FileHandle file_;
  v1::DownloadContentResponse piece_;
  std::int64_t offset_ = 0;
};

// What is written to goes around in it.
class Log {
 public:
  Log() : path_(scratch + ".log"), file_(*OpenFile(path_, O_RDWR | O_CREAT | O_TRUNC)) {
    const std::string zeros(1 << 20, '\0');
    for (std::int64_t at = 0; at < kBytes; at += std::ssize(zeros)) ok_ = ok_ && WriteAt(file_, zeros, at, path_).ok();
    ok_ = ok_ && SyncFile(file_, path_).ok();
  }
  bool Append() {
    const std::lock_guard lock(mutex_);
    const std::int64_t at = std::exchange(end_, (end_ + std::ssize(block_)) % kBytes);
    return ok_ && WriteAt(file_, block_, at, path_).ok() && SyncFile(file_, path_).ok();
  }

 private:
  static constexpr std::int64_t kBytes = std::int64_t{64} << 20;

  const std::string path_;
  const std::string block_ = std::string(8192, 'x');
  std::mutex mutex_;
  FileHandle file_;
  std::int64_t end_ = 0;
  bool ok_ = true;
};

class Bare final : public v1::Contents::CallbackService {
 public:
  grpc::ServerUnaryReactor* FetchContent(grpc::CallbackServerContext* context, const v1::FetchContentRequest*,
                                         v1::FetchContentResponse* response) override {
    static const std::string content(4096, 'x');
    response->set_content(content);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* CheckIn(grpc::CallbackServerContext* context, const v1::CheckInRequest*,
                                    v1::CheckInResponse*) override {
    static Log log;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(log.Append() ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "sync"));
    return reactor;
  }
  grpc::ServerReadReactor<v1::WriteUploadRequest>* WriteUpload(grpc::CallbackServerContext*,
                                                               v1::Upload* response) override {
    return new Upload(response);
  }
  grpc::ServerWriteReactor<v1::DownloadContentResponse>* DownloadContent(grpc::CallbackServerContext*,
                                                                         const v1::DownloadContentRequest*) override {
    return new Download();
  }
};

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "bare_server PORT_FILE SCRATCH_FILE\n";
    return 2;
  }
  greffe::scratch = argv[2];
  greffe::Bare service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::ofstream(argv[1]) << port << "\n";
  server->Wait();
}
