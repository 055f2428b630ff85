// Contents on their way here, of any size.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/content_source.h"
#include "clients/cpp/pieces.h"

namespace greffe::client {

struct Downloaded {
  v1::Version version;
  v1::File file;
};

// Streams a file or a range of it into `sink`. A stream that breaks off goes on where it ended, in the same version,
// as often as it makes progress; every piece is held against its CRC32C and asked for again when it differs. A whole
// file is held against its SHA-256 in the end: DATA_LOSS (CHECKSUM_MISMATCH) then, after `sink` had all of it.
absl::StatusOr<Downloaded> DownloadContent(Client& client, v1::DownloadContentRequest request, const ContentSink& sink,
                                           const TransferProgress& progress = {});

struct DownloadedPackage {
  std::string file_name;
  std::int64_t size = 0;  // of the whole zip file
};

// Streams a transmittal's zip file, from an offset on, into `sink`. As DownloadContent, but for the hash: the package
// itself lists the SHA-256 of what is in it.
absl::StatusOr<DownloadedPackage> DownloadTransmittal(Client& client, v1::DownloadTransmittalRequest request,
                                                      const ContentSink& sink, const TransferProgress& progress = {});

// Fetches a file whole, in one answer where it is small and as a stream otherwise, into `sink`, and holds it against
// its SHA-256. The answer's `content` is moved out, and `content_omitted` false; when it is `not_modified` the sink was
// not called.
absl::StatusOr<v1::FetchContentResponse> FetchInto(Client& client, const v1::FetchContentRequest& request,
                                                   const ContentSink& sink, const TransferProgress& progress = {});

// Called once for each request, in order of arrival, with the request's index. An error ends the whole.
using FetchedMany = std::function<absl::Status(std::size_t index, absl::StatusOr<v1::FetchContentResponse> response)>;

// Fetches any number of files of one project in as few calls as their sizes allow, and a slow line: a call that takes
// longer than ClientOptions::timeout is made again for half as many, down to one. What a call has no answer for is
// asked for alone, again where that may help. Contents are held against their SHA-256. A file above the inline limit,
// or that no answer has room for, comes with `content_omitted`: DownloadContent has it.
absl::Status FetchMany(Client& client, const std::string& parent, const std::vector<v1::FetchContentRequest>& requests,
                       const FetchedMany& fetched);

}  // namespace greffe::client
