#include "services/tables/export_stream.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/call/call_log.h"
#include "services/call/status.h"
#include "services/call/stream_memory.h"
#include "services/tables/table_name.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/filter.h"
#include "storage/base/page_bytes.h"
#include "storage/base/record_filter.h"
#include "storage/base/table_cells.h"
#include "storage/base/table_dialect.h"
#include "storage/base/table_schema.h"

namespace greffe {
namespace {

constexpr int kRecordsAtOnce = 500;  // records that are held
constexpr int kMaxColumns = 500;

// Digits with a sign, a point or a comma, and an exponent: no more than one of each.
bool IsNumber(std::string cell) {
  if (const std::size_t comma = cell.find(','); comma != std::string::npos) cell[comma] = '.';
  double number = 0;
  const auto end = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return end.ec != std::errc::invalid_argument && end.ptr == cell.data() + cell.size();
}

// A table as bytes, a row after another.
class TableText {
 public:
  static absl::StatusOr<std::unique_ptr<TableText>> Open(const Runtime& runtime,
                                                         const v1::ExportTableRequest& request) {
    GREFFE_ASSIGN_OR_RETURN(const TableName name, ParseTableName(request.parent()));
    GREFFE_RETURN_IF_ERROR(ValidateDialect(request.dialect(), "dialect"));
    GREFFE_ASSIGN_OR_RETURN(ProjectView view, runtime.store.View(name.project, request.as_of()));
    GREFFE_ASSIGN_OR_RETURN(const v1::Project project, view.GetProject());
    GREFFE_ASSIGN_OR_RETURN(TableSchema schema, TableSchema::Make(project, name.collection, "parent"));
    auto table =
        std::unique_ptr<TableText>(new TableText(std::move(view), std::move(schema), ExportDialect(request.dialect())));
    GREFFE_RETURN_IF_ERROR(table->SetColumns(request));
    return table;
  }

  std::int64_t sequence() const { return view_.sequence(); }

  // Adds rows, the headings before the first one, until `bytes` has `size` or the table ends. `rows` counts.
  absl::Status AddRows(std::size_t size, std::string& bytes, int& rows) {
    if (row_ == 0) {
      std::vector<std::string> headings;
      for (const TableField& column : columns_) headings.push_back(column.name);
      GREFFE_RETURN_IF_ERROR(AddRow(headings, bytes));
    }
    while (bytes.size() < size) {
      if (page_.empty()) {
        if (ended_) break;
        GREFFE_RETURN_IF_ERROR(ReadPage());
        continue;
      }
      GREFFE_RETURN_IF_ERROR(AddRecord(*page_.front(), bytes, rows));
      page_.pop_front();
    }
    return absl::OkStatus();
  }

 private:
  TableText(ProjectView view, TableSchema schema, v1::TableDialect dialect)
      : view_(std::move(view)), schema_(std::move(schema)), dialect_(std::move(dialect)) {}

  absl::Status ReadPage() {
    if (schema_.kind() == nullptr) {
      GREFFE_ASSIGN_OR_RETURN(DocumentPage page, view_.ListDocuments(documents_, {}, kRecordsAtOnce, next_));
      for (v1::Document& document : page.documents) {
        page_.push_back(std::make_shared<v1::Document>(std::move(document)));
      }
      next_ = std::move(page.next);
    } else {
      GREFFE_ASSIGN_OR_RETURN(RecordPage page, view_.ListRecords(*schema_.kind(), records_, {}, kRecordsAtOnce, next_));
      for (RecordPtr& record : page.records) page_.push_back(std::move(record));
      next_ = std::move(page.next);
    }
    ended_ = next_.empty();
    return absl::OkStatus();
  }

  absl::Status SetColumns(const v1::ExportTableRequest& request) {
    if (schema_.kind() == nullptr) {
      GREFFE_ASSIGN_OR_RETURN(documents_, ParseDocumentFilter(request.filter()));
    } else {
      GREFFE_ASSIGN_OR_RETURN(records_, ParseRecordFilter(request.filter(), *schema_.prototype().GetDescriptor()));
    }
    if (request.columns_size() > kMaxColumns) {
      return InvalidField("columns", "FIELD_INVALID", absl::StrCat(request.columns_size(), " of them; at most 500"));
    }
    std::set<std::string> seen;
    for (int i = 0; i < request.columns_size(); ++i) {
      GREFFE_ASSIGN_OR_RETURN(TableField column, schema_.Find(request.columns(i), absl::StrCat("columns[", i, "]")));
      if (!seen.insert(column.name).second) {
        return InvalidField(absl::StrCat("columns[", i, "]"), "COLUMN_REPEATED",
                            QuotedValue(column.name) + ": is there twice", {{"column", column.name}});
      }
      columns_.push_back(std::move(column));
    }
    if (columns_.empty()) columns_ = schema_.Importable();
    return absl::OkStatus();
  }

