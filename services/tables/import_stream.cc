#include "services/tables/import_stream.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/call/call_log.h"
#include "services/call/malformed_request.h"
#include "services/call/raw_message.h"
#include "services/call/status.h"
#include "services/call/stream_memory.h"
#include "services/call/unary.h"
#include "services/call/wanted.h"
#include "services/tables/import_answer.h"
#include "services/tables/import_digest.h"
#include "services/tables/table_name.h"
#include "storage/base/errors.h"
#include "storage/base/table_reader.h"
#include "storage/store/table_acts.h"

namespace greffe {
namespace {

constexpr std::int64_t kMaxTableBytes = 32 << 20;
constexpr int kMaxRows = 10'000;
constexpr int kDefaultRows = 1'000;

// Takes a table whole, reads it on the pool, and has it done by one act.
class TableImportStream final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  TableImportStream(const Runtime& runtime, grpc::CallbackServerContext* context, grpc::ByteBuffer* response)
      : runtime_(runtime),
        context_(context),
        log_(context, "Tables.ImportTable"),
        share_(runtime.stream_memory, context),
        answer_(response) {
    StartRead(&buffer_);
  }

  void OnReadDone(bool ok) override {
    share_.EndWait();
    if (ok) {
      if (const absl::Status taken = Take(); !taken.ok()) {
        End(taken);
      } else {
        share_.BeginWait();
        StartRead(&buffer_);
      }
      return;
    }
    const bool run = runtime_.pool.Run([this] {
      if (const absl::Status begun = Begin(); !begun.ok()) End(begun);
    });
    if (!run) {
      End(Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later"));
    }
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take() {
    // Twice: what a string grows by, and later the texts of its cells.
    GREFFE_RETURN_IF_ERROR(share_.Reserve(2 * static_cast<std::int64_t>(buffer_.Length())));
    if (!ParseBuffer(buffer_, message_)) return MalformedRequest();
    buffer_.Clear();
    const auto size = static_cast<std::int64_t>(message_.data().size());
    if (size > runtime_.limits.chunk_bytes) {
      return InvalidField(
          "data", "CONTENT_TOO_LARGE",
          std::to_string(size) + " bytes; a message has at most " + std::to_string(runtime_.limits.chunk_bytes));
    }
    if (!begun_) {
      begun_ = true;
      first_bytes_ = size;
      request_.Swap(&message_);
    } else {
      request_.mutable_data()->append(message_.data());
      std::string().swap(*message_.mutable_data());
    }
    if (static_cast<std::int64_t>(request_.data().size()) <= kMaxTableBytes) return absl::OkStatus();
    return InvalidField("data", "TABLE_TOO_LARGE", "has more than " + std::to_string(kMaxTableBytes) + " bytes");
  }

  absl::Status CheckWhole() const {
    if (!begun_) return InvalidField("parent", "FIELD_REQUIRED", "the stream had no message");
    const auto came = static_cast<std::int64_t>(request_.data().size());
    if (request_.size() == came) return absl::OkStatus();
    if (request_.size() == 0 && came == first_bytes_) return absl::OkStatus();
    return InvalidField("size", "STREAM_ENDED_EARLY",
                        "'" + std::to_string(request_.size()) + "': " + std::to_string(came) + " bytes came");
  }

  // Queues the act.
  absl::Status Begin() {
    GREFFE_RETURN_IF_ERROR(CheckWhole());
    GREFFE_ASSIGN_OR_RETURN(name_, ParseTableName(request_.parent()));
    GREFFE_RETURN_IF_ERROR(ValidateText(request_.comment(), "comment", 0, kMaxComment, true));
    if (request_.max_rows() < 0 || request_.max_rows() > kMaxRows) {
      return InvalidField("max_rows", "FIELD_INVALID",
                          "'" + std::to_string(request_.max_rows()) + "': allowed are 0 to 10,000");
    }
    std::string data;
    data.swap(*request_.mutable_data());  // no copies of it for the digest
    GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(*context_, name_.project, request_));
    if (!write.request_id.empty()) write.digest = ImportDigest(request_, data);
    data.swap(*request_.mutable_data());
    write.bytes += static_cast<std::int64_t>(request_.data().size());
    if (request_.dry_run()) write.request_id.clear();
    write.bulk = true;
    write.act = [this](Transaction& transaction) { return greffe::ImportTable(transaction, *import_, rows_); };
    if (const absl::Status read = Read(); !read.ok()) {
      if (write.request_id.empty()) return read;
      // Done before, perhaps, while the project had other columns: only a new request gets to the act.
      write.act = [read](Transaction&) { return read; };
    }
    std::string().swap(*request_.mutable_data());
    runtime_.store.Write(std::move(write), [this](absl::StatusOr<WriteResult> result) { Answer(std::move(result)); });
    return absl::OkStatus();
  }

  // Makes an import of the data.
  absl::Status Read() {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name_.project));
    GREFFE_ASSIGN_OR_RETURN(const v1::Project project, view.GetProject());
    GREFFE_ASSIGN_OR_RETURN(TableSchema schema, TableSchema::Make(project, name_.collection, "parent"));
    const std::int64_t reading = TableReadingMemory(request_.data());
    GREFFE_RETURN_IF_ERROR(share_.Reserve(reading));
    GREFFE_ASSIGN_OR_RETURN(ReadTable table, ReadTableBytes(schema, request_.data(), request_.dialect(),
                                                            {request_.columns().begin(), request_.columns().end()}));
    share_.Return(reading);
    // The data, which are twice in the share, go.
    const std::int64_t more = TableMemory(table) - 2 * static_cast<std::int64_t>(request_.data().size());
    if (more > 0) GREFFE_RETURN_IF_ERROR(share_.Reserve(more));
    const ViewAt view_at = [this](std::int64_t sequence) {
      v1::AsOf as_of;
      as_of.set_sequence(sequence);
      return runtime_.store.View(name_.project, as_of);
    };
    const auto check = [this] { return CheckWanted([this] { return context_->IsCancelled(); }); };
    GREFFE_ASSIGN_OR_RETURN(std::set<std::string> unedited, FindUnedited(view, view_at, schema, table, check));
    *response_.mutable_dialect() = table.dialect;
    response_.mutable_columns()->Assign(table.columns.begin(), table.columns.end());
    import_ = std::make_unique<TableImport>(
        TableImport{std::move(schema), std::move(table), std::move(unedited), request_.dry_run(), request_.comment()});
    return absl::OkStatus();
  }

