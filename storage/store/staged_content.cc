#include "storage/store/staged_content.h"

#include <utility>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/media_type.h"
#include "storage/git/repository.h"

namespace greffe {

absl::StatusOr<StagedContent> StageBytes(std::string data, const std::string& file_name, const std::string& media_type,
                                         const std::string& field) {
  StagedContent content;
  absl::StatusOr<Oid> oid = HashForeignBlob(data);
  if (!oid.ok()) return InvalidField(field, "CONTENT_COLLISION", std::string(oid.status().message()));
  content.file.set_oid(oid->Hex());
  content.file.set_sha256(Sha256Of(data).Hex());
  content.file.set_size(static_cast<std::int64_t>(data.size()));
  content.file.set_media_type(media_type.empty() ? MediaTypeOf(file_name, data) : media_type);
  content.data = std::make_shared<const std::string>(std::move(data));
  return content;
}

}  // namespace greffe
