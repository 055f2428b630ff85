// Uploads: content that is too large for a request.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/content_source.h"

namespace greffe::client {

// Uploads `content`, 1 byte or more, into the project `parent` (`projects/{id}`) and answers the complete upload, for
// a FileSource to name. A stream that breaks off is taken up where the server says it ended, as often as it makes
// progress; a chunk that arrived damaged is sent again. DATA_LOSS (CHECKSUM_MISMATCH) when the server has other bytes
// in the end than were read here. What could not be completed is given up, or expires where the server is away; who
// wants to go on with it later makes the upload himself and calls ResumeUpload.
absl::StatusOr<v1::Upload> UploadContent(Client& client, const std::string& parent, const ContentSource& content,
                                         const TransferProgress& progress = {});

// The same for an upload that was begun before, perhaps by another process. FAILED_PRECONDITION (LOCAL_FILE_CHANGED)
// when `content` is not as large as was announced.
absl::StatusOr<v1::Upload> ResumeUpload(Client& client, const std::string& name, const ContentSource& content,
                                        const TransferProgress& progress = {});

// Deletes uploads that nothing will name any more; "" stands for none. Best effort: what is left expires.
void GiveUploadsUp(Client& client, const std::vector<std::string>& names);

}  // namespace greffe::client
