#include "services/tables/import_digest.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "services/call/unary.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

// What comes before the data's bytes in the serialized message.
std::string DataHeader(std::size_t bytes) {
  using google::protobuf::internal::WireFormatLite;
  std::string header;
  {
    google::protobuf::io::StringOutputStream output(&header);
    google::protobuf::io::CodedOutputStream coded(&output);
    coded.WriteTag(
        WireFormatLite::MakeTag(v1::ImportTableRequest::kDataFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
    coded.WriteVarint32(static_cast<std::uint32_t>(bytes));
  }
  return header;
}

}  // namespace

std::string ImportDigest(const v1::ImportTableRequest& rest, std::string_view data) {
  static_assert(v1::ImportTableRequest::kParentFieldNumber == 1 && v1::ImportTableRequest::kDataFieldNumber == 2,
                "fields are serialized by their numbers: before the data comes the parent alone");
  v1::ImportTableRequest before;
  before.set_parent(rest.parent());
  v1::ImportTableRequest after = rest;
  after.clear_parent();
  after.clear_request_id();
  Sha256Hasher hasher;
  hasher.Update(rest.GetTypeName() + "\n" + SerializeDeterministically(before));
  if (!data.empty()) {
    hasher.Update(DataHeader(data.size()));
    hasher.Update(data);
  }
  hasher.Update(SerializeDeterministically(after));
  return hasher.Finish().Hex().substr(0, 16);
}

}  // namespace greffe
