#include "clients/cpp/check_in.h"

#include <algorithm>
#include <cstdint>

#include "clients/cpp/macros.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/upload.h"

namespace greffe::client {
namespace {

std::vector<std::string> UploadsOf(const std::vector<PendingFile>& files) {
  std::vector<std::string> names;
  for (const PendingFile& file : files) names.push_back(file.place->upload());
  return names;
}

}  // namespace

absl::Status AttachContents(Client& client, const std::string& parent, std::vector<PendingFile> files,
                            const TransferProgress& progress, const LeaveOut& leave_out) {
  std::stable_sort(files.begin(), files.end(),
                   [](const PendingFile& a, const PendingFile& b) { return a.content->size() < b.content->size(); });
  std::int64_t room = client.options().inline_limit;
  std::int64_t done = 0;
  for (const PendingFile& file : files) {
    const std::int64_t size = file.content->size();
    absl::Status failure;
    if (size <= room) {
      absl::StatusOr<std::string> data = file.content->Read(0, size);
      failure = data.status();
      if (data.ok()) {
        room -= size;
        file.place->set_data(*std::move(data));
      }
    } else {
      const TransferProgress moved = [&](std::int64_t bytes) {
        if (progress) progress(done + bytes);
      };
      const absl::StatusOr<v1::Upload> upload = UploadContent(client, parent, *file.content, moved);
      if (upload.ok()) file.place->set_upload(upload->name());
      failure = upload.status();
    }
    if (!failure.ok() && !(leave_out && leave_out(file, failure))) {
      if (!IsRetryable(failure) || IsServerBusy(failure)) GiveUploadsUp(client, UploadsOf(files));
      return failure;
    }
    done += size;
    if (progress) progress(done);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::CheckInResponse> CheckInContents(Client& client, v1::CheckInRequest& request,
                                                    const std::vector<PendingFile>& files,
                                                    const TransferProgress& progress) {
  GREFFE_CLIENT_RETURN_IF_ERROR(AttachContents(client, request.parent(), files, progress));
  auto response = client.CheckIn(request);
  if (!response.ok() && !IsUndecided(response.status())) GiveUploadsUp(client, UploadsOf(files));
  return response;
}

absl::StatusOr<v1::BatchCheckInResponse> BatchCheckInContents(Client& client, v1::BatchCheckInRequest& request,
                                                              const std::vector<PendingFile>& files,
                                                              const TransferProgress& progress) {
  GREFFE_CLIENT_RETURN_IF_ERROR(AttachContents(client, request.parent(), files, progress));
  auto response = client.BatchCheckIn(request);
  if (!response.ok() && !IsUndecided(response.status())) GiveUploadsUp(client, UploadsOf(files));
  return response;
}

}  // namespace greffe::client
