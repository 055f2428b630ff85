// greffe watch: changes as they happen.
#include "clients/cpp/watch.h"

#include <limits>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct WatchOptions {
  std::int64_t after = -1;
  std::string cursor;
  bool all_projects = false;
  bool stop_at_end = false;
  bool marks = false;
  std::int64_t limit = 0;
};

void PrintChange(Session& session, const v1::Change& change, bool with_project) {
  std::string head = with_project ? IdOf(change.project()) + " " : "";
  head += std::to_string(change.sequence());
  session.out() << Coloured(session, head, "33") << "  " << ShortTime(change.effective_time()) << "  "
                << PrincipalText(change.author()) << (change.imported() ? " (imported)" : "") << "  "
                << FirstLine(change.subject()) << "\n";
  for (const v1::ChangeEntry& entry : change.entries()) {
    session.out() << "    " << EnumText(entry.kind()) << "  " << Printable(IdOf(entry.resource()));
    if (entry.version() > 0) session.out() << " v" << entry.version();
    if (!entry.previous_path().empty()) session.out() << "  " << Printable(entry.previous_path()) << " ->";
    if (!entry.path().empty()) session.out() << "  " << Printable(entry.path());
    if (!entry.state().empty()) session.out() << "  " << Printable(LowerWords(entry.state()));
    session.out() << "\n";
  }
  if (change.omitted_entry_count() > 0) {
    session.out() << "    and " << change.omitted_entry_count() << " more entries\n";
  }
  if (change.omitted_link_count() > 0) {
    session.out() << "    and " << change.omitted_link_count() << " more links whose state changed\n";
  }
  session.out().flush();
}

absl::Status Watch(Session& session, const WatchOptions& options) {
  v1::WatchChangesRequest request;
  if (options.all_projects) {
    request.set_parent("projects/-");
  } else {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  }
  if (options.after >= 0) {
    request.set_after_sequence(options.after);
  } else if (!options.cursor.empty()) {
    request.set_cursor(options.cursor);
  } else {
    request.set_from_now(true);
  }
  request.set_stop_at_end(options.stop_at_end);
  std::int64_t count = 0;
  return client::WatchChanges(session.client(), request, [&](const v1::WatchChangesResponse& message) {
    if (!message.has_change()) {
      const bool damaged = !message.damaged_project().empty();
      if (damaged) {
        session.Note(Printable(IdOf(message.damaged_project())) + ": its data are damaged, changes of it are left out");
      }
      if ((options.marks || damaged) && session.json()) session.PrintJson(message);
      return session.out().good();
    }
    session.json() ? session.PrintJson(message) : PrintChange(session, message.change(), options.all_projects);
    return session.out().good() && ++count != options.limit;
  });
}

}  // namespace

void AddWatchCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const watch = program.app.add_subcommand("watch", "Follow the changes of a project, or of all");
  const auto options = std::make_shared<WatchOptions>();
  watch->footer(
      "From now on, unless --after or --cursor says otherwise. A connection that breaks is taken up again where it "
      "was.\n"
      "JSON: one WatchChangesResponse a line; its cursor is where to go on after it.");
  CLI::Option* const after =
      watch->add_option("--after", options->after, "After this sequence; 0: from the first change on")
          ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()));
  watch->add_option("--cursor", options->cursor, "After this cursor of an earlier watch")
      ->check(kNotEmpty)
      ->excludes(after);
  watch->add_flag("--all-projects", options->all_projects, "All projects")->excludes(after);
  watch->add_flag("--stop-at-end", options->stop_at_end, "End when everything that is there now has been told");
  watch->add_flag("--marks", options->marks, "JSON: progress marks too");
  watch->add_option("-n,--limit", options->limit, "End after so many changes")->check(kFromOne);
  OnCall(program, watch, [&session, options] { return Watch(session, *options); });
}

}  // namespace greffe::cli