  // On the committer's thread, which the answers of the project's other writes wait for.
  void Answer(absl::StatusOr<WriteResult> result) {
    absl::Status status = result.status();
    if (ReasonOf(status) == kTableNotApplied) {
      status = absl::OkStatus();
    } else if (status.ok()) {
      response_.set_applied(true);
      response_.set_sequence(result->sequence);
      response_.set_commit(result->commit);
      response_.set_replayed(result->replayed);
    }
    if (response_.replayed()) {  // a look-up for each of its rows
      runtime_.pool.Continue([this, replayed = std::make_shared<WriteResult>(*std::move(result))] {
        absl::Status told = runtime_.store.ReadReplayed(*replayed);
        response_.set_commit(replayed->commit);
        if (told.ok() && replayed->sequence == 0) {  // it changed nothing
          // Of a table that cannot be read any more nobody knows how many rows it had.
          if (import_ != nullptr) response_.set_row_count(static_cast<int>(import_->table.rows.size()));
          response_.set_unchanged_count(response_.row_count());
        } else if (told.ok()) {
          told = TellReplay(runtime_.store, name_.project, name_.collection, *replayed, MaxRows(), response_);
        }
        End(told);
      });
      return;
    }
    if (status.ok()) TellRows(rows_, MaxRows(), response_);
    End(status);
  }

  int MaxRows() const { return request_.max_rows() == 0 ? kDefaultRows : request_.max_rows(); }

  void End(const absl::Status& status) {
    if (status.ok()) *answer_ = SerializedBuffer(response_);
    log_.End(status);
    Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  grpc::CallbackServerContext* const context_;
  const CallLog log_;
  StreamShare share_;
  grpc::ByteBuffer* const answer_;
  v1::ImportTableResponse response_;
  grpc::ByteBuffer buffer_;  // as it was read
  v1::ImportTableRequest message_;
  v1::ImportTableRequest request_;  // with the data of all messages
  bool begun_ = false;
  std::int64_t first_bytes_ = 0;  // of the table, that the first message brought
  TableName name_;
  std::unique_ptr<TableImport> import_;
  std::vector<v1::TableRow> rows_;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* NewTableImport(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                          grpc::ByteBuffer* response) {
  return new TableImportStream(runtime, context, response);
}

}  // namespace greffe
