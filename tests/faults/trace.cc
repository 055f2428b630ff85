#include "tests/faults/trace.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "greffe/v1/contents.pb.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/store/document_acts.h"
#include "storage/store/request_digest.h"

namespace greffe {
namespace {

using Kind = TraceStep::Kind;

constexpr std::size_t kChunk = 400'000;

absl::Status CheckInItem(Transaction& transaction, const TraceItem& item, StagedContent content) {
  const absl::Status there = transaction.GetDocument(item.number).status();
  if (absl::IsNotFound(there)) {
    v1::Document document;
    document.set_path(item.path);
    document.set_title(item.number);
    document.set_type("specification");
    GREFFE_RETURN_IF_ERROR(CreateDocument(transaction, document, item.number, "ada", "document", "id").status());
  } else if (!there.ok()) {
    return there;
  }
  CheckInAct act;
  act.number = item.number;
  act.main_file = std::move(content);
  return CheckIn(transaction, std::move(act), "item").status();
}

}  // namespace

std::vector<TraceStep> MakeTrace() {
  constexpr int kSteps = 200;
  std::mt19937_64 random(7);
  std::vector<TraceStep> trace = {{Kind::kCreateProject, "apollo", {}, "Apollo"},
                                  {Kind::kCreateProject, "borealis", {}, "Borealis"}};
  TraceState state;
  for (const TraceStep& step : trace) Apply(step, state);
  while (trace.size() < kSteps) {
    trace.push_back(MakeStep(static_cast<int>(trace.size()), state, random));
    if (trace.back().IsWrite()) Apply(Hashed(trace.back()), state);
  }
  return trace;
}

TraceStep Hashed(TraceStep step) {
  for (TraceItem& item : step.items) item.content = Sha256Of(item.content).Hex();
  return step;
}

absl::Status TraceStore::Open() {
  StoreOptions options;
  options.directory = directory_;
  options.reserve_bytes = 0;
  options.background = false;
  options.committers = 1;
  options.index_buffer_bytes = 1 << 20;     // of 64 MiB the filters alone take a third of the trace's time to clear
  options.journal_buffer_bytes = 64 << 10;  // small enough for its logs and tables to change within the trace
  options.sync_journal = std::getenv("GREFFE_TRACE_NO_SYNC") == nullptr;
  GREFFE_ASSIGN_OR_RETURN(store_, Store::Open(options, clock_, log_));
  return absl::OkStatus();
}

absl::Status TraceStore::Close() {
  if (store_ == nullptr) return absl::OkStatus();
  const absl::Status status = store_->Close();
  store_.reset();
  return status;
}

absl::StatusOr<WriteResult> TraceStore::Do(int index, const TraceStep& step) {
  if (step.kind == Kind::kReopen || step.kind == Kind::kRebuildIndex) {
    const absl::Status closed = Close();
    std::error_code error;
    if (step.kind == Kind::kRebuildIndex) std::filesystem::remove_all(directory_ + "/index", error);
    GREFFE_RETURN_IF_ERROR(Open());
    if (!closed.ok()) return closed;
    return WriteResult();
  }
  if (store_ == nullptr) return absl::UnavailableError("the store is not open");
  if (step.kind == Kind::kPack) {
    GREFFE_RETURN_IF_ERROR(store_->FlushRepositories(step.project).status());
    return WriteResult();
  }
  return Write(index, step);
}

absl::StatusOr<StagedContent> TraceStore::Upload(int index, const TraceStep& step) {
  const std::string& content = step.items[0].content;
  GREFFE_ASSIGN_OR_RETURN(const v1::Upload upload,
                          store_->uploads().Create(step.project, static_cast<std::int64_t>(content.size()),
                                                   Sha256Of(content).Hex(), "upload-" + std::to_string(index)));
  const std::string id = upload.name().substr(upload.name().rfind('/') + 1);
  if (!upload.complete()) {
    GREFFE_ASSIGN_OR_RETURN(const auto writer, store_->uploads().OpenWriter(step.project, id));
    for (auto at = static_cast<std::size_t>(upload.received_size()); at < content.size(); at += kChunk) {
      const std::string chunk = content.substr(at, kChunk);
      GREFFE_RETURN_IF_ERROR(writer->Append(static_cast<std::int64_t>(at), chunk, Crc32c(chunk)));
    }
    GREFFE_RETURN_IF_ERROR(writer->Finish().status());
  }
  return store_->StageUpload(step.project, id, "large.md", "");
}

absl::StatusOr<WriteResult> TraceStore::Write(int index, const TraceStep& step) {
  std::vector<StagedContent> contents;
  for (const TraceItem& item : step.items) {
    if (step.kind != Kind::kLarge && item.content.empty()) break;
    GREFFE_ASSIGN_OR_RETURN(StagedContent content, step.kind == Kind::kLarge
                                                       ? Upload(index, step)
                                                       : store_->Stage(item.content, item.path, "", "data"));
    contents.push_back(std::move(content));
  }
  WriteRequest request;
  request.project = step.project;
  request.principal.set_id("ada");
  request.request_id = "step-" + std::to_string(index);
  request.digest = DigestOf(request.request_id);
  request.act = [&](Transaction& transaction) -> absl::Status {
    const std::string number = step.items.empty() ? "" : step.items[0].number;
    switch (step.kind) {
      case Kind::kCreateProject: {
        v1::Project project;
        project.set_title(step.text);
        return CreateProject(transaction, project);
      }
      case Kind::kRetitle: {
        v1::Document values;
        values.set_name("projects/" + step.project + "/documents/" + number);
        values.set_title(step.text);
        return UpdateDocument(transaction, values, {"title"}, "document");
      }
      case Kind::kMove:
        return MoveDocument(transaction, number, step.text, "", "path");
      case Kind::kWithdraw:
        return WithdrawDocument(transaction, number, "");
      case Kind::kReinstate:
        return ReinstateDocument(transaction, number, "", "", "path");
      default:
        for (std::size_t i = 0; i < step.items.size(); ++i) {
          GREFFE_RETURN_IF_ERROR(CheckInItem(transaction, step.items[i], contents[i]));
        }
        return absl::OkStatus();
    }
  };
  return store_->WriteAndWait(std::move(request));
}

absl::StatusOr<TraceState> TraceStore::Dump() const {
  TraceState state;
  for (const std::string name : {"apollo", "borealis"}) {
    const absl::StatusOr<ProjectView> view = store_->View(name);
    if (absl::IsNotFound(view.status())) continue;
    if (!view.ok()) return view.status();
    TraceProject& project = state[name];
    project.sequence = view->sequence();
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view->ListChanges(0, 1000));
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (changes[i].sequence() == static_cast<std::int64_t>(i) + 1) continue;
      return absl::DataLossError("a change is missing before " + std::to_string(changes[i].sequence()));
    }
    if (static_cast<std::int64_t>(changes.size()) != project.sequence) {
      return absl::DataLossError("changes end before the head");
    }
    for (const std::string filter : {"", "state = WITHDRAWN"}) {
      std::string after;
      do {
        GREFFE_ASSIGN_OR_RETURN(const DocumentPage page, view->ListDocuments(*ParseDocumentFilter(filter),
                                                                             *ParseDocumentOrdering(""), 100, after));
        after = page.next;
        for (const v1::Document& listed : page.documents) {
          const std::string number = listed.name().substr(listed.name().rfind('/') + 1);
          TraceDocument& document = project.documents[number];
          document.path = listed.path();
          document.title = listed.title();
          document.withdrawn = listed.state() == v1::DOCUMENT_STATE_WITHDRAWN;
          for (std::int64_t v = 1; v <= listed.latest_version().number(); ++v) {
            GREFFE_ASSIGN_OR_RETURN(const v1::Version version, view->GetVersion(number, v));
            GREFFE_ASSIGN_OR_RETURN(const std::string content, store_->ReadContent(name, version.main_file()));
            document.contents.push_back(Sha256Of(content).Hex());
          }
        }
      } while (!after.empty());
    }
  }
  return state;
}

