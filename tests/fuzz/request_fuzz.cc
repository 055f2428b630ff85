// Requests: any bytes, to any method of a whole server. The first byte chooses the method; the rest is the message, for
// streams several, each after its length (two bytes, big-endian).
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "services/server/server.h"
#include "tests/fuzz/fuzz.h"
#include "tests/temporary_directory.h"

using namespace greffe;

namespace {

struct Method {
  std::string path;
  bool streams = false;  // the client sends several
};

// Those of webhooks are left out: the server would call the addresses that it takes.
constexpr const char* kFiles[] = {"projects",   "documents", "versions",  "contents",     "changes",
                                  "imports",    "admin",     "locks",     "reviews",      "deliverables",
                                  "milestones", "trace",     "baselines", "transmittals", "registers",
                                  "reports",    "tables",    "templates", "notifications"};

std::vector<Method> AllMethods() {
  std::vector<Method> methods;
  for (const std::string name : kFiles) {
    const auto* file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName("greffe/v1/" + name + ".proto");
    FUZZ_REQUIRE(file != nullptr);
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto* method = file->service(s)->method(m);
        methods.push_back({"/" + file->service(s)->full_name() + "/" + method->name(), method->client_streaming()});
      }
    }
  }
  return methods;
}

class FuzzedServer {
 public:
  FuzzedServer() {
    ServerConfig config;
    config.data = directory_.path() + "/data";
    config.listen = "127.0.0.1:0";
    config.stop_seconds = 5;
    config.log_level = "error";
    config.store.directory = config.data;
    config.store.reserve_bytes = 0;
    server_ = Server::Start(config).value();
    waiter_ = std::thread([this] { (void)server_->Wait(); });
    const auto channel = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = std::make_unique<grpc::GenericStub>(channel);
    v1::CreateProjectRequest request;
    request.set_project_id("a");
    request.mutable_project()->set_title("A");
    grpc::ClientContext context;
    v1::Project project;
    FUZZ_REQUIRE(v1::Projects::NewStub(channel)->CreateProject(&context, request, &project).ok());
  }
  ~FuzzedServer() {
    server_->RequestStop();
    waiter_.join();
  }

  void Call(const Method& method, std::string_view bytes) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    grpc::CompletionQueue queue;
    const auto next = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      FUZZ_REQUIRE(queue.Next(&tag, &ok));
      return ok;
    };
    const auto call = stub_->PrepareCall(&context, method.path, &queue);
    call->StartCall(nullptr);
    bool open = next();
    while (open && !bytes.empty()) {
      std::size_t length = bytes.size();
      if (method.streams && length > 2) {
        length = std::min<std::size_t>(
            static_cast<unsigned char>(bytes[0]) * 256u + static_cast<unsigned char>(bytes[1]), length - 2);
        bytes.remove_prefix(2);
      }
      const grpc::Slice slice(bytes.data(), length);
      bytes.remove_prefix(length);
      call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
      open = next();
    }
    if (open) {
      call->WritesDone(nullptr);
      next();
    }
    // A watch has no end: a few answers are enough.
    for (int answers = 0; answers < 20; ++answers) {
      grpc::ByteBuffer answer;
      call->Read(&answer, nullptr);
      if (!next()) break;
      if (answers == 3) context.TryCancel();
    }
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    next();
    // What was wrong is the caller's to know; an unknown or internal error is the server's own fault.
    if (status.error_code() == grpc::StatusCode::INTERNAL || status.error_code() == grpc::StatusCode::UNKNOWN ||
        status.error_code() == grpc::StatusCode::DATA_LOSS) {
      const bool checksum = status.error_message().find("crc32c") != std::string::npos ||
                            status.error_message().find("sha256") != std::string::npos;
      if (!checksum) std::fprintf(stderr, "%s: %s\n", method.path.c_str(), status.error_message().c_str());
      FUZZ_REQUIRE(checksum);
    }
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Server> server_;
  std::thread waiter_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Method> methods = AllMethods();
  static FuzzedServer server;
  if (size < 1) return -1;
  const Method& method = methods[data[0] % methods.size()];
  if (method.path.find("/Watch") != std::string::npos) return -1;  // waits for what nobody writes
  server.Call(method, AsText(data + 1, size - 1));
  return 0;
}
