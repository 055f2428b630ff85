// Check-ins of contents of any size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/content_source.h"

namespace greffe::client {

// A file of a request, and the content that it shall have.
struct PendingFile {
  v1::FileSource* place;  // role, file name and media type are the caller's; its source is filled in
  const ContentSource* content;
};

// Told of a file that could not be attached, and why: true when the others are to go on without it.
using LeaveOut = std::function<bool(const PendingFile& file, const absl::Status& failure)>;

// Gives each place its content: inside the request, the smallest first, as long as all together fit the inline limit;
// the others through uploads. Progress counts the bytes of all files, as each is done or moves. After an error that
// `leave_out` does not take the uploads that were begun are given up.
absl::Status AttachContents(Client& client, const std::string& parent, std::vector<PendingFile> files,
                            const TransferProgress& progress = {}, const LeaveOut& leave_out = {});

// AttachContents for places inside `request`, and the check-in. Uploads of a check-in that fails are given up.
absl::StatusOr<v1::CheckInResponse> CheckInContents(Client& client, v1::CheckInRequest& request,
                                                    const std::vector<PendingFile>& files,
                                                    const TransferProgress& progress = {});
absl::StatusOr<v1::BatchCheckInResponse> BatchCheckInContents(Client& client, v1::BatchCheckInRequest& request,
                                                              const std::vector<PendingFile>& files,
                                                              const TransferProgress& progress = {});

}  // namespace greffe::client
