#include "services/server/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <semaphore.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "services/admin/admin_service.h"
#include "services/baselines/baselines_service.h"
#include "services/call/malformed_request.h"
#include "services/call/status.h"
#include "services/changes/changes_service.h"
#include "services/contents/contents_service.h"
#include "services/deliverables/deliverables_service.h"
#include "services/documents/documents_service.h"
#include "services/imports/imports_service.h"
#include "services/locks/locks_service.h"
#include "services/milestones/milestones_service.h"
#include "services/notifications/notifications_service.h"
#include "services/notifications/teller.h"
#include "services/projects/projects_service.h"
#include "services/registers/registers_service.h"
#include "services/reports/reports_service.h"
#include "services/reviews/reviews_service.h"
#include "services/server/calls_under_way.h"
#include "services/server/listener.h"
#include "services/tables/tables_service.h"
#include "services/templates/templates_service.h"
#include "services/trace/trace_service.h"
#include "services/transmittals/transmittals_service.h"
#include "services/versions/versions_service.h"
#include "services/webhooks/courier.h"
#include "services/webhooks/webhooks_service.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/store/outbox.h"

namespace greffe {
namespace {

constexpr int kMessageOverhead = 64 << 10;  // names and fields around the contents
// In which watchers that read are told of the stop, each with a last message or status.
constexpr std::chrono::seconds kTimeForWatchers{1};
// In which clients that read get the last answers, and answer gRPC's word of the stop.
constexpr std::chrono::seconds kTimeForClients{1};
constexpr std::chrono::milliseconds kBetweenLooks{100};

// What a signal handler may post.
class StopSignal {
 public:
  StopSignal() { ::sem_init(&semaphore_, 0, 0); }
  ~StopSignal() { ::sem_destroy(&semaphore_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Post() { ::sem_post(&semaphore_); }
  void Wait() {
    while (::sem_wait(&semaphore_) != 0) {
    }
  }

 private:
  sem_t semaphore_;
};

}  // namespace

struct Server::State {
  ServerConfig config;
  const SystemClock system_clock;
  const Clock& clock;
  StopSignal stop;
  std::mutex mutex;
  absl::Status fatal;
  bool stopped = false;
  // Each after what it refers to.
  std::unique_ptr<Store> store;
  std::unique_ptr<WorkerPool> pool;
  std::optional<StreamMemory> stream_memory;
  std::optional<Runtime> runtime;
  std::unique_ptr<ProjectsService> projects;
  std::unique_ptr<DocumentsService> documents;
  std::unique_ptr<VersionsService> versions;
  std::unique_ptr<ContentsService> contents;
  std::unique_ptr<ChangesService> changes;
  std::unique_ptr<LocksService> locks;
  std::unique_ptr<ReviewsService> reviews;
  std::unique_ptr<DeliverablesService> deliverables;
  std::unique_ptr<MilestonesService> milestones;
  std::unique_ptr<TraceService> trace;
  std::unique_ptr<BaselinesService> baselines;
  std::unique_ptr<TransmittalsService> transmittals;
  std::unique_ptr<RegistersService> registers;
  std::unique_ptr<ReportsService> reports;
  std::unique_ptr<TablesService> tables;
  std::unique_ptr<TemplatesService> templates;
  std::unique_ptr<NotificationsService> notifications;
  std::unique_ptr<WebhooksService> webhooks;
  std::unique_ptr<ImportsService> imports;
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<Teller> teller;
  std::unique_ptr<Courier> courier;
  CallsUnderWay calls;
  std::unique_ptr<grpc::Server> grpc_server;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::unique_ptr<Listener> listener;
  int port = 0;

  explicit State(const Clock* given) : clock(given != nullptr ? *given : system_clock) {}
  // Also of a start that failed, however far it came.
  ~State() {
    Stop();
    grpc_server.reset();
    // Calls that ended may still have a last step on the pool.
    pool.reset();
  }

  // Calls under way end, watchers at once, and nothing is told or delivered any more.
  void Stop() {
    if (std::exchange(stopped, true)) return;
    listener.reset();
    if (grpc_server != nullptr) {
      grpc_server->GetHealthCheckService()->SetServingStatus(false);
      changes->Stop();
      notifications->Stop();
      std::promise<void> over;
      std::thread ender([this, ended = over.get_future()] { EndWhatStays(ended); });
      grpc_server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(config.stop_seconds));
      over.set_value();
      ender.join();
      grpc_server->Wait();
    }
    if (teller != nullptr) teller->Stop();
    if (courier != nullptr) courier->Stop();
  }

  // Beside gRPC's own shutdown, until that is over: it waits for calls, and then for a word of each client. One that is
  // suspended, or never said anything, has none.
  void EndWhatStays(const std::future<void>& over) {
    const auto is_over = [&over](auto time) { return over.wait_for(time) == std::future_status::ready; };
    if (is_over(kTimeForWatchers)) return;
    calls.CancelWatching();
    auto needed = std::chrono::steady_clock::now();
    while (!is_over(kBetweenLooks)) {
      const auto now = std::chrono::steady_clock::now();
      if (calls.count() > 0 || AnswersAreOnTheirWay()) needed = now;
      if (now - needed >= kTimeForClients) return grpc_server_cancel_all_calls(grpc_server->c_server());
    }
  }

