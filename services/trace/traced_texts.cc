#include "services/trace/traced_texts.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/call/unary.h"
#include "services/call/wanted.h"
#include "storage/base/anchors.h"
#include "storage/base/errors.h"
#include "storage/base/front_matter.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/utf8.h"
#include "storage/store/anchor_acts.h"
#include "storage/store/link_acts.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxScannedDocuments = 1000;
constexpr std::size_t kMaxScannedText = 32 << 20;
constexpr std::size_t kMaxReadDocuments = 20'000;
constexpr std::int64_t kMaxReadTurns = 8;  // of CallLimits::turn_bytes, of an import
constexpr std::size_t kMaxImportedLinks = 10'000;
constexpr int kMaxSkips = 1000;
constexpr std::size_t kShownValue = 200;   // bytes of a skip: all of them go into one message,
constexpr std::size_t kShownDetail = 300;  // when the links may have been made

absl::Status NoRule(const std::string& project, const std::string& what) {
  return Error(absl::StatusCode::kFailedPrecondition, "NO_TRACE_RULE",
               "the trace_rule of project '" + project + "' names no " + what, {{"project", project}});
}

// Each document of a concerned type that matches and has a version; `look` gives false to end.
absl::Status ForEachDocument(const ProjectView& view, const v1::TraceRule& rule, const std::string& filter_text,
                             const std::function<absl::StatusOr<bool>(const v1::Document&)>& look) {
  GREFFE_ASSIGN_OR_RETURN(const DocumentFilter filter, ParseDocumentFilter(filter_text));
  std::string after;
  do {
    GREFFE_ASSIGN_OR_RETURN(DocumentPage page, view.ListDocuments(filter, {}, 1000, after));
    for (const v1::Document& document : page.documents) {
      if (!document.has_latest_version() || document.state() != v1::DOCUMENT_STATE_ACTIVE ||
          !IsTraced(rule, document.type())) {
        continue;
      }
      GREFFE_ASSIGN_OR_RETURN(const bool more, look(document));
      if (!more) return absl::OkStatus();
    }
    after = std::move(page.next);
  } while (!after.empty());
  return absl::OkStatus();
}

// "" for one that is too large to be looked at.
absl::StatusOr<std::string> TextOf(const Store& store, const std::string& project, const v1::Document& document) {
  const v1::File& file = document.latest_version().main_file();
  if (file.size() > static_cast<std::int64_t>(kMaxScannedBytes)) return std::string();
  return store.ReadContent(project, file);
}

// A value of a key that names a document.
struct Wanted {
  v1::Link link;
  std::string document;
  std::string value;
};

void AddSkip(v1::ImportFrontMatterLinksResponse& response, const Wanted& wanted, const std::string& key,
             const std::string& reason, const std::string& detail) {
  response.set_skipped_count(response.skipped_count() + 1);
  if (response.skipped_size() == kMaxSkips) return;
  v1::FrontMatterSkip& skip = *response.add_skipped();
  skip.set_document(wanted.document);
  skip.set_key(key);
  skip.set_value(PrintableUtf8(wanted.value.substr(0, kShownValue)));
  skip.set_reason(reason);
  skip.set_detail(PrintableUtf8(detail.substr(0, kShownDetail)));
}

class FrontMatterReader {
 public:
  // `gone`: whether nobody waits for the answer any more.
  FrontMatterReader(const Runtime& runtime, const ProjectView& view, const std::function<bool()>& gone,
                    v1::ImportFrontMatterLinksResponse& response)
      : runtime_(runtime), view_(view), gone_(gone), response_(response) {}

