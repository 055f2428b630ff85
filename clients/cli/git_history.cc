#include "clients/cli/git_history.h"

#include <algorithm>
#include <cstdlib>

#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

absl::Status Unexpected(const std::string& what) {
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_GIT_FAILED", "git printed " + what);
}

// Cuts the text up to the next `delimiter` off.
std::string Take(std::string& text, char delimiter) {
  const std::size_t end = std::min(text.find(delimiter), text.size());
  std::string part = text.substr(0, end);
  text.erase(0, end + 1);
  return part;
}

// `+0530` as minutes.
int OffsetMinutes(const std::string& zone) {
  const int number = std::atoi(zone.c_str());
  const int minutes = (number / 100) * 60 + number % 100;
  // Some histories carry offsets that no place ever had.
  return std::clamp(minutes, -1439, 1439);
}

// Requests of so many blobs at a time. All of them must fit the pipe: git does not read on while nobody reads what it
// writes.
constexpr std::size_t kBlobsAtATime = 1000;

// The size in what `git cat-file` says first of a blob.
absl::StatusOr<std::int64_t> ReadBlobSize(GitProcess& process) {
  std::string header;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, process.ReadUntil('\n', header));
  // `<id> blob <size>`; anything else, such as `<id> missing`, is a repository that is damaged or not whole.
  const std::size_t type = header.find(" blob ");
  if (!more || type == std::string::npos) return Unexpected("\"" + header + "\" instead of a blob");
  return std::atoll(header.c_str() + type + 6);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GitHistory>> GitHistory::Open(const std::string& folder, const std::string& after,
                                                             const std::string& tip) {
  // Everything that a configuration could change about the output is said. A commit begins with \x01: no field of it
  // can hold a NUL, so that this is the first byte of a token.
  GREFFE_CLIENT_ASSIGN_OR_RETURN(auto log, GitProcess::Start({"-C",
                                                              folder,
                                                              "log",
                                                              "--first-parent",
                                                              "--diff-merges=first-parent",
                                                              "--reverse",
                                                              "--root",
                                                              "--raw",
                                                              "-z",
                                                              "--no-abbrev",
                                                              "--no-ext-diff",
                                                              "--no-textconv",
                                                              "--no-show-signature",
                                                              "--no-notes",
                                                              "--no-mailmap",
                                                              "--no-color",
                                                              "--ignore-submodules=none",
                                                              "-O/dev/null",
                                                              "-M50%",
                                                              "-l10000",
                                                              "--encoding=UTF-8",
                                                              "--date=raw",
                                                              "--format=tformat:%x01%H%n%P%n%an%n%ae%n%ad%n%ct%n%B",
                                                              after.empty() ? tip : after + ".." + tip,
                                                              "--"}));
  return std::unique_ptr<GitHistory>(new GitHistory(std::move(log)));
}

absl::StatusOr<bool> GitHistory::Next(GitCommit& commit) {
  if (!begun_) {
    begun_ = true;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, log_->ReadUntil('\0', head_));
    if (!more) head_.clear();
  }
  if (head_.empty()) {
    GREFFE_CLIENT_RETURN_IF_ERROR(log_->Finish());
    return false;
  }
  if (head_[0] != '\x01') return Unexpected("no commit where one begins");
  commit = {};
  head_.erase(0, 1);
  commit.id = Take(head_, '\n');
  std::string parents = Take(head_, '\n');
  commit.first_parent = Take(parents, ' ');
  commit.author_name = Take(head_, '\n');
  commit.author_email = Take(head_, '\n');
  std::string date = Take(head_, '\n');
  commit.author_time = std::atoll(Take(date, ' ').c_str());
  commit.author_offset = OffsetMinutes(date);
  commit.commit_time = std::atoll(Take(head_, '\n').c_str());
  commit.message = std::move(head_);
  head_.clear();
  std::string token;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, log_->ReadUntil('\0', token));
    if (!more) break;
    if (!token.empty() && token[0] == '\x01') {
      head_ = std::move(token);
      break;
    }
    if (!token.empty() && token[0] == '\n') token.erase(0, 1);
    if (token.empty()) continue;
    GREFFE_CLIENT_RETURN_IF_ERROR(ReadChange(token, commit.changes.emplace_back()));
  }
  return true;
}

absl::Status GitHistory::ReadChange(const std::string& raw, GitChange& change) {
  if (raw[0] != ':') return Unexpected("\"" + raw.substr(0, 20) + "\" where a change begins");
  std::string rest = raw.substr(1);
  change.old_mode = Take(rest, ' ');
  change.new_mode = Take(rest, ' ');
  change.old_blob = Take(rest, ' ');
  change.new_blob = Take(rest, ' ');
  change.status = rest.empty() ? '\0' : rest[0];
  if (change.status == 'R') {
    GREFFE_CLIENT_RETURN_IF_ERROR(log_->ReadUntil('\0', change.previous_path).status());
  }
  return log_->ReadUntil('\0', change.path).status();
}

absl::StatusOr<std::unique_ptr<GitBlobs>> GitBlobs::Open(const std::string& folder) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(auto process, GitProcess::Start({"-C", folder, "cat-file", "--batch"}, true));
  return std::unique_ptr<GitBlobs>(new GitBlobs(std::move(process)));
}

absl::Status GitBlobs::Send() {
  std::string lines;
  while (!waiting_.empty() && sent_ < kBlobsAtATime) {
    lines += waiting_.front() + "\n";
    waiting_.pop_front();
    ++sent_;
  }
  return lines.empty() ? absl::OkStatus() : process_->Write(lines);
}

absl::StatusOr<std::int64_t> GitBlobs::Next() {
  GREFFE_CLIENT_RETURN_IF_ERROR(Send());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t size, ReadBlobSize(*process_));
  left_ = static_cast<std::size_t>(size);
  --sent_;
  if (left_ == 0) {
    std::string end;
    GREFFE_CLIENT_RETURN_IF_ERROR(process_->ReadExactly(1, end));
    return 0;
  }
  return static_cast<std::int64_t>(left_);
}

absl::Status GitBlobs::Read(std::size_t count, std::string& data) {
  GREFFE_CLIENT_RETURN_IF_ERROR(process_->ReadExactly(count, data));
  left_ -= count;
  if (left_ > 0) return absl::OkStatus();
  std::string end;
  return process_->ReadExactly(1, end);
}

absl::StatusOr<std::unique_ptr<GitBlobSizes>> GitBlobSizes::Open(const std::string& folder) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(auto process, GitProcess::Start({"-C", folder, "cat-file", "--batch-check"}, true));
  return std::unique_ptr<GitBlobSizes>(new GitBlobSizes(std::move(process)));
}

absl::StatusOr<std::vector<std::int64_t>> GitBlobSizes::Of(const std::vector<std::string>& blobs) {
  std::vector<std::int64_t> sizes;
  while (sizes.size() < blobs.size()) {
    const std::size_t end = std::min(blobs.size(), sizes.size() + kBlobsAtATime);
    std::string lines;
    for (std::size_t i = sizes.size(); i < end; ++i) lines += blobs[i] + "\n";
    GREFFE_CLIENT_RETURN_IF_ERROR(process_->Write(lines));
    while (sizes.size() < end) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::int64_t size, ReadBlobSize(*process_));
      sizes.push_back(size);
    }
  }
  return sizes;
}

}  // namespace greffe::cli
