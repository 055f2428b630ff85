#include "storage/store/table_acts.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_filter.h"
#include "storage/base/table_cells.h"
#include "storage/store/table_target.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

RecordPtr WithValues(const Message& before, const TableValues& row) {
  RecordPtr after(before.New());
  after->CopyFrom(before);
  ApplyValues(row, *after);
  return after;
}

bool SaysTheSame(const TableValues& row, const Message& before, const Message& after) {
  return (row.state.empty() || row.state == StateText(before)) && MessageDifferencer::Equals(before, after);
}

const char* CommentField(const Message& record) {
  return record.GetDescriptor()->FindFieldByName("outcome") != nullptr ? "outcome" : "closing_comment";
}

// Whether the row has a comment that the record has not.
bool SaysMore(const TableValues& row, const Message& record) {
  return !row.comment.empty() && row.comment != AsInCell(TextField(record, CommentField(record)));
}

// Whether all cells of attributes that could not be read are what a table shows of the record.
bool ShowsUnread(const TableValues& row, const Message& record) {
  return std::all_of(row.unread.begin(), row.unread.end(),
                     [&](const auto& unread) { return ShowsAttribute(row, unread.first, record); });
}

bool AreDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether a spreadsheet may have made `after` of `before`: it takes digits for a number, whose zeros in front say
// nothing, and of which it keeps the first ones (4.50001E+11).
bool IsCut(std::string_view before, std::string_view after) {
  if (!AreDigits(before) || before.size() <= 1 || before == after) return false;
  while (before.starts_with('0') && before.size() > 1) before.remove_prefix(1);
  if (AreDigits(after)) return before == after;
  const std::size_t exponent = after.find("E+");
  return exponent != std::string_view::npos && after[0] == before[0] &&
         after.substr(exponent + 2) == std::to_string(before.size() - 1);
}

// The column whose text a spreadsheet may have cut so, as it does where a cell has nothing else; "": none is.
std::string FindCut(const TableValues& row, const Message& before, const Message& after) {
  for (const TableField& column : row.columns->fields) {
    if (column.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || HoldsDecimals(column)) continue;
    const std::vector<std::string> was = FieldTexts(before, *column.field);
    const std::vector<std::string> is = FieldTexts(after, *column.field);
    if (was.size() == 1 && is.size() == 1 && IsCut(was[0], is[0])) return column.name;
  }
  const Labels labels = LabelsOf(before);
  for (const auto& [key, value] : LabelsOf(after)) {
    if (const auto was = labels.find(key); was != labels.end() && IsCut(was->second, value)) return "labels." + key;
  }
  const Attributes attributes = AttributesOf(before);
  for (const auto& [id, value] : AttributesOf(after)) {
    const auto was = attributes.find(id);
    if (was != attributes.end() && IsCut(was->second.text(), value.text())) return "attributes." + id;
  }
  return "";
}

// What a change of the state by a call is held to.
absl::Status CheckComment(const TableValues& row) { return ValidateText(row.comment, "comment", 0, kMaxComment, true); }

// Whether a row may be blamed; a store that fails, or a project that is not there, is no row's fault.
bool IsOfRow(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return ReasonOf(status) != "PROJECT_NOT_FOUND";
    default:
      return false;
  }
}

class TableAct {
 public:
  TableAct(Transaction& transaction, const TableImport& import, std::vector<v1::TableRow>& rows)
      : transaction_(transaction),
        import_(import),
        rows_(rows),
        target_(TableTarget::Make(transaction, import.schema, import.comment)) {}