  absl::StatusOr<std::vector<Wanted>> Read(const v1::TraceRule& rule, const std::string& filter) {
    std::size_t documents = 0;
    std::int64_t bytes = 0;
    const std::int64_t max_bytes = runtime_.limits.turn_bytes * kMaxReadTurns;
    const absl::Status read =
        ForEachDocument(view_, rule, filter, [&](const v1::Document& document) -> absl::StatusOr<bool> {
          if (++documents > kMaxReadDocuments) return TooMuch(absl::StrCat(kMaxReadDocuments, " documents"));
          GREFFE_RETURN_IF_ERROR(CheckWanted(gone_));
          const absl::StatusOr<std::string> text = TextOf(runtime_.store, view_.project(), document);
          if (absl::IsDataLoss(text.status())) {
            Wanted unread;
            unread.document = document.name();
            AddSkip(response_, unread, "", "CONTENT_DAMAGED", std::string(text.status().message()));
            return true;
          }
          if (!text.ok()) return text.status();
          bytes += static_cast<std::int64_t>(text->size());
          if (bytes > max_bytes) return TooMuch(absl::StrCat(max_bytes, " bytes of text"));
          for (const FrontMatterValue& value : ParseFrontMatter(*text)) {
            for (const v1::FrontMatterRule& key : rule.front_matter()) {
              if (key.key() == value.key) GREFFE_RETURN_IF_ERROR(Resolve(document, key, value.value));
            }
          }
          if (wanted_.size() > kMaxImportedLinks) return TooMuch(absl::StrCat(kMaxImportedLinks, " links"));
          return true;
        });
    GREFFE_RETURN_IF_ERROR(read);
    return std::move(wanted_);
  }

 private:
  static absl::Status TooMuch(const std::string& limit) {
    return InvalidField("filter", "IMPORT_TOO_LARGE", "matches over " + limit + "; narrow it and call several times");
  }

  absl::Status Resolve(const v1::Document& document, const v1::FrontMatterRule& key, const std::string& value) {
    response_.set_values_found(response_.values_found() + 1);
    Wanted wanted;
    wanted.document = document.name();
    wanted.value = value;
    const bool by_path = !key.path_template().empty();
    // A longer one is no document's, and would be in the path hundreds of times.
    if (value.size() > kMaxPathBytes) {
      AddSkip(response_, wanted, key.key(), "TARGET_NOT_FOUND",
              by_path ? "no document lies at such a long path" : "no document has this number");
      return absl::OkStatus();
    }
    const std::string path = absl::StrReplaceAll(key.path_template(), {{"{}", value}});
    const absl::StatusOr<v1::Document> target = by_path ? view_.FindByPath(path) : view_.FindByNumberOrAlternate(value);
    if (absl::IsNotFound(target.status())) {
      AddSkip(response_, wanted, key.key(), "TARGET_NOT_FOUND",
              by_path ? "no document lies at '" + path + "'" : "no document has this number");
      return absl::OkStatus();
    }
    if (!target.ok()) return target.status();
    wanted.link.set_type(key.type());
    wanted.link.set_from(key.reverse() ? target->name() : document.name());
    wanted.link.set_to(key.reverse() ? document.name() : target->name());
    wanted.link.set_origin(key.key());
    wanted_.push_back(std::move(wanted));
    return absl::OkStatus();
  }

  const Runtime& runtime_;
  const ProjectView& view_;
  const std::function<bool()>& gone_;
  v1::ImportFrontMatterLinksResponse& response_;
  std::vector<Wanted> wanted_;
};

// What became of the links that were wanted.
struct Made {
  std::int64_t created = 0;
  std::int64_t existing = 0;
  bool ran = false;
};

absl::Status MakeLinks(Transaction& transaction, const std::vector<Wanted>& wanted, Made& made,
                       v1::ImportFrontMatterLinksResponse& response) {
  LinkMaker maker(transaction);
  for (const Wanted& one : wanted) {
    const absl::Status status = maker.Make(one.link, "link").status();
    const std::string reason = ReasonOf(status);
    if (status.ok()) {
      ++made.created;
    } else if (reason == "LINK_EXISTS") {
      ++made.existing;
    } else if (reason == "LINK_SELF" || reason == "LINK_CYCLE" || reason == "DOCUMENT_WITHDRAWN" ||
               reason == "LINK_END_NOT_FOUND") {
      AddSkip(response, one, one.link.origin(), reason, std::string(status.message()));
    } else {
      return status;
    }
  }
  made.ran = true;
  transaction.SetSubject(absl::StrCat("Import ", made.created, " links from front matter"));
  return absl::OkStatus();
}

