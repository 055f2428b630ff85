#include "clients/cli/folder_fetch.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>
#include <utility>

#include "clients/cli/companion_path.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/download.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/retry.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

// The server judges paths; but a client does not write where a server that is not what it seems tells it to.
bool IsSafe(const std::string& path) {
  if (path.empty() || path[0] == '/' || path.find('\0') != std::string::npos) return false;
  for (const fs::path& part : fs::path(path)) {
    if (part == ".." || part == "." || part.empty()) return false;
  }
  return true;
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? client::FromErrno(error.value(), "make folder", folder) : absl::OkStatus();
}

// Whether something is in the way of one local path, where a full or broken disk would be in that of all.
bool IsOfOnePath(const absl::Status& status) {
  static const std::set<std::string> kOfPath = [] {
    std::set<std::string> numbers;
    for (const int error : {EISDIR, ENOTDIR, EACCES, EPERM, EROFS, ENAMETOOLONG, ELOOP}) {
      numbers.insert(std::to_string(error));
    }
    return numbers;
  }();
  const client::ErrorDetails details = client::DetailsOf(status);
  const auto error = details.metadata.find("errno");
  return details.reason == "LOCAL_FILE_ERROR" && error != details.metadata.end() && kOfPath.contains(error->second);
}

// The same with more words.
absl::Status Prefixed(const absl::Status& status, const std::string& words) {
  absl::Status result(status.code(), words + std::string(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

}  // namespace

bool IsOfOneFile(const absl::Status& status) {
  const std::string reason = client::ReasonOf(status);
  const bool of_disk = reason.starts_with("LOCAL_") && reason != "LOCAL_FILE_EDITED" && !IsOfOnePath(status);
  return !of_disk && reason != "PATH_UNSAFE" && !client::IsRetryable(status) && !absl::IsDeadlineExceeded(status);
}

absl::Status FolderFetch::Plan(FetchTargets& targets) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(parent_, session_.Parent());
  GREFFE_CLIENT_RETURN_IF_ERROR(List(targets));
  if (wanted_.empty() && unreleased_ > 0) {
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "NOTHING_RELEASED",
                             "no document below \"" + options_.source + "\" has a released version");
  }
  if (!wanted_.empty() || options_.source.empty()) return absl::OkStatus();
  return client::MakeError(absl::StatusCode::kNotFound, "FOLDER_EMPTY",
                           "nothing lies below \"" + options_.source + "\"");
}

absl::Status FolderFetch::Write() {
  GREFFE_CLIENT_RETURN_IF_ERROR(MakeFolder(options_.target));
  std::error_code error;
  root_ = fs::canonical(options_.target, error).string();
  if (error) return client::FromErrno(error.value(), "open folder", options_.target);
  Progress progress(session_, "get " + std::to_string(wanted_.size()) + " files", total_);
  GREFFE_CLIENT_RETURN_IF_ERROR(FetchAll(progress));
  progress.Clear();
  if (unreleased_ > 0) {
    session_.Note(std::to_string(unreleased_) + (unreleased_ == 1 ? " document has" : " documents have") +
                  " no released version and " + (unreleased_ == 1 ? "is" : "are") +
                  " left out: " + Printable(first_unreleased_) + (unreleased_ == 1 ? "" : ", ..."));
  }
  if (!session_.json()) {
    session_.out() << saved_ << (saved_ == 1 ? " file, " : " files, ") << SizeText(done_) << " in " << options_.target
                   << " as of sequence " << sequence_ << "\n";
  }
  if (failed_ == 0) return absl::OkStatus();
  return Prefixed(first_failure_, std::to_string(failed_) + " of " + std::to_string(wanted_.size()) +
                                      " files could not be fetched, the first: ");
}

absl::Status FolderFetch::FetchAll(Progress& progress) {
  std::vector<v1::FetchContentRequest> requests;
  for (const Wanted& one : wanted_) requests.push_back(one.request);
  return client::FetchMany(
      session_.client(), parent_, requests, [&](std::size_t index, absl::StatusOr<v1::FetchContentResponse> response) {
        const Wanted& one = wanted_[index];
        const absl::Status status = response.ok() ? Save(one, *std::move(response), progress) : response.status();
        if (status.ok()) ++saved_;
        if (status.ok() || !IsOfOneFile(status)) return status;
        const absl::Status failure = Prefixed(status, one.path + ": ");
        progress.Clear();
        PrintError(session_, failure);
        if (failed_++ == 0) first_failure_ = failure;
        return absl::OkStatus();
      });
}

