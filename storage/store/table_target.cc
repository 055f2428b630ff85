#include "storage/store/table_target.h"

#include <algorithm>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_filter.h"
#include "storage/base/register_rules.h"
#include "storage/store/deliverable_acts.h"
#include "storage/store/document_acts.h"
#include "storage/store/record_edits.h"
#include "storage/store/register_acts.h"

namespace greffe {
namespace {

using google::protobuf::Message;

constexpr char kRow[] = "row";  // what paths of fields begin with

bool Gives(const TableValues& row, std::string_view field) {
  for (const TableField& column : row.columns->fields) {
    if (column.name == field) return true;
  }
  return false;
}

// The fields that the row gives and that an update takes, but for those that have acts of their own.
std::vector<std::string> UpdatedFields(const TableValues& row, std::initializer_list<std::string_view> apart = {}) {
  std::vector<std::string> paths;
  for (const TableField& column : row.columns->fields) {
    const bool own = std::find(apart.begin(), apart.end(), column.name) != apart.end();
    if (!own && !column.immutable()) paths.push_back(column.name);
  }
  if (row.all_labels || !row.columns->labels.empty()) paths.push_back("labels");
  if (!row.columns->attributes.empty()) paths.push_back("attributes");
  return paths;
}

RecordPtr NewRecord(const TableValues& row) {
  RecordPtr record(row.values->New());
  ApplyValues(row, *record);
  return record;
}

absl::Status NoWay(const Message& record, const std::string& state, const std::string& how) {
  return InvalidField("state", "TRANSITION_NOT_ALLOWED",
                      "from " + StateText(record) + " to " + state + ": no import does that; " + how);
}

class EntryTarget final : public TableTarget {
 public:
  EntryTarget(Transaction& transaction, const RecordKind& kind) : transaction_(transaction), kind_(kind) {}

  absl::StatusOr<RecordPtr> Find(const std::string& id) override { return transaction_.FindRecord(kind_, id); }

  absl::StatusOr<std::string> Create(const TableValues& row) override {
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr entry, AddEntry(transaction_, *NewRecord(row), row.id, kRow));
    const std::string id = IdOfRecord(*entry);
    std::vector<std::string> way = StatesOnTheWay(*entry, row.state);
    // Where none leads there, the transition says so.
    if (way.empty() && !row.state.empty() && row.state != StateText(*entry)) way.push_back(row.state);
    for (const std::string& state : way) {
      GREFFE_RETURN_IF_ERROR(TransitionEntry(transaction_, kind_, id, state, row.comment, ""));
    }
    return id;
  }

  absl::Status Change(const Message& before, Message& after, const TableValues& row) override {
    const std::string id = IdOfRecord(before);
    const bool moves = !row.state.empty() && row.state != StateText(before);
    const bool first = moves && IsClosed(before);  // what is closed has to be opened before it changes
    after.GetReflection()->ClearField(&after, after.GetDescriptor()->FindFieldByName("etag"));
    if (first) GREFFE_RETURN_IF_ERROR(TransitionEntry(transaction_, kind_, id, row.state, row.comment, ""));
    if (const std::vector<std::string> paths = UpdatedFields(row); !paths.empty()) {
      GREFFE_RETURN_IF_ERROR(UpdateEntry(transaction_, after, id, paths, kRow));
    }
    if (!moves || first) return absl::OkStatus();
    return TransitionEntry(transaction_, kind_, id, row.state, row.comment, "");
  }

 private:
  Transaction& transaction_;
  const RecordKind& kind_;
};

class DeliverableTarget final : public TableTarget {
 public:
  DeliverableTarget(Transaction& transaction, const std::string& reason) : transaction_(transaction), reason_(reason) {}

  absl::StatusOr<RecordPtr> Find(const std::string& id) override { return transaction_.FindRecord(kind_, id); }

  absl::StatusOr<std::string> Create(const TableValues& row) override {
    const RecordPtr record = NewRecord(row);
    std::string id = row.id;
    if (id.empty()) {
      GREFFE_ASSIGN_OR_RETURN(id, NewRecordId(transaction_, kind_, "DLV", "", "deliverable_id"));
    }
    auto& deliverable = static_cast<v1::Deliverable&>(*record);
    GREFFE_RETURN_IF_ERROR(CreateDeliverable(transaction_, deliverable, id));
    deliverable.set_state(v1::DELIVERABLE_STATE_PLANNED);
    GREFFE_RETURN_IF_ERROR(Move(deliverable, id, row));
    return id;
  }