// An import under way: on the pool the texts are read, a committer makes the links, and tries them where none were made
// by this call.
class FrontMatterImport : public std::enable_shared_from_this<FrontMatterImport> {
 public:
  using Finish = std::function<void(const absl::Status& status)>;

  FrontMatterImport(const Runtime& runtime, const grpc::CallbackServerContext& context,
                    const v1::ImportFrontMatterLinksRequest& request, v1::ImportFrontMatterLinksResponse& response)
      : runtime_(runtime), context_(context), request_(request), response_(response) {}

  void Begin(Finish finish) {
    finish_ = std::move(finish);
    if (const absl::Status read = Read(); !read.ok()) {
      finish_(read);
    } else if (request_.validate_only()) {
      Try();
    } else {
      Write();
    }
  }

 private:
  absl::Status Read() {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request_.parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(write_, NewWrite(context_, project, request_));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project));
    GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
    if (record.trace_rule().front_matter().empty()) return NoRule(project, "front matter keys");
    const std::function<bool()> gone = [this] { return context_.IsCancelled(); };
    GREFFE_ASSIGN_OR_RETURN(
        wanted_, FrontMatterReader(runtime_, view, gone, response_).Read(record.trace_rule(), request_.filter()));
    write_.bulk = true;
    for (const Wanted& one : wanted_) write_.bytes += static_cast<std::int64_t>(one.link.ByteSizeLong());
    return absl::OkStatus();
  }

  void Write() {
    WriteRequest write = write_;
    write.act = [self = shared_from_this()](Transaction& transaction) {
      return MakeLinks(transaction, self->wanted_, self->made_, self->response_);
    };
    runtime_.store.Write(std::move(write), [self = shared_from_this()](absl::StatusOr<WriteResult> written) {
      WhenRead(self->runtime_, std::move(written), [self](const absl::StatusOr<WriteResult>& result) {
        if (!result.ok() || self->made_.ran) return self->Answer(result.status());
        self->created_before_ = static_cast<std::int64_t>(result->records.size());
        self->runtime_.pool.Continue([self] { self->Try(); });
      });
    });
  }

  // Nothing is to be made, or it was when the request was done before: the rest is as it would be now.
  void Try() {
    WriteRequest trial = write_;
    trial.request_id = trial.digest = "";
    trial.act = [self = shared_from_this()](Transaction& transaction) -> absl::Status {
      GREFFE_RETURN_IF_ERROR(MakeLinks(transaction, self->wanted_, self->made_, self->response_));
      return absl::CancelledError("a refusal leaves nothing behind");
    };
    runtime_.store.Write(std::move(trial), [self = shared_from_this()](const absl::StatusOr<WriteResult>& tried) {
      if (!self->made_.ran || !absl::IsCancelled(tried.status())) return self->Answer(tried.status());
      Made& made = self->made_;
      if (!self->request_.validate_only()) {
        made.existing = std::max<std::int64_t>(made.existing + made.created - self->created_before_, 0);
        made.created = self->created_before_;
      }
      self->Answer(absl::OkStatus());
    });
  }

  void Answer(const absl::Status& status) {
    response_.set_links_created(made_.created);
    response_.set_links_existing(made_.existing);
    finish_(status);
  }

  const Runtime& runtime_;
  const grpc::CallbackServerContext& context_;
  const v1::ImportFrontMatterLinksRequest& request_;
  v1::ImportFrontMatterLinksResponse& response_;
  Finish finish_;
  WriteRequest write_;
  std::vector<Wanted> wanted_;
  Made made_;
  std::int64_t created_before_ = 0;  // by the same request
};

// A scan under way.
struct AnchorScan {
  std::vector<v1::Anchors> found;
  bool more = false;    // documents come behind those that were looked at
  bool late = false;    // the act left some of `found` out: they wait for the next call
  absl::Status damage;  // of the first text that could not be read
};

