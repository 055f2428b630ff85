// The fake's imports.
#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

bool IsRefused(const std::string& path) { return path.find(':') != std::string::npos; }

// Whether a commit is made of it: not of one whose changes are all refused.
bool HasEffect(const v1::ImportCommit& commit) {
  return commit.changes().empty() ||
         !std::all_of(commit.changes().begin(), commit.changes().end(),
                      [](const v1::ImportChange& change) { return IsRefused(change.path()); });
}

// The commit that moved the source last.
std::string PlaceOf(const FakeState& state) {
  const auto found = std::find_if(state.imported.rbegin(), state.imported.rend(), HasEffect);
  return found == state.imported.rend() ? "" : found->source_commit();
}

class FakeImports : public v1::Imports::Service {
 public:
  explicit FakeImports(FakeState& state) : state_(state) {}

  grpc::Status GetImportSource(grpc::ServerContext* context, const v1::GetImportSourceRequest* request,
                               v1::ImportSource* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetImportSource");
    if (!begun.ok()) return begun;
    response->set_name(request->name());
    response->set_last_commit(PlaceOf(state_));
    response->set_commit_count(std::count_if(state_.imported.begin(), state_.imported.end(), HasEffect));
    return grpc::Status::OK;
  }

  grpc::Status ImportCommits(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::ImportCommitsResponse, v1::ImportCommitsRequest>* stream) override {
    {
      const std::lock_guard lock(state_.mutex);
      const grpc::Status begun = BeginCall(state_, *context, "ImportCommits");
      if (!begun.ok()) return begun;
    }
    v1::ImportCommitsRequest message;
    stream->Read(&message);
    state_.import_header = message.header();
    const std::string here = PlaceOf(state_);
    if (message.header().expected_last_commit() != here) {
      return ServerError(grpc::StatusCode::ABORTED, "IMPORT_POSITION", "import stands at \"" + here + "\"");
    }
    v1::ImportCommit whole;
    std::int64_t count = 0;
    bool within = false;
    while (stream->Read(&message)) {
      const std::lock_guard lock(state_.mutex);
      for (const v1::ImportChange& change : message.commit().changes()) state_.claimed.insert(change.upload());
      whole.MergeFrom(message.commit());
      within = message.commit().continued();
      if (within) continue;
      if (state_.break_import_at > 0 && count++ == state_.break_import_at) {
        state_.break_import_at = 0;
        return {grpc::StatusCode::UNAVAILABLE, "broken"};
      }
      const grpc::Status taken = TakeContents(whole);
      if (!taken.ok()) return taken;
      v1::ImportCommitsResponse response;
      response.set_source_commit(whole.source_commit());
      if (HasEffect(whole)) response.set_sequence(++state_.sequence);
      for (const v1::ImportChange& change : whole.changes()) {
        if (IsRefused(change.path())) {
          v1::ImportSkip* skip = response.add_skipped();
          skip->set_path(change.path());
          skip->set_reason("PATH_INVALID");
          skip->set_detail("has a colon");
        } else if (change.action() == v1::IMPORT_ACTION_WRITE) {
          response.set_versions_created(response.versions_created() + 1);
        }
      }
      state_.imported.push_back(whole);
      whole.Clear();
      stream->Write(response);
      if (state_.silent_import) break;
    }
    // Not for ever: a client that does not notice is to fail, not to hang.
    for (int i = 0; state_.silent_import && !context->IsCancelled() && i < 1000; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (within) return ServerError(grpc::StatusCode::INVALID_ARGUMENT, "STREAM_ENDED_EARLY", "ended within a commit");
    return grpc::Status::OK;
  }

 private:
  grpc::Status TakeContents(const v1::ImportCommit& commit) {
    constexpr std::size_t kInlineBytes = 64 << 20;
    std::size_t bytes = commit.message().size();
    for (const v1::ImportChange& change : commit.changes()) {
      bytes += change.data().size() + change.path().size() + change.previous_path().size();
      if (bytes > kInlineBytes) {
        return ServerError(grpc::StatusCode::INVALID_ARGUMENT, "CONTENT_TOO_LARGE", "the commit has over 64 MiB");
      }
      if (change.upload().empty() || IsRefused(change.path())) continue;
      const auto upload = state_.uploads.find(change.upload());
      if (upload == state_.uploads.end()) {
        return ServerError(grpc::StatusCode::NOT_FOUND, "UPLOAD_NOT_FOUND", "no \"" + change.upload() + "\"");
      }
      state_.consumed[change.upload()] = std::move(upload->second.data);
      state_.uploads.erase(upload);
    }
    return grpc::Status::OK;
  }

  FakeState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeImports(FakeState& state) { return std::make_unique<FakeImports>(state); }

}  // namespace greffe::client
