#include "clients/cli/planning.h"

#include "clients/cli/commands.h"
#include "clients/cli/text.h"

namespace greffe::cli {

void AddDueOptions(CLI::App* command, DueOptions& options) {
  command->add_flag("--late", options.late, "Only what was due before today and is still open");
  command->add_option("--due-within", options.due_within, "Only what is open and due within so many days")
      ->check(CLI::Range(0, 3650));
  command->add_option("--state", options.state, "Only those in this state, such as IN_PROGRESS");
  command->add_option("--filter", options.filter, "Comparisons joined with AND, such as 'slip_days > 10'");
  command->add_option("--order-by", options.order_by,
                      "A field, with an optional ' desc'; default: the id, or what is due");
  command->add_option("--limit", options.limit, "At most so many; default: all")->check(kFromOne);
  AddAsOf(command, options.as_of);
}

std::string Comparison(const std::string& field, const std::string& value) {
  return value.empty() ? "" : field + " = " + Quoted(value);
}

absl::StatusOr<google::protobuf::FieldMask> GivenFields::Mask() const {
  if (!mask_.paths().empty()) return mask_;
  return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string DaysText(std::int64_t days) {
  if (days == 0) return "";
  return (days > 0 ? "+" : "") + std::to_string(days);
}

std::string SlipText(const v1::DateChange& slip) {
  std::string text = slip.date() + "  " + EnumText(slip.kind()) + " " + slip.from() + " -> " + OrDash(slip.to());
  if (slip.days() != 0) text += " (" + DaysText(slip.days()) + ")";
  text += " by " + slip.principal();
  if (!slip.reason().empty()) text += ": " + FirstLine(slip.reason());
  return text;
}

}  // namespace greffe::cli