  absl::Status AddRecord(const google::protobuf::Message& record, std::string& bytes, int& rows) {
    std::vector<std::string> cells;
    cells.reserve(columns_.size());
    for (const TableField& column : columns_) {
      std::string cell = WriteCell(schema_, column, record, dialect_);
      // A number below 0 is no formula. A value from before its definition said that it is one may be.
      cells.push_back(HoldsDecimals(column) && IsNumber(cell) ? std::move(cell) : GuardFormula(std::move(cell)));
    }
    ++rows;
    return AddRow(cells, bytes);
  }

  absl::Status AddRow(const std::vector<std::string>& cells, std::string& bytes) {
    ++row_;
    std::string text;
    AppendCsvRow(cells, DelimiterOf(dialect_), text);
    const std::optional<std::string> encoded = EncodeText(std::move(text), dialect_, row_ > 1);
    if (encoded) {
      bytes += *encoded;
      return absl::OkStatus();
    }
    std::size_t at = 0;
    while (at + 1 < cells.size() && EncodeText(cells[at], dialect_, true)) ++at;
    return Error(
        absl::StatusCode::kFailedPrecondition, "CHARACTER_NOT_IN_ENCODING",
        absl::StrCat("row ", row_, ", column ", columns_[at].name, ": has a character that Windows-1252 has not"),
        {{"row", std::to_string(row_)}, {"column", columns_[at].name}});
  }

  const ProjectView view_;
  const TableSchema schema_;
  const v1::TableDialect dialect_;
  std::vector<TableField> columns_;
  DocumentFilter documents_;
  RecordFilter records_;
  std::deque<RecordPtr> page_;  // whose rows come next
  std::string next_;
  int row_ = 0;         // that was added last
  bool ended_ = false;  // no page comes after this one
};

class TableExport final : public grpc::ServerWriteReactor<v1::ExportTableResponse> {
 public:
  TableExport(const Runtime& runtime, grpc::CallbackServerContext* context, const v1::ExportTableRequest& request)
      : runtime_(runtime),
        log_(context, "Tables.ExportTable"),
        share_(runtime.stream_memory, context),
        request_(request) {
    const bool taken = runtime_.pool.Run([this] { Begin(); });
    if (!taken) {
      End(Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later"));
    }
  }

  void OnWriteDone(bool ok) override {
    share_.EndWait();
    runtime_.pool.Continue([this, ok] {
      if (ok) {
        Send();
      } else {
        End(absl::CancelledError("the caller is gone"));
      }
    });
  }

  void OnDone() override { delete this; }

 private:
  void Begin() {
    // A piece, what it is cut from, and a page of records.
    const std::int64_t held = 2 * runtime_.limits.chunk_bytes + static_cast<std::int64_t>(kPageBytes);
    if (const absl::Status reserved = share_.Reserve(held); !reserved.ok()) {
      End(reserved);
      return;
    }
    absl::StatusOr<std::unique_ptr<TableText>> table = TableText::Open(runtime_, request_);
    if (!table.ok()) {
      End(table.status());
      return;
    }
    table_ = *std::move(table);
    piece_.set_sequence(table_->sequence());
    Send();
  }

  // One piece, or the end.
  void Send() {
    const auto size = static_cast<std::size_t>(runtime_.limits.chunk_bytes);
    waiting_.erase(0, piece_.data().size());
    int rows = 0;
    if (const absl::Status added = table_->AddRows(size, waiting_, rows); !added.ok()) {
      End(added);
      return;
    }
    if (waiting_.empty()) {
      End(absl::OkStatus());
      return;
    }
    if (!piece_.data().empty()) piece_.clear_sequence();
    piece_.set_data(waiting_.substr(0, size));
    piece_.set_row_count(rows);
    share_.BeginWait();
    StartWrite(&piece_);
  }

  void End(const absl::Status& status) {
    log_.End(status);
    Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  const CallLog log_;
  StreamShare share_;
  const v1::ExportTableRequest request_;
  std::unique_ptr<TableText> table_;
  std::string waiting_;  // from where `piece_` begins
  v1::ExportTableResponse piece_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportTableResponse>* NewTableExport(const Runtime& runtime,
                                                                  grpc::CallbackServerContext* context,
                                                                  const v1::ExportTableRequest& request) {
  return new TableExport(runtime, context, request);
}

}  // namespace greffe