  absl::Status Run() {
    GREFFE_RETURN_IF_ERROR(transaction_.GetProject().status());
    bool refused = false;
    int created = 0;
    int updated = 0;
    rows_.clear();
    rows_.reserve(import_.table.rows.size());
    for (const ReadRow& row : import_.table.rows) {
      v1::TableRow& told = rows_.emplace_back();
      told.set_row(row.row);
      told.set_line(row.line);
      told.set_id(row.values.id);
      for (const v1::RowFinding& error : row.errors) *told.add_findings() = error;
      GREFFE_RETURN_IF_ERROR(TellUnread(row.values, told));
      if (told.findings().empty()) {
        GREFFE_RETURN_IF_ERROR(Take(row.values, told));
      } else {
        told.set_outcome(v1::ROW_OUTCOME_ERROR);
      }
      created += told.outcome() == v1::ROW_OUTCOME_CREATED;
      updated += told.outcome() == v1::ROW_OUTCOME_UPDATED;
      refused = refused || told.outcome() == v1::ROW_OUTCOME_ERROR || told.outcome() == v1::ROW_OUTCOME_CONFLICT;
    }
    if (refused || import_.dry_run) {
      return Error(absl::StatusCode::kAborted, kTableNotApplied, "the table is not applied");
    }
    transaction_.SetSubject(absl::StrCat("Import a table of ", import_.schema.collection(), ": ", created, " created, ",
                                         updated, " changed"));
    transaction_.SetBody(import_.comment);
    return absl::OkStatus();
  }

