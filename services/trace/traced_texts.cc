#include "services/trace/traced_texts.h"

#include <algorithm>
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
  FrontMatterReader(const Store& store, const ProjectView& view, const std::function<bool()>& gone,
                    v1::ImportFrontMatterLinksResponse& response)
      : store_(store), view_(view), gone_(gone), response_(response) {}

  absl::StatusOr<std::vector<Wanted>> Read(const v1::TraceRule& rule, const std::string& filter) {
    std::size_t documents = 0;
    const absl::Status read =
        ForEachDocument(view_, rule, filter, [&](const v1::Document& document) -> absl::StatusOr<bool> {
          if (++documents > kMaxReadDocuments) return TooMany("documents", kMaxReadDocuments);
          GREFFE_RETURN_IF_ERROR(CheckWanted(gone_));
          GREFFE_ASSIGN_OR_RETURN(const std::string text, TextOf(store_, view_.project(), document));
          for (const FrontMatterValue& value : ParseFrontMatter(text)) {
            for (const v1::FrontMatterRule& key : rule.front_matter()) {
              if (key.key() == value.key) GREFFE_RETURN_IF_ERROR(Resolve(document, key, value.value));
            }
          }
          if (wanted_.size() > kMaxImportedLinks) return TooMany("links", kMaxImportedLinks);
          return true;
        });
    GREFFE_RETURN_IF_ERROR(read);
    return std::move(wanted_);
  }

 private:
  static absl::Status TooMany(const std::string& what, std::size_t limit) {
    return InvalidField("filter", "IMPORT_TOO_LARGE",
                        absl::StrCat("matches over ", limit, " ", what, "; narrow it and call several times"));
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

  const Store& store_;
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

}  // namespace

absl::Status ScanAnchors(const Runtime& runtime, const grpc::CallbackServerContext& context,
                         const v1::ScanAnchorsRequest& request, v1::ScanAnchorsResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, project, request));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
  const AnchorFinder finder(record.trace_rule());
  if (!finder.active()) return NoRule(project, "anchors: neither a requirement_pattern nor headings");
  const auto found = std::make_shared<std::vector<v1::Anchors>>();
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
        if (found->size() == kMaxScannedDocuments || bytes > kMaxScannedText) {
          response.set_more(true);
          return false;
        }
        GREFFE_ASSIGN_OR_RETURN(const std::string text, TextOf(runtime.store, project, document));
        bytes += text.size();
        v1::Anchors& anchors = found->emplace_back();
        anchors.set_name(FormatRecordName(project, "anchors", number));
        anchors.set_version(document.latest_version().number());
        anchors.set_rule(finder.digest());
        for (v1::Anchor& anchor : finder.Find(text)) *anchors.add_anchors() = std::move(anchor);
        return true;
      });
  GREFFE_RETURN_IF_ERROR(read);
  // The act may find that a document has a newer version by then: it waits for the next call.
  const auto late = std::make_shared<bool>(false);
  write.bulk = true;
  write.act = [found, late](Transaction& transaction) -> absl::Status {
    int count = 0;
    for (const v1::Anchors& anchors : *found) {
      GREFFE_ASSIGN_OR_RETURN(const bool put, PutAnchors(transaction, LastSegment(anchors.name()), anchors));
      count += static_cast<int>(put);
      *late = *late || !put;
    }
    transaction.SetSubject(absl::StrCat("Scan ", count, " documents for anchors"));
    return absl::OkStatus();
  };
  GREFFE_ASSIGN_OR_RETURN(const WriteResult result, runtime.store.WriteAndWait(std::move(write)));
  for (const RecordPtr& put : result.records) {
    const auto* anchors = dynamic_cast<const v1::Anchors*>(put.get());
    if (anchors == nullptr) continue;
    response.set_documents_scanned(response.documents_scanned() + 1);
    response.set_anchors_found(response.anchors_found() + anchors->anchors_size());
  }
  // Those that were found just now wait, too, when the request was done before.
  if (*late || (result.replayed && !found->empty())) response.set_more(true);
  return absl::OkStatus();
}

absl::Status ImportFrontMatterLinks(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                    const v1::ImportFrontMatterLinksRequest& request,
                                    v1::ImportFrontMatterLinksResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, project, request));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
  if (record.trace_rule().front_matter().empty()) return NoRule(project, "front matter keys");
  const std::function<bool()> gone = [&context] { return context.IsCancelled(); };
  GREFFE_ASSIGN_OR_RETURN(
      const std::vector<Wanted> wanted,
      FrontMatterReader(runtime.store, view, gone, response).Read(record.trace_rule(), request.filter()));
  // The call waits for its acts, so they may write to what belongs to the call.
  Made made;
  const auto try_links = [&](Transaction& transaction) -> absl::Status {
    GREFFE_RETURN_IF_ERROR(MakeLinks(transaction, wanted, made, response));
    return absl::CancelledError("a refusal leaves nothing behind");
  };
  write.bulk = true;
  WriteRequest trial = write;
  trial.request_id = trial.digest = "";
  trial.act = try_links;
  std::int64_t created_before = 0;
  if (!request.validate_only()) {
    write.act = [&](Transaction& transaction) { return MakeLinks(transaction, wanted, made, response); };
    GREFFE_ASSIGN_OR_RETURN(const WriteResult result, runtime.store.WriteAndWait(std::move(write)));
    if (!made.ran) created_before = static_cast<std::int64_t>(result.records.size());
  }
  if (!made.ran) {
    // Nothing is to be made, or it was when the request was done before: the rest is as it would be now.
    const absl::Status tried = runtime.store.WriteAndWait(std::move(trial)).status();
    if (!made.ran || !absl::IsCancelled(tried)) return tried;
    if (!request.validate_only()) {
      made.existing = std::max<std::int64_t>(made.existing + made.created - created_before, 0);
      made.created = created_before;
    }
  }
  response.set_links_created(made.created);
  response.set_links_existing(made.existing);
  return absl::OkStatus();
}

}  // namespace greffe
