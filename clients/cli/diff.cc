// greffe diff: what differs between two versions.
#include <memory>
#include <set>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/print_diff.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct DiffOptions {
  std::string document;
  std::int64_t base = 0;
  std::int64_t target = 0;
  std::string with;
  int context = 3;
};

// Fields in which any two versions differ, which tell people nothing.
bool IsTold(const std::string& field) {
  static const std::set<std::string> kUntold = {
      "name",        "number",         "sequence",      "commit",           "author_time",
      "record_time", "effective_time", "main_file.oid", "main_file.sha256", "manifest_sha256"};
  return kUntold.count(field) == 0;
}

absl::Status Diff(Session& session, const DiffOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
  v1::Document other = document;
  if (!options.with.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(other, FindDocument(session, options.with));
  }
  const std::int64_t target = options.target > 0 ? options.target : other.latest_version().number();
  std::int64_t base = options.base;
  if (base == 0) base = options.with.empty() ? target - 1 : document.latest_version().number();
  if (base < 1 || target < 1) {
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "VERSIONS_TOO_FEW",
                             "there are no two versions to compare: \"" + IdOf(document.name()) + "\" has " +
                                 std::to_string(document.latest_version().number()));
  }
  v1::CompareVersionsRequest request;
  request.set_base(document.name() + "/versions/" + std::to_string(base));
  request.set_target(other.name() + "/versions/" + std::to_string(target));
  request.set_context_lines(options.context);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::CompareVersionsResponse response, session.client().CompareVersions(request));
  if (session.json()) {
    session.PrintJson(response);
    return absl::OkStatus();
  }
  for (const v1::FieldDifference& field : response.fields()) {
    if (!IsTold(field.field())) continue;
    session.out() << Coloured(session, field.field(), "1") << ": " << FirstLine(field.base_value()) << " -> "
                  << FirstLine(field.target_value()) << "\n";
  }
  if (response.diff_omitted() == v1::DIFF_OMITTED_BINARY) {
    session.out() << "contents differ, and are not both text\n";
  } else if (response.diff_omitted() == v1::DIFF_OMITTED_TOO_LARGE) {
    session.out() << "contents differ, and are too large to compare line by line\n";
  } else if (response.unified_diff().empty()) {
    session.out() << "contents are equal\n";
  } else {
    PrintDiff(session, response.unified_diff());
  }
  return absl::OkStatus();
}

}  // namespace

void AddDiffCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const diff = program.app.add_subcommand("diff", "Compare two versions; JSON: CompareVersionsResponse");
  const auto options = std::make_shared<DiffOptions>();
  diff->footer(
      "Without BASE and TARGET: the latest version with the one before. Fields that differ in any two versions, such "
      "as\n"
      "hashes and times, are in the JSON alone.");
  diff->add_option("DOCUMENT", options->document, kDocumentHelp)->required();
  diff->add_option("BASE", options->base, "Number of the older version")->check(kFromOne);
  diff->add_option("TARGET", options->target, "Number of the newer version")->check(kFromOne);
  diff->add_option("--with", options->with, "Another document, whose version is the TARGET");
  diff->add_option("-U,--context", options->context, "Lines of context")->check(CLI::Range(0, 100));
  OnCall(program, diff, [&session, options] { return Diff(session, *options); });
}

}  // namespace greffe::cli