absl::Status FolderFetch::List(FetchTargets& targets) {
  v1::ListDocumentsRequest request;
  request.set_parent(parent_);
  request.set_page_size(1000);
  if (options_.as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = options_.as_of;
  std::string source = options_.source;
  if (!source.empty() && source.back() != '/') source += '/';
  if (!source.empty()) request.set_filter("path : " + Quoted(source));
  std::vector<v1::Document> released;
  const auto take = [&](const v1::Document& document) {
    if (!document.has_latest_version()) return absl::OkStatus();
    if (!options_.released) return Want(document, document.latest_version(), source, targets);
    if (document.released_version() == 0) {
      if (unreleased_++ == 0) first_unreleased_ = document.path();
      return absl::OkStatus();
    }
    released.push_back(document);
    if (static_cast<int>(released.size()) < request.page_size()) return absl::OkStatus();
    return WantReleased(std::exchange(released, {}), source, targets);
  };
  GREFFE_CLIENT_ASSIGN_OR_RETURN(sequence_, ForEachDocument(session_, request, take));
  return WantReleased(released, source, targets);
}

// One that is not the latest has to be asked for by itself: several at a time.
absl::Status FolderFetch::WantReleased(const std::vector<v1::Document>& documents, const std::string& folder,
                                       FetchTargets& targets) {
  constexpr std::size_t kThreads = 8;
  std::vector<absl::StatusOr<v1::Version>> versions(documents.size(), v1::Version());
  std::atomic<std::size_t> next = 0;
  const auto ask = [&] {
    for (std::size_t i = next++; i < documents.size(); i = next++) {
      versions[i] = ReleasedVersion(documents[i]);
      if (!versions[i].ok()) next = documents.size();
    }
  };
  std::vector<std::thread> threads;
  while (threads.size() < std::min(kThreads, documents.size())) threads.emplace_back(ask);
  for (std::thread& thread : threads) thread.join();
  // What was not asked for behind a failure is not wanted before it is told.
  for (const auto& version : versions) GREFFE_CLIENT_RETURN_IF_ERROR(version.status());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    GREFFE_CLIENT_RETURN_IF_ERROR(Want(documents[i], *versions[i], folder, targets));
  }
  return absl::OkStatus();
}

absl::Status FolderFetch::Want(const v1::Document& document, const v1::Version& version, const std::string& folder,
                               FetchTargets& targets) {
  const bool strip = options_.strip && document.path().rfind(folder, 0) == 0;
  const std::string path = strip ? document.path().substr(folder.size()) : document.path();
  GREFFE_CLIENT_RETURN_IF_ERROR(WantFile(document, path, version, version.main_file(), targets));
  for (const v1::File& file : version.companions()) {
    GREFFE_CLIENT_RETURN_IF_ERROR(WantFile(document, CompanionPath(path, file), version, file, targets));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Version> FolderFetch::ReleasedVersion(const v1::Document& document) const {
  if (document.released_version() == document.latest_version().number()) return document.latest_version();
  v1::GetVersionRequest request;
  request.set_name(document.name() + "/versions/" + std::to_string(document.released_version()));
  return session_.client().GetVersion(request);
}

absl::Status FolderFetch::WantFile(const v1::Document& document, const std::string& path, const v1::Version& version,
                                   const v1::File& file, FetchTargets& targets) {
  if (!IsSafe(path)) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PATH_UNSAFE",
                             "\"" + path + "\" of \"" + document.path() + "\" leads out of the folder");
  }
  const fs::path local = (fs::path(options_.target) / path).lexically_normal();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(client::ExpectedFile expected, targets.AddFound(local.string(), document));
  Wanted& one = wanted_.emplace_back(Wanted{path, {}, std::move(expected)});
  one.request.set_name(version.name());
  if (&file != &version.main_file()) one.request.set_companion(file.file_name());
  total_ += file.size();
  return absl::OkStatus();
}

// Makes the folder of `path` below the root, and sees that no link leads out of it.
absl::Status FolderFetch::MakeFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
  if (made_.contains(folder)) return absl::OkStatus();
  std::string below = root_;
  for (const fs::path& part : fs::path(folder)) {
    below += "/" + part.string();
    std::error_code error;
    const fs::file_status status = fs::symlink_status(below, error);
    // What is not there yet is an error code too, but a known type.
    if (status.type() == fs::file_type::none) return client::FromErrno(error.value(), "look at", below);
    if (!fs::is_symlink(status)) continue;
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PATH_UNSAFE", "\"" + below + "\" is a link");
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(MakeFolder(below));
  made_.insert(folder);
  return absl::OkStatus();
}

absl::Status FolderFetch::Save(const Wanted& one, v1::FetchContentResponse response, Progress& progress) {
  GREFFE_CLIENT_RETURN_IF_ERROR(MakeFolderOf(one.path));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto file, client::AtomicFile::Create(root_ + "/" + one.path, one.expected));
  if (response.content_omitted()) {
    v1::DownloadContentRequest request;
    request.set_name(response.version().name());
    request.set_companion(one.request.companion());
    const client::ContentSink sink = [&](std::string_view data) { return file->Write(data); };
    GREFFE_CLIENT_RETURN_IF_ERROR(client::DownloadContent(session_.client(), request, sink, [&](std::int64_t bytes) {
                                    progress.Update(done_ + bytes);
                                  }).status());
    response.set_content_omitted(false);
  } else {
    GREFFE_CLIENT_RETURN_IF_ERROR(file->Write(response.content()));
    response.clear_content();
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(file->Commit());
  done_ += response.file().size();
  progress.Update(done_);
  if (session_.json()) session_.PrintJson(response);
  return absl::OkStatus();
}

}  // namespace greffe::cli