  absl::Status Change(const Message& before, Message& after, const TableValues& row) override {
    const auto& deliverable = static_cast<const v1::Deliverable&>(before);
    auto& wanted = static_cast<v1::Deliverable&>(after);
    const std::string id = IdOfRecord(before);
    wanted.clear_etag();
    // Its plan may move together with its milestone: what is brought forward is so for a milestone before, and what is
    // put off is so for one behind, against which each step is held.
    const bool plan_first = wanted.planned_date() < deliverable.planned_date();
    if (plan_first) GREFFE_RETURN_IF_ERROR(PlanDeliverable(transaction_, id, wanted.planned_date(), reason_));
    if (const auto paths = UpdatedFields(row, {"planned_date", "forecast_date"}); !paths.empty()) {
      GREFFE_RETURN_IF_ERROR(UpdateDeliverable(transaction_, wanted, id, paths));
    }
    if (!plan_first && wanted.planned_date() != deliverable.planned_date()) {
      GREFFE_RETURN_IF_ERROR(PlanDeliverable(transaction_, id, wanted.planned_date(), reason_));
    }
    if (Gives(row, "forecast_date")) {
      // A new plan takes the forecast back; one that the row still has is meant.
      GREFFE_ASSIGN_OR_RETURN(const auto now, transaction_.GetRecord<v1::Deliverable>(id));
      if (now.forecast_date() != wanted.forecast_date()) {
        GREFFE_RETURN_IF_ERROR(ForecastDeliverable(transaction_, id, wanted.forecast_date(), reason_));
      }
    }
    return Move(deliverable, id, row);
  }

 private:
  absl::Status Move(const v1::Deliverable& before, const std::string& id, const TableValues& row) {
    if (row.state.empty() || row.state == StateText(before)) return absl::OkStatus();
    if (row.state == "IN_PROGRESS") return StartDeliverable(transaction_, id);
    if (row.state == "ARCHIVED") return ArchiveDeliverable(transaction_, id, row.comment);
    return NoWay(before, row.state, "submissions and acceptances are calls of their own");
  }

  Transaction& transaction_;
  const std::string& reason_;
  const RecordKind& kind_ = KindOf<v1::Deliverable>();
};

class DocumentTarget final : public TableTarget {
 public:
  explicit DocumentTarget(Transaction& transaction) : transaction_(transaction) {}

  absl::StatusOr<RecordPtr> Find(const std::string& id) override {
    GREFFE_ASSIGN_OR_RETURN(const bool there, transaction_.HasDocument(id));
    if (!there) return RecordPtr();
    GREFFE_ASSIGN_OR_RETURN(v1::Document document, transaction_.GetDocument(id));
    return RecordPtr(std::make_shared<v1::Document>(std::move(document)));
  }

  absl::StatusOr<std::string> Create(const TableValues& row) override {
    const RecordPtr record = NewRecord(row);
    GREFFE_ASSIGN_OR_RETURN(const std::string number,
                            CreateDocument(transaction_, static_cast<const v1::Document&>(*record), row.id,
                                           transaction_.caller().id(), kRow, "document_id"));
    if (row.state == "WITHDRAWN") GREFFE_RETURN_IF_ERROR(WithdrawDocument(transaction_, number, ""));
    return number;
  }

  absl::Status Change(const Message& before, Message& after, const TableValues& row) override {
    const auto& document = static_cast<const v1::Document&>(before);
    auto& wanted = static_cast<v1::Document&>(after);
    const std::string number = NumberOf(document);
    wanted.clear_etag();
    const bool withdrawn = document.state() == v1::DOCUMENT_STATE_WITHDRAWN;
    const bool moves = !row.state.empty() && row.state != StateText(document);
    const bool path_moves = wanted.path() != document.path();
    if (withdrawn && moves) {
      GREFFE_RETURN_IF_ERROR(ReinstateDocument(transaction_, number, path_moves ? wanted.path() : "", "", "row.path"));
    }
    if (const auto paths = UpdatedFields(row, {"path"}); !paths.empty()) {
      GREFFE_RETURN_IF_ERROR(UpdateDocument(transaction_, wanted, paths, kRow));
    }
    if (path_moves && !(withdrawn && moves)) {
      GREFFE_RETURN_IF_ERROR(MoveDocument(transaction_, number, wanted.path(), "", "row.path"));
    }
    return moves && !withdrawn ? WithdrawDocument(transaction_, number, "") : absl::OkStatus();
  }

 private:
  Transaction& transaction_;
};

}  // namespace

std::unique_ptr<TableTarget> TableTarget::Make(Transaction& transaction, const TableSchema& schema,
                                               const std::string& reason) {
  if (schema.kind() == nullptr) return std::make_unique<DocumentTarget>(transaction);
  if (schema.kind() == &KindOf<v1::Deliverable>()) return std::make_unique<DeliverableTarget>(transaction, reason);
  return std::make_unique<EntryTarget>(transaction, *schema.kind());
}

}  // namespace greffe
