#include "storage/index/project_mark.h"

#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

std::string ProjectMark::Encode() const {
  std::string row;
  row.reserve(6 * 8 + Oid::kSize);
  for (const std::int64_t number :
       {sequence, record_time, effective_time, document_count, version_count, first_dated_sequence}) {
    keys::AppendBigEndian(row, number);
  }
  row += commit.Raw();
  return row;
}

absl::StatusOr<ProjectMark> ProjectMark::Decode(std::string_view row) {
  if (row.size() != 6 * 8 + Oid::kSize) return DamagedRow("a project's mark");
  ProjectMark mark;
  for (std::int64_t* number : {&mark.sequence, &mark.record_time, &mark.effective_time, &mark.document_count,
                               &mark.version_count, &mark.first_dated_sequence}) {
    *number = keys::ReadBigEndian(row.substr(0, 8));
    row.remove_prefix(8);
  }
  mark.commit = *Oid::FromRaw(row);
  return mark;
}

}  // namespace greffe
