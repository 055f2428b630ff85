#include "storage/store/anchor_acts.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "storage/base/anchors.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"

namespace greffe {

absl::Status UpdateAnchors(Transaction& transaction, const v1::Document& document, const std::string* text) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  v1::Anchors record;
  if (project->has_trace_rule() && IsTraced(project->trace_rule(), document.type())) {
    const AnchorFinder finder(project->trace_rule());
    if (finder.active()) {
      if (text == nullptr) return absl::OkStatus();
      record.set_rule(finder.digest());
      for (v1::Anchor& anchor : finder.Find(*text)) *record.add_anchors() = std::move(anchor);
    }
  }
  const std::int64_t version = document.latest_version().number();
  const std::string number = NumberOf(document);
  if (record.anchors().empty()) {
    // A version without any needs no record, unless a former one has some.
    if (version == 1) return absl::OkStatus();
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Anchors> before, transaction.FindRecord<v1::Anchors>(number));
    if (!before) return absl::OkStatus();
  }
  record.set_name(FormatRecordName(transaction.project_id(), "anchors", number));
  record.set_version(version);
  transaction.PutRecord(record);
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> PutAnchors(Transaction& transaction, const std::vector<v1::Anchors>& found) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  const std::string rule = AnchorFinder(project->trace_rule()).digest();
  std::size_t count = 0;
  for (const v1::Anchors& anchors : found) {
    const std::string number = LastSegment(anchors.name());
    GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(number));
    if (document.latest_version().number() != anchors.version()) continue;
    if (anchors.rule() != rule || !IsTraced(project->trace_rule(), document.type())) continue;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Anchors> before, transaction.FindRecord<v1::Anchors>(number));
    if (before && before->version() == anchors.version() && before->rule() == anchors.rule()) continue;
    transaction.PutRecord(anchors);
    ++count;
  }
  return count;
}

}  // namespace greffe
