// greffe-admin: looks after a data directory while no server uses it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "storage/base/errors.h"
#include "storage/base/open_files.h"
#include "storage/store/backup.h"
#include "storage/store/maintenance.h"

extern "C" {
// jemalloc reads it (see its manual). This program ends soon: what is freed is kept for what comes next, and memory
// comes by 2 MiB where the system has such pages. A page fault for each 4 KiB was a fifth of an index's making.
const char* malloc_conf = "narenas:1,dirty_decay_ms:-1,thp:always";
}

namespace {

// 0 done; 1 could not look; 2 wrong usage; 3 damage, or an index that differs.
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kFindings = 3;

void Progress(const std::string& line) { std::cerr << line << "\n"; }

int Fail(const absl::Status& status) {
  std::cerr << "greffe-admin: " << status.message();
  if (const std::string reason = greffe::ReasonOf(status); !reason.empty()) std::cerr << " (" << reason << ")";
  std::cerr << "\n";
  return kFailed;
}

int Verify(const std::string& data) {
  const auto result = greffe::VerifyData(data, Progress, [](const std::string& line) { std::cout << line << "\n"; });
  if (!result.ok()) return Fail(result.status());
  const greffe::VerifyCounts& counts = result->counts;
  std::cout << counts.projects << " projects, " << counts.commits << " commits, " << counts.contents << " contents, "
            << counts.objects << " objects, " << result->findings << " findings\n";
  return result->findings == 0 ? 0 : kFindings;
}

int VerifyIndex(const std::string& data) {
  std::int64_t differences = 0;
  const auto rows = greffe::VerifyIndex(data, Progress, [&](const std::string& line) {
    ++differences;
    std::cout << line << "\n";
  });
  if (!rows.ok()) return Fail(rows.status());
  std::cout << *rows << " rows, " << differences << " differences\n";
  return differences == 0 ? 0 : kFindings;
}

int RebuildIndex(const std::string& data) {
  const absl::StatusOr<std::int64_t> refused = greffe::RebuildIndex(data, Progress);
  if (!refused.ok()) return Fail(refused.status());
  std::cout << "the index is made anew";
  if (*refused > 0) std::cout << ", without " << *refused << " damaged projects";
  std::cout << "\n";
  return *refused == 0 ? 0 : kFindings;
}

int Flush(const std::string& data) {
  const auto count = greffe::FlushData(data, Progress);
  if (!count.ok()) return Fail(count.status());
  std::cout << *count << " commits packed\n";
  return 0;
}

int PrintCopy(const absl::StatusOr<greffe::BackupResult>& result) {
  if (!result.ok()) return Fail(result.status());
  std::cout << result->projects << " projects, " << result->commits << " commits; " << result->copied_files
            << " files copied (" << result->copied_bytes << " bytes), " << result->unchanged_files
            << " were there already\n";
  for (const auto& [project, why] : result->left) {
    std::cerr << "greffe-admin: of project '" << project << "' the copy has what it had: " << why.message() << "\n";
  }
  for (const auto& [project, why] : result->left_out) {
    std::cerr << "greffe-admin: project '" << project << "' is left out of the copy: " << why.message() << "\n";
  }
  for (const auto& [project, why] : result->damaged) {
    std::cerr << "greffe-admin: a damaged file of project '" << project << "' is copied as it is: " << why.message()
              << "\n";
  }
  for (const auto& [project, why] : result->lost) {
    std::cerr << "greffe-admin: project '" << project << "' is not whole: " << why.message() << "\n";
  }
  const bool is_whole =
      result->left.empty() && result->left_out.empty() && result->damaged.empty() && result->lost.empty();
  return is_whole ? 0 : kFindings;
}

}  // namespace

int main(int argc, char** argv) {
  greffe::RaiseOpenFileLimit();
  CLI::App app("greffe-admin: looks after a data directory; all but backup while no server uses it", "greffe-admin");
  app.set_version_flag("--version", GREFFE_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 could not do it, 2 wrong usage, 3 damage or differences were found.");
  std::string data;
  int code = 0;
  app.add_option("--data", data, "data directory")->envname("GREFFE_DATA")->required();
  CLI::App* verify = app.add_subcommand("verify", "check every pack, commit, record and content against its hashes");
  verify->callback([&] { code = Verify(data); });
  CLI::App* index = app.add_subcommand("index", "the index: views that can be made anew")->require_subcommand(1);
  index->add_subcommand("verify", "compare it with one made anew")->callback([&] { code = VerifyIndex(data); });
  index->add_subcommand("rebuild", "make it anew")->callback([&] { code = RebuildIndex(data); });
  app.add_subcommand("flush", "pack what the journal holds into the repositories")->callback([&] {
    code = Flush(data);
  });
  std::string other;
  CLI::App* backup = app.add_subcommand(
      "backup", "copy all as of one moment into another folder, also while a server writes; again: only what is new");
  backup->add_option("folder", other, "the copy: a data directory of its own")->required();
  bool replace = false;
  backup->add_flag("--replace", replace,
                   "also where the copy has projects, commits or baselines that the data do not have: they go from it");
  backup->callback([&] { code = PrintCopy(greffe::BackUpData(data, other, Progress, replace)); });
  CLI::App* restore = app.add_subcommand("restore", "copy a backup into a data directory that is not there yet");
  restore->add_option("folder", other, "the backup")->required();
  restore->callback([&] { code = PrintCopy(greffe::RestoreData(other, data, Progress)); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return kUsage;
  }
  return code;
}
