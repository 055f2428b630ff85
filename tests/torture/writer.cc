#include "tests/torture/writer.h"

#include <utility>

#include "clients/cpp/checksums.h"
#include "clients/cpp/upload.h"

namespace greffe {
namespace {

using Kind = TraceStep::Kind;

std::string NameOf(const std::string& project, const std::string& number) {
  return "projects/" + project + "/documents/" + number;
}

// Whether the answer leaves open if the deed was done.
bool IsOpen(const absl::Status& status) { return absl::IsUnavailable(status); }

// What `state` says of the documents of `step`.
TraceState PartOf(const TraceState& state, const TraceStep& step) {
  const TraceProject& project = state.at(step.project);
  TraceState part{{step.project, {}}};
  for (const TraceItem& item : step.items) {
    const auto found = project.documents.find(item.number);
    if (found != project.documents.end()) part[step.project].documents.insert(*found);
  }
  return part;
}

TraceStep Hashed(TraceStep step) {
  for (TraceItem& item : step.items) item.content = client::Sha256Of(item.content);
  return step;
}

template <typename Response>
absl::StatusOr<std::vector<v1::Document>> One(absl::StatusOr<Response> response) {
  if (!response.ok()) return response.status();
  return std::vector<v1::Document>{*std::move(response)};
}

}  // namespace

void Writer::Run(Quiet& quiet, const std::atomic<bool>& stop) {
  bool served = true;
  while (served && !stop.load() && findings_.texts().empty()) {
    quiet.Enter();
    served = Step();
    quiet.Leave();
  }
}

std::optional<Writer::Sample> Writer::AnyDocument(std::mt19937_64& random) const {
  const std::lock_guard lock(mutex_);
  const std::string project = random() % 2 == 0 ? "apollo" : "borealis";
  const auto& documents = state_.at(project).documents;
  if (documents.empty()) return std::nullopt;
  const auto& [number, document] = *std::next(documents.begin(), static_cast<long>(random() % documents.size()));
  return Sample{NameOf(project, number), document.contents};
}

TraceState Writer::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Writer::Counts Writer::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Writer::Keep(const TraceState& part) {
  for (const auto& [name, project] : part) {
    for (const auto& [number, document] : project.documents) state_[name].documents[number] = document;
  }
}

bool Writer::Step() {
  const int index = base_ + next_++;
  const TraceStep step = MakeStep(index, state_, random_);
  client::Client* client = connection_.Get();
  if (step.kind == Kind::kPack && client != nullptr) {
    v1::FlushRepositoriesRequest request;
    request.set_parent("projects/" + step.project);
    const absl::Status status = client->FlushRepositories(request).status();
    if (!status.ok() && !IsOpen(status)) findings_.Add("a flush: " + status.ToString());
    return !IsOpen(status) || connection_.Next() != nullptr;
  }
  if (!step.IsWrite()) return client != nullptr;

  const TraceState before = PartOf(state_, step);
  TraceState after = before;
  const bool allowed = Apply(Hashed(step), after);
  after[step.project].sequence = 0;  // the commits are not this writer's alone
  const std::string request_id = "torture-" + std::to_string(index);
  const std::string what = request_id + " (" + std::to_string(static_cast<int>(step.kind)) + ") in " + step.project;
  uploads_.clear();
  while (client != nullptr) {
    const auto answer = Send(*client, step, request_id);
    if (!answer.ok() && IsOpen(answer.status())) {
      client = connection_.Next();
      if (client == nullptr) return false;
      const bool looks = random_() % 4 == 0;
      {
        const std::lock_guard lock(mutex_);
        ++(looks ? counts_.abandoned : counts_.repeated);
      }
      if (!looks) continue;
      auto seen = Look(*client, step);
      while (!seen.ok() && IsOpen(seen.status())) {
        client = connection_.Next();
        if (client == nullptr) return false;
        seen = Look(*client, step);
      }
      if (!seen.ok()) {
        findings_.Add(what + " cannot be looked up: " + seen.status().ToString());
      } else if (allowed && Difference(after, *seen).empty()) {
        const std::lock_guard lock(mutex_);
        ++counts_.there;
        Keep(after);
      } else if (!Difference(before, *seen).empty()) {
        findings_.Add(what + " was not answered and is there in part:\n" + Difference(before, *seen));
      }
      return true;
    }
    if (answer.ok() != allowed) {
      findings_.Add(what + (allowed ? " was refused: " + answer.status().ToString() : " should have been refused"));
      return true;
    }
    const std::lock_guard lock(mutex_);
    ++(allowed ? counts_.acknowledged : counts_.refused);
    if (!allowed) return true;
    for (const v1::Document& document : *answer) {
      const std::string number = document.name().substr(document.name().rfind('/') + 1);
      const TraceDocument& expected = after[step.project].documents[number];
      if (document.title() != expected.title || document.path() != expected.path ||
          document.latest_version().number() != static_cast<std::int64_t>(expected.contents.size())) {
        findings_.Add(what + " was answered with " + document.ShortDebugString());
      }
    }
    Keep(after);
    return true;
  }
  return false;
}

absl::StatusOr<std::vector<v1::Document>> Writer::Send(client::Client& client, const TraceStep& step,
                                                       const std::string& request_id) {
  const std::string name = NameOf(step.project, step.items[0].number);
  switch (step.kind) {
    case Kind::kRetitle: {
      v1::UpdateDocumentRequest request;
      request.mutable_document()->set_name(name);
      request.mutable_document()->set_title(step.text);
      request.mutable_update_mask()->add_paths("title");
      request.set_request_id(request_id);
      return One(client.UpdateDocument(request));
    }
    case Kind::kMove: {
      v1::MoveDocumentRequest request;
      request.set_name(name);
      request.set_destination_path(step.text);
      request.set_request_id(request_id);
      return One(client.MoveDocument(request));
    }
    case Kind::kWithdraw: {
      v1::WithdrawDocumentRequest request;
      request.set_name(name);
      request.set_request_id(request_id);
      return One(client.WithdrawDocument(request));
    }
    case Kind::kReinstate: {
      v1::ReinstateDocumentRequest request;
      request.set_name(name);
      request.set_request_id(request_id);
      return One(client.ReinstateDocument(request));
    }
    default:
      return CheckIn(client, step, request_id);
  }
}

absl::StatusOr<std::vector<v1::Document>> Writer::CheckIn(client::Client& client, const TraceStep& step,
                                                          const std::string& request_id) {
  const std::string parent = "projects/" + step.project;
  // What was uploaded stays when the server goes away: the repeated request must be the same to the letter.
  if (step.kind == Kind::kLarge && uploads_.empty()) {
    const auto upload = client::UploadContent(client, parent, client::MemoryContent(step.items[0].content));
    if (!upload.ok()) return upload.status();
    uploads_.push_back(upload->name());
  }
  v1::BatchCheckInRequest request;
  request.set_parent(parent);
  request.set_request_id(request_id);
  for (const TraceItem& item : step.items) {
    v1::CheckInItem& check_in = *request.add_items();
    if (state_.at(step.project).documents.contains(item.number)) {
      check_in.set_document(NameOf(step.project, item.number));
    } else {
      check_in.set_document_id(item.number);
      check_in.mutable_new_document()->set_type("specification");
      check_in.mutable_new_document()->set_title(item.number);
      check_in.mutable_new_document()->set_path(item.path);
    }
    if (step.kind == Kind::kLarge) {
      check_in.mutable_main_file()->set_upload(uploads_[0]);
    } else {
      check_in.mutable_main_file()->set_data(item.content);
    }
  }
  std::vector<v1::Document> documents;
  if (step.kind == Kind::kBatch) {
    const auto response = client.BatchCheckIn(request);
    if (!response.ok()) return response.status();
    for (const auto& result : response->results()) documents.push_back(result.document());
    return documents;
  }
  v1::CheckInRequest single;
  single.set_parent(parent);
  single.set_request_id(request_id);
  *single.mutable_item() = request.items(0);
  const auto response = client.CheckIn(single);
  if (!response.ok()) return response.status();
  documents.push_back(response->document());
  return documents;
}

absl::StatusOr<TraceState> Writer::Look(client::Client& client, const TraceStep& step) {
  TraceState state{{step.project, {}}};
  for (const TraceItem& item : step.items) {
    v1::GetDocumentRequest request;
    request.set_name(NameOf(step.project, item.number));
    const auto document = client.GetDocument(request);
    if (absl::IsNotFound(document.status())) continue;
    if (!document.ok()) return document.status();
    TraceDocument& seen = state[step.project].documents[item.number];
    seen.path = document->path();
    seen.title = document->title();
    seen.withdrawn = document->state() == v1::DOCUMENT_STATE_WITHDRAWN;
    for (std::int64_t number = 1; number <= document->latest_version().number(); ++number) {
      v1::GetVersionRequest of_version;
      of_version.set_name(request.name() + "/versions/" + std::to_string(number));
      const auto version = client.GetVersion(of_version);
      if (!version.ok()) return version.status();
      seen.contents.push_back(version->main_file().sha256());
    }
  }
  return state;
}

}  // namespace greffe