std::vector<std::string> TraceStore::DumpLines() const {
  std::vector<std::string> lines;
  const auto error = [&lines](const std::string& what, const absl::Status& status) {
    lines.push_back(what + ": error: " + status.ToString());
  };
  for (const std::string name : {"apollo", "borealis"}) {
    const absl::StatusOr<ProjectView> view = store_->View(name);
    if (!view.ok()) {
      error(name, view.status());
      continue;
    }
    lines.push_back(name + " " + std::to_string(view->sequence()));
    const auto changes = view->ListChanges(0, 1000);
    if (!changes.ok()) error(name + " changes", changes.status());
    if (changes.ok()) lines.push_back(name + " changes " + std::to_string(changes->size()));
    for (const std::string filter : {"", "state = WITHDRAWN"}) {
      std::string after;
      do {
        const auto page = view->ListDocuments(*ParseDocumentFilter(filter), *ParseDocumentOrdering(""), 10, after);
        if (!page.ok()) {
          error(name + " list after " + after, page.status());
          break;
        }
        after = page->next;
        for (const v1::Document& listed : page->documents) {
          const std::string number = listed.name().substr(listed.name().rfind('/') + 1);
          lines.push_back(name + " " + number + " " + listed.path() + " " + listed.title() + " " +
                          std::to_string(listed.state()));
          for (std::int64_t v = 1; v <= listed.latest_version().number(); ++v) {
            const std::string what = name + " " + number + " " + std::to_string(v);
            const auto version = view->GetVersion(number, v);
            const auto content = version.ok() ? store_->ReadContent(name, version->main_file()) : version.status();
            if (!content.ok()) error(what, content.status());
            if (content.ok()) lines.push_back(what + " " + Sha256Of(*content).Hex());
          }
          std::string answer;
          const auto found = store_->FindLatestContent(name, number, answer);
          v1::FetchContentResponse response;
          if (!found.ok()) error(name + " " + number + " latest", found.status());
          // Not at hand in an index made anew.
          if (found.ok() && !*found) continue;
          if (found.ok() && response.ParseFromString(answer)) {
            lines.push_back(name + " " + number + " " + std::to_string(response.version().number()) + " " +
                            Sha256Of(response.content()).Hex());
          }
        }
      } while (!after.empty());
    }
  }
  return lines;
}

}  // namespace greffe