// Reads the texts, for the write that puts what is found.
absl::StatusOr<WriteRequest> ReadAnchors(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                         const v1::ScanAnchorsRequest& request,
                                         const std::shared_ptr<AnchorScan>& scan) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, project, request));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
  const AnchorFinder finder(record.trace_rule());
  if (!finder.active()) return NoRule(project, "anchors: neither a requirement_pattern nor headings");
  std::size_t bytes = 0;
  const absl::Status read =
      ForEachDocument(view, record.trace_rule(), "", [&](const v1::Document& document) -> absl::StatusOr<bool> {
        if (context.IsCancelled()) return absl::CancelledError("the caller is gone");
        const std::string number = LastSegment(document.name());
        GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, view.FindRecord(KindOf<v1::Anchors>(), number));
        if (before != nullptr) {
          const auto& anchors = static_cast<const v1::Anchors&>(*before);
          if (anchors.version() == document.latest_version().number() && anchors.rule() == finder.digest()) return true;
        }
        if (scan->found.size() == kMaxScannedDocuments || bytes > kMaxScannedText) {
          scan->more = true;
          return false;
        }
        const absl::StatusOr<std::string> text = TextOf(runtime.store, project, document);
        if (absl::IsDataLoss(text.status())) {
          scan->damage.Update(text.status());
          return true;
        }
        if (!text.ok()) return text.status();
        bytes += text->size();
        v1::Anchors& anchors = scan->found.emplace_back();
        anchors.set_name(FormatRecordName(project, "anchors", number));
        anchors.set_version(document.latest_version().number());
        anchors.set_rule(finder.digest());
        for (v1::Anchor& anchor : finder.Find(*text)) *anchors.add_anchors() = std::move(anchor);
        write.bytes += static_cast<std::int64_t>(anchors.ByteSizeLong());
        return true;
      });
  GREFFE_RETURN_IF_ERROR(read);
  write.bulk = true;
  write.act = [scan](Transaction& transaction) -> absl::Status {
    // Told when nothing else is left to do, and behind what the request may have done before.
    if (scan->found.empty()) GREFFE_RETURN_IF_ERROR(scan->damage);
    GREFFE_ASSIGN_OR_RETURN(const std::size_t count, PutAnchors(transaction, scan->found));
    scan->late = count < scan->found.size();
    transaction.SetSubject(absl::StrCat("Scan ", count, " documents for anchors"));
    return absl::OkStatus();
  };
  return write;
}

}  // namespace

grpc::ServerUnaryReactor* ScanAnchors(const Runtime& runtime, grpc::CallbackServerContext* context,
                                      const v1::ScanAnchorsRequest* request, v1::ScanAnchorsResponse* response) {
  const auto scan = std::make_shared<AnchorScan>();
  return AnswerAfterPreparedWrite(
      runtime, context, "Trace.ScanAnchors",
      [&runtime, context, request, scan] { return ReadAnchors(runtime, *context, *request, scan); },
      [scan, response](const WriteResult& result) {
        for (const RecordPtr& put : result.records) {
          const auto* anchors = dynamic_cast<const v1::Anchors*>(put.get());
          if (anchors == nullptr) continue;
          response->set_documents_scanned(response->documents_scanned() + 1);
          response->set_anchors_found(response->anchors_found() + anchors->anchors_size());
        }
        // Those that were found just now wait, too, when the request was done before.
        response->set_more(scan->more || scan->late || !scan->damage.ok() || (result.replayed && !scan->found.empty()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ImportFrontMatterLinks(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                 const v1::ImportFrontMatterLinksRequest* request,
                                                 v1::ImportFrontMatterLinksResponse* response) {
  const auto links = std::make_shared<FrontMatterImport>(runtime, *context, *request, *response);
  return AnswerAfterPool(runtime, context, "Trace.ImportFrontMatterLinks",
                         [links](FrontMatterImport::Finish finish) { links->Begin(std::move(finish)); });
}

}  // namespace greffe
