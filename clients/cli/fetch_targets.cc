#include "clients/cli/fetch_targets.h"

#include <filesystem>
#include <system_error>

#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

// One spelling for `a.md`, `./a.md` and a way to it through a link.
std::string OneSpelling(const std::string& target) {
  std::error_code error;
  const fs::path absolute = fs::absolute(target, error);
  if (error) return target;
  const fs::path followed = fs::weakly_canonical(absolute, error);
  return error ? absolute.lexically_normal().string() : followed.string();
}

}  // namespace

absl::Status FetchTargets::Add(const std::string& target, const v1::Document& document) {
  const auto [known, added] = origins_.try_emplace(OneSpelling(target), Origin{document.name(), document.path()});
  if (added || known->second.name == document.name()) return absl::OkStatus();
  return client::MakeError(
      absl::StatusCode::kInvalidArgument, "PATH_TWICE",
      "\"" + known->second.path + "\" and \"" + document.path() + "\" would both be written to \"" + target + "\"",
      {{"path", target}});
}

}  // namespace greffe::cli
