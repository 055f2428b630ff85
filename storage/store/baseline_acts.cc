#include "storage/store/baseline_acts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/baseline_rules.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/record_layout.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

constexpr int kPage = 1000;

class Chooser {
 public:
  Chooser(const ProjectView& view, v1::BaselineSelection selection, ListRule rule)
      : view_(view), selection_(selection), rule_(rule) {}

  absl::StatusOr<FrozenSet> Choose(const v1::BaselineScope& scope) {
    if (scope.has_list()) {
      GREFFE_RETURN_IF_ERROR(AddList(scope.list()));
    } else {
      GREFFE_RETURN_IF_ERROR(AddAll(scope));
    }
    std::sort(set_.documents.begin(), set_.documents.end(),
              [](const v1::BaselineDocument& a, const v1::BaselineDocument& b) {
                return NumberOrder(a.number()) < NumberOrder(b.number());
              });
    return std::move(set_);
  }

 private:
  absl::Status AddAll(const v1::BaselineScope& scope) {
    DocumentFilter filter;
    filter.terms.push_back({"state", "", FilterOperator::kEqual, "ACTIVE"});
    if (!scope.folder().empty()) filter.terms.push_back({"path", "", FilterOperator::kHas, scope.folder() + "/"});
    if (!scope.type().empty()) filter.terms.push_back({"type", "", FilterOperator::kEqual, scope.type()});
    DocumentOrdering ordering;
    if (!scope.folder().empty()) ordering.order = DocumentOrder::kPath;  // looks below the folder alone
    std::string after;
    do {
      GREFFE_ASSIGN_OR_RETURN(DocumentPage page, view_.ListDocuments(filter, ordering, kPage, after));
      for (const v1::Document& document : page.documents) {
        const std::int64_t version = VersionOf(document);
        if (version == 0) {
          ++set_.omitted_count;
        } else {
          GREFFE_RETURN_IF_ERROR(Add(document, version));
        }
      }
      after = std::move(page.next);
    } while (!after.empty());
    return absl::OkStatus();
  }