  void MakeServices() {
    stream_memory.emplace(config.limits.stream_bytes, std::chrono::seconds(config.limits.stall_seconds));
    runtime.emplace(Runtime{*store, *pool, clock, *stream_memory, config.limits});
    projects = std::make_unique<ProjectsService>(*runtime);
    documents = std::make_unique<DocumentsService>(*runtime);
    versions = std::make_unique<VersionsService>(*runtime);
    contents = std::make_unique<ContentsService>(*runtime);
    changes = std::make_unique<ChangesService>(*runtime);
    locks = std::make_unique<LocksService>(*runtime);
    reviews = std::make_unique<ReviewsService>(*runtime);
    deliverables = std::make_unique<DeliverablesService>(*runtime);
    milestones = std::make_unique<MilestonesService>(*runtime);
    trace = std::make_unique<TraceService>(*runtime);
    baselines = std::make_unique<BaselinesService>(*runtime);
    transmittals = std::make_unique<TransmittalsService>(*runtime);
    registers = std::make_unique<RegistersService>(*runtime);
    reports = std::make_unique<ReportsService>(*runtime);
    tables = std::make_unique<TablesService>(*runtime);
    templates = std::make_unique<TemplatesService>(*runtime);
    notifications = std::make_unique<NotificationsService>(*runtime);
    webhooks = std::make_unique<WebhooksService>(*runtime);
    imports = std::make_unique<ImportsService>(*runtime);
    admin = std::make_unique<AdminService>(*runtime, GREFFE_VERSION);
    const auto log = [](const std::string& line) { spdlog::warn("{}", line); };
    teller = std::make_unique<Teller>(config.notify, *store, clock, log);
    courier = std::make_unique<Courier>(config.webhooks, store->outbox(), clock, log);
  }

  absl::Status Listen() {
    GREFFE_ASSIGN_OR_RETURN(listener, Listener::Open(config.listen));
    port = listener->port();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
    for (grpc::Service* service : std::initializer_list<grpc::Service*>{
             projects.get(),  documents.get(),     versions.get(),     contents.get(),   changes.get(),
             locks.get(),     reviews.get(),       deliverables.get(), milestones.get(), trace.get(),
             baselines.get(), transmittals.get(),  registers.get(),    reports.get(),    tables.get(),
             templates.get(), notifications.get(), webhooks.get(),     imports.get(),    admin.get()}) {
      builder.RegisterService(service);
    }
    grpc::ResourceQuota quota("greffed");
    quota.Resize(static_cast<std::size_t>(config.max_connections_memory_mib) << 20);
    builder.SetResourceQuota(quota);
    const int message = static_cast<int>(config.limits.message_bytes) + kMessageOverhead;
    builder.SetMaxReceiveMessageSize(message);
    builder.SetMaxSendMessageSize(message);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, config.max_concurrent_streams);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, config.max_metadata_bytes);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, config.idle_seconds * 1000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // A message is unpacked before it is held against its limit: 300 KB may become 300 MB.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    auto interceptors = MalformedRequestInterceptors();
    interceptors.push_back(calls.NewFactory());
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    grpc_server = builder.BuildAndStart();
    if (grpc_server == nullptr) return absl::InternalError("gRPC does not start");
    listener->Start([this](int socket, int connection) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
      parameters.listener_fd = socket;
      parameters.fd = connection;
      acceptor->HandleNewConnection(&parameters);
    });
    grpc_server->GetHealthCheckService()->SetServingStatus(true);
    if (config.port_file.empty()) return absl::OkStatus();
    return WriteFileDurably(config.port_file, std::to_string(port) + "\n");
  }

  void Fail(const absl::Status& why) {
    spdlog::critical("writes stopped, the server ends itself: {}", std::string(why.message()));
    {
      const std::lock_guard lock(mutex);
      fatal = why;
    }
    stop.Post();
  }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerConfig& config, const Clock* clock) {
  GREFFE_RETURN_IF_ERROR(CheckListenAddress(config.listen));
  auto state = std::make_unique<State>(clock);
  state->config = config;
  GREFFE_ASSIGN_OR_RETURN(
      state->store, Store::Open(config.store, state->clock, [](Severity severity, const std::string& line) {
        spdlog::log(severity == Severity::kError ? spdlog::level::err : spdlog::level::info, "{}", line);
      }));
  State* raw = state.get();
  state->store->OnFatal([raw](const absl::Status& why) { raw->Fail(why); });
  state->pool = std::make_unique<WorkerPool>(config.pool_threads, static_cast<std::size_t>(config.pool_queue));
  HideDataDirectory(config.store.directory);
  state->MakeServices();
  state->teller->Start();
  state->courier->Start();
  GREFFE_RETURN_IF_ERROR(state->Listen());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

int Server::port() const { return state_->port; }

std::string Server::address() const {
  const std::string& listen = state_->config.listen;
  if (listen.starts_with("unix:")) return listen;
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(state_->port);
}

Store& Server::store() { return *state_->store; }

void Server::RequestStop() { state_->stop.Post(); }

absl::Status Server::Wait() {
  state_->stop.Wait();
  absl::Status fatal;
  {
    const std::lock_guard lock(state_->mutex);
    fatal = state_->fatal;
  }
  spdlog::info("stopping: finishing calls under way");
  state_->Stop();
  if (!fatal.ok()) return fatal;
  spdlog::info("stopping: packing what is not in the repositories yet");
  return state_->store->Close();
}

}  // namespace greffe