 private:
  // Tells what is wrong with cells of attributes, but for those that say what the record has.
  absl::Status TellUnread(const TableValues& row, v1::TableRow& told) {
    if (row.unread.empty() || import_.unedited.contains(row.id)) return absl::OkStatus();
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, target_->Find(row.id));
    for (const auto& [id, finding] : row.unread) {
      if (record == nullptr || !ShowsAttribute(row, id, *record)) *told.add_findings() = finding;
    }
    return absl::OkStatus();
  }

  absl::Status Take(const TableValues& row, v1::TableRow& told) {
    const absl::Status status = Do(row, told);
    if (status.ok() || !IsOfRow(status)) return status;
    told.set_outcome(v1::ROW_OUTCOME_ERROR);
    told.clear_findings();
    *told.add_findings() = FindingOf(status, import_.table.columns);
    if (absl::IsNotFound(status)) {
      const std::string column = ColumnThatNames(row, status);
      if (!column.empty()) Name(*told.mutable_findings(0), column);
    }
    return absl::OkStatus();
  }

  // The column of the row that names what is not there; "": none does.
  static std::string ColumnThatNames(const TableValues& row, const absl::Status& status) {
    std::string name = ErrorMetadataOf(status, "resource");
    if (name.empty()) name = "/" + ErrorMetadataOf(status, "key");
    for (const TableField& column : row.columns->fields) {
      for (const std::string& text : FieldTexts(*row.values, *column.field)) {
        if (text.ends_with(name)) return column.name;
      }
    }
    return "";
  }

  void Name(v1::RowFinding& finding, const std::string& column) const {
    finding = MakeFinding(import_.table.columns, column, finding.reason(), finding.message());
  }

  absl::Status Do(const TableValues& row, v1::TableRow& told) {
    RecordPtr before;
    if (!row.id.empty()) {
      if (given_.contains(row.id)) {
        return Error(absl::StatusCode::kAlreadyExists, "ID_TAKEN",
                     "'" + row.id + "': is the id that an earlier row without one got", {{"field", "id"}});
      }
      GREFFE_ASSIGN_OR_RETURN(before, target_->Find(row.id));
    }
    if (before == nullptr) {
      GREFFE_RETURN_IF_ERROR(CheckIdIsWhole(row));
      return Create(row, told);
    }
    const RecordPtr after = WithValues(*before, row);
    const bool same = SaysTheSame(row, *before, *after);
    if (same && !SaysMore(row, *before)) {
      told.set_outcome(v1::ROW_OUTCOME_UNCHANGED);
      return absl::OkStatus();
    }
    const std::string etag = TextField(*before, "etag");
    if (!row.etag.empty() && row.etag != etag) {
      const bool unedited = import_.unedited.contains(row.id);
      told.set_outcome(unedited ? v1::ROW_OUTCOME_UNCHANGED : v1::ROW_OUTCOME_CONFLICT);
      if (!unedited) Tell(told, "etag", "ETAG_MISMATCH", "has changed since: its etag is '" + etag + "'");
      return absl::OkStatus();
    }
    told.set_outcome(v1::ROW_OUTCOME_ERROR);
    if (same) {
      Tell(told, "comment", "COMMENT_WITHOUT_STATE", "is said at a change of the state alone");
      return absl::OkStatus();
    }
    for (const TableField& column : row.columns->fields) {
      if (!column.immutable() || FieldTexts(*before, *column.field) == FieldTexts(*after, *column.field)) continue;
      Tell(told, column.name, "FIELD_IMMUTABLE", "is set on creation, and stays");
      return absl::OkStatus();
    }
    // A row that comes back from an export; one without an etag may say so.
    if (const std::string cut = row.etag.empty() ? "" : FindCut(row, *before, *after); !cut.empty()) {
      Tell(told, cut, "DIGITS_LOST",
           "has fewer digits than there are, as when a spreadsheet takes a text for a number; a row without an etag "
           "may take them away");
      return absl::OkStatus();
    }
    if (SaysMore(row, *before)) GREFFE_RETURN_IF_ERROR(CheckComment(row));
    GREFFE_RETURN_IF_ERROR(target_->Change(*before, *after, row));
    told.set_outcome(v1::ROW_OUTCOME_UPDATED);
    if (row.etag.empty()) Tell(told, "etag", "ETAG_MISSING", "took the place of whatever was there");
    return absl::OkStatus();
  }

  // That no spreadsheet took the id for a number and cut its zeros: then the row is of what is there, and nothing new.
  absl::Status CheckIdIsWhole(const TableValues& row) {
    constexpr std::size_t kLongest = 10;
    if (row.etag.empty() || !AreDigits(row.id)) return absl::OkStatus();
    for (std::string id = "0" + row.id; id.size() <= kLongest; id.insert(0, 1, '0')) {
      GREFFE_ASSIGN_OR_RETURN(const RecordPtr other, target_->Find(id));
      if (other == nullptr || TextField(*other, "etag") != row.etag) continue;
      return InvalidField("id", "ID_CHANGED",
                          QuotedValue(row.id) + ": the row's etag is that of " + QuotedValue(id) +
                              ", whose zeros a spreadsheet may have cut");
    }
    return absl::OkStatus();
  }

  absl::Status Create(const TableValues& row, v1::TableRow& told) {
    GREFFE_RETURN_IF_ERROR(CheckComment(row));
    GREFFE_ASSIGN_OR_RETURN(const std::string id, target_->Create(row));
    if (row.id.empty()) given_.insert(id);
    told.set_outcome(v1::ROW_OUTCOME_CREATED);
    if (!import_.dry_run) told.set_id(id);
    if (!row.etag.empty())
      Tell(told, "etag", "ETAG_FOREIGN", "is of something that is not here; the row made a new one");
    return absl::OkStatus();
  }

  void Tell(v1::TableRow& told, const std::string& column, const std::string& reason, const std::string& message) {
    *told.add_findings() = MakeFinding(import_.table.columns, column, reason, message);
  }

  Transaction& transaction_;
  const TableImport& import_;
  std::vector<v1::TableRow>& rows_;
  const std::unique_ptr<TableTarget> target_;
  std::set<std::string> given_;  // ids of rows that came without one
};

// The revisions of what a table's rows are about, with a bound on how many are read for all rows.
class Revisions {
 public:
  Revisions(const ProjectView& view, const ViewAt& view_at, const RecordKind* kind,
            const std::function<absl::Status()>& check, int most)
      : view_(view), view_at_(view_at), kind_(kind), check_(check), left_(most) {}