  absl::Status AddList(const v1::BaselineDocumentList& list) {
    for (const std::string& name : list.documents()) {
      GREFFE_ASSIGN_OR_RETURN(const DocumentName parsed, ParseDocumentName(name, "baseline.scope.list.documents"));
      if (parsed.project != view_.project()) {
        return InvalidField("baseline.scope.list.documents", "FIELD_INVALID", "'" + name + "': is of another project");
      }
      GREFFE_ASSIGN_OR_RETURN(const v1::Document document, view_.GetDocument(parsed.number));
      const absl::Status fit = CheckFit(document);
      if (fit.ok()) {
        GREFFE_RETURN_IF_ERROR(Add(document, VersionOf(document)));
      } else if (rule_ == ListRule::kEachDocument) {
        return fit;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckFit(const v1::Document& document) const {
    if (document.state() != v1::DOCUMENT_STATE_ACTIVE) return Refusal(document, "DOCUMENT_WITHDRAWN", "is withdrawn");
    if (VersionOf(document) > 0) return absl::OkStatus();
    if (selection_ == v1::BASELINE_SELECTION_RELEASED) {
      return Refusal(document, "NOTHING_RELEASED", "has no released version");
    }
    return Refusal(document, "NO_CONTENT", "has no version yet");
  }

  static absl::Status Refusal(const v1::Document& document, const std::string& reason, const std::string& why) {
    return Error(absl::StatusCode::kFailedPrecondition, reason, "document '" + NumberOf(document) + "' " + why,
                 {{"document", document.name()}});
  }

  std::int64_t VersionOf(const v1::Document& document) const {
    if (selection_ == v1::BASELINE_SELECTION_RELEASED) return document.released_version();
    return document.latest_version().number();
  }

  absl::Status Add(const v1::Document& document, std::int64_t number) {
    v1::BaselineDocument& frozen = set_.documents.emplace_back();
    frozen.set_number(NumberOf(document));
    frozen.set_path(document.path());
    frozen.set_version(number);
    v1::Version older;
    const v1::Version* version = &document.latest_version();
    if (version->number() != number) {
      GREFFE_ASSIGN_OR_RETURN(older, view_.GetVersion(frozen.number(), number));
      version = &older;
    }
    frozen.set_manifest_sha256(version->manifest_sha256());
    frozen.set_state(version->state() == v1::VERSION_STATE_UNSPECIFIED ? v1::VERSION_STATE_DRAFT : version->state());
    frozen.set_revision(version->revision());
    AddFile(document, version->main_file());
    for (const v1::File& file : version->companions()) AddFile(document, file);
    return absl::OkStatus();
  }

  void AddFile(const v1::Document& document, const v1::File& file) {
    set_.files.push_back({ContentPath(document.path(), file), Oid::FromHex(file.oid()).value_or(Oid{})});
    set_.content_bytes += file.size();
  }

  const ProjectView& view_;
  const v1::BaselineSelection selection_;
  const ListRule rule_;
  FrozenSet set_;
};

}  // namespace

absl::StatusOr<FrozenSet> ChooseFrozenSet(const ProjectView& view, const v1::BaselineScope& scope,
                                          v1::BaselineSelection selection, ListRule rule) {
  return Chooser(view, selection, rule).Choose(scope);
}

absl::StatusOr<std::vector<v1::BaselineDocument>> ReadFrozen(const ProjectView& view, std::string_view baseline) {
  std::vector<v1::BaselineDocument> documents;
  std::string after;
  do {
    GREFFE_ASSIGN_OR_RETURN(FrozenPage page, view.ListFrozen(baseline, kPage, after));
    std::move(page.documents.begin(), page.documents.end(), std::back_inserter(documents));
    after = std::move(page.next);
  } while (!after.empty());
  return documents;
}

absl::StatusOr<PreparedBaseline> PrepareBaseline(const ProjectView& view, const std::string& id,
                                                 const v1::Baseline& asked) {
  PreparedBaseline prepared;
  v1::Baseline& record = prepared.record;
  record = NormalizeBaseline(asked);
  GREFFE_ASSIGN_OR_RETURN(FrozenSet set, ChooseFrozenSet(view, record.scope(), record.selection()));
  if (set.documents.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "BASELINE_EMPTY",
                 absl::StrCat("there is nothing to freeze: ", set.omitted_count,
                              " documents of the scope have no version of that selection"),
                 {{"project", ProjectName(view.project())}, {"omitted", std::to_string(set.omitted_count)}});
  }
  record.set_name(FormatRecordName(view.project(), KindOf<v1::Baseline>().collection, id));
  record.set_frozen_sequence(view.sequence());
  record.set_document_count(static_cast<std::int32_t>(set.documents.size()));
  record.set_omitted_count(set.omitted_count);
  record.set_content_bytes(set.content_bytes);
  for (v1::BaselineDocument& document : set.documents) *record.add_documents() = std::move(document);
  set.files.push_back({kBaselinePath, HashObject(ObjectType::kBlob, ToCanonicalJson(record))});

  FrozenTag& tag = prepared.tag;
  tag.name = BaselineTag(id);
  GREFFE_ASSIGN_OR_RETURN(const v1::Project project, view.GetProject());
  tag.parent = Oid::FromHex(project.commit()).value_or(Oid{});
  GREFFE_ASSIGN_OR_RETURN(tag.tree, BuildFrozenTree(std::move(set.files)));
  tag.subject = absl::StrCat("Baseline ", id, record.title().empty() ? "" : ": ", record.title());
  tag.body = record.reason();
  tag.trailers = {{"Greffe-Baseline", id}, {"Greffe-Frozen-Sequence", std::to_string(view.sequence())}};
  return prepared;
}

absl::Status CreateBaseline(Transaction& transaction, PreparedBaseline prepared) {
  const v1::Baseline& record = prepared.record;
  const std::string id = LastSegment(record.name());
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Baseline> taken, transaction.FindRecord<v1::Baseline>(id));
  if (taken) {
    return Error(absl::StatusCode::kAlreadyExists, "BASELINE_EXISTS", "there is a baseline '" + id + "' already",
                 {{"baseline", record.name()}});
  }
  transaction.SetSubject(absl::StrCat("Freeze baseline ", id, " of ", record.document_count(),
                                      record.document_count() == 1 ? " document" : " documents"));
  transaction.SetBody(record.reason());
  transaction.PutRecord(record);
  transaction.PutTag(std::move(prepared.tag));
  return absl::OkStatus();
}

}  // namespace greffe
