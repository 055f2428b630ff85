#include "storage/index/link_ends.h"

#include <algorithm>
#include <string>

#include "storage/base/errors.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

absl::StatusOr<EndFacts> FindRecordEnd(const IndexBatch& batch, std::string_view project, const LinkEnd& end) {
  EndFacts facts;
  const std::size_t slash = end.subject.find('/');
  const RecordKind* kind = FindRecordKind(std::string_view(end.subject).substr(0, slash));
  if (kind == nullptr) return facts;
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record,
                          batch.FindRecord(*kind, project, std::string_view(end.subject).substr(slash + 1)));
  if (record == nullptr) return facts;
  facts.exists = facts.anchor_found = true;
  const auto* etag = record->GetDescriptor()->FindFieldByName("etag");
  if (etag != nullptr) facts.hash = record->GetReflection()->GetString(*record, etag);
  return facts;
}

absl::Status FindAnchor(const IndexBatch& batch, std::string_view project, const v1::Document& document,
                        const LinkEnd& end, EndFacts& facts) {
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record,
                          batch.FindRecord(KindOf<v1::Anchors>(), project, end.DocumentNumber()));
  if (record == nullptr) return absl::OkStatus();
  const auto& anchors = static_cast<const v1::Anchors&>(*record);
  facts.hash_known = anchors.version() == document.latest_version().number();
  const auto found = std::find_if(anchors.anchors().begin(), anchors.anchors().end(),
                                  [&](const v1::Anchor& anchor) { return anchor.id() == end.anchor; });
  facts.anchor_found = found != anchors.anchors().end();
  if (facts.anchor_found) facts.hash = found->sha256();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EndFacts> FindEnd(const IndexBatch& batch, std::string_view project, const LinkEnd& end) {
  const std::string_view number = end.DocumentNumber();
  if (number.empty()) return FindRecordEnd(batch, project, end);
  EndFacts facts;
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Document> document, batch.FindDocument(project, number));
  if (!document) return facts;
  facts.exists = true;
  facts.document_type = document->type();
  facts.withdrawn = document->state() == v1::DOCUMENT_STATE_WITHDRAWN;
  if (!end.anchor.empty()) {
    GREFFE_RETURN_IF_ERROR(FindAnchor(batch, project, *document, end, facts));
    return facts;
  }
  facts.anchor_found = true;
  if (end.version == 0) {
    facts.hash = document->latest_version().manifest_sha256();
    return facts;
  }
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Version> version, batch.FindVersion(project, number, end.version));
  facts.exists = version.has_value();
  if (version) facts.hash = version->manifest_sha256();
  return facts;
}

}  // namespace greffe