  // What is there now; nullptr: nothing.
  absl::StatusOr<RecordPtr> Newest(const std::string& id) const {
    if (kind_ != nullptr) return view_.FindRecord(*kind_, id);
    absl::StatusOr<v1::Document> document = view_.GetDocument(id);
    if (absl::IsNotFound(document.status())) return RecordPtr();
    GREFFE_RETURN_IF_ERROR(document.status());
    return RecordPtr(std::make_shared<v1::Document>(*std::move(document)));
  }

  // What it was with that etag, below `newest`; nullptr: it never was, or so long ago that nobody looked.
  absl::StatusOr<RecordPtr> Find(const std::string& id, const Message& newest, const std::string& etag) {
    return kind_ != nullptr ? FindRecord(id, etag) : FindDocument(id, static_cast<const v1::Document&>(newest), etag);
  }

 private:
  absl::StatusOr<RecordPtr> FindRecord(const std::string& id, const std::string& etag) {
    constexpr int kPage = 100;
    std::string after;
    while (left_ > 0) {
      GREFFE_RETURN_IF_ERROR(check_());
      GREFFE_ASSIGN_OR_RETURN(RecordPage page, view_.ListRevisions(*kind_, id, std::min(kPage, left_), after));
      left_ -= static_cast<int>(page.records.size());
      for (RecordPtr& revision : page.records) {
        if (TextField(*revision, "etag") == etag) return std::move(revision);
      }
      if (page.next.empty()) break;
      after = std::move(page.next);
    }
    return RecordPtr();
  }

  // By the views before each of its changes: each is one look-up.
  absl::StatusOr<RecordPtr> FindDocument(const std::string& id, const v1::Document& newest, const std::string& etag) {
    for (std::int64_t sequence = newest.sequence(); sequence > 1 && left_ > 0;) {
      GREFFE_RETURN_IF_ERROR(check_());
      --left_;
      GREFFE_ASSIGN_OR_RETURN(const ProjectView before, view_at_(sequence - 1));
      absl::StatusOr<v1::Document> document = before.GetDocument(id);
      if (absl::IsNotFound(document.status())) break;
      GREFFE_RETURN_IF_ERROR(document.status());
      if (document->etag() == etag) return RecordPtr(std::make_shared<v1::Document>(*std::move(document)));
      sequence = document->sequence();
    }
    return RecordPtr();
  }

  const ProjectView& view_;
  const ViewAt& view_at_;
  const RecordKind* const kind_;  // nullptr: documents
  const std::function<absl::Status()>& check_;
  int left_;
};

}  // namespace

absl::StatusOr<std::set<std::string>> FindUnedited(const ProjectView& view, const ViewAt& view_at,
                                                   const TableSchema& schema, const ReadTable& table,
                                                   const std::function<absl::Status()>& check, int most) {
  std::set<std::string> unedited;
  Revisions revisions(view, view_at, schema.kind(), check, most);
  for (const ReadRow& row : table.rows) {
    if (!row.errors.empty() || row.values.id.empty() || row.values.etag.empty()) continue;
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr now, revisions.Newest(row.values.id));
    if (now == nullptr) continue;
    // What is current may be so no more when it is the import's turn.
    RecordPtr then = now;
    if (TextField(*now, "etag") != row.values.etag) {
      GREFFE_ASSIGN_OR_RETURN(then, revisions.Find(row.values.id, *now, row.values.etag));
    }
    if (then == nullptr || SaysMore(row.values, *then) || !ShowsUnread(row.values, *then)) continue;
    if (SaysTheSame(row.values, *then, *WithValues(*then, row.values))) unedited.insert(row.values.id);
  }
  return unedited;
}

absl::Status ImportTable(Transaction& transaction, const TableImport& import, std::vector<v1::TableRow>& rows) {
  return TableAct(transaction, import, rows).Run();
}

}  // namespace greffe
