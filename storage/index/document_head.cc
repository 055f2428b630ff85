#include "storage/index/document_head.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "storage/index/state.h"

namespace greffe {

absl::StatusOr<DocumentHead> DocumentHead::Decode(std::string_view row) {
  using Wire = google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(row.data()),
                                               static_cast<int>(row.size()));
  DocumentHead head;
  bool whole = true;
  while (const std::uint32_t tag = input.ReadTag()) {
    std::uint64_t number = 0;
    switch (Wire::GetTagFieldNumber(tag)) {
      case v1::Document::kNameFieldNumber:
        whole = Wire::ReadString(&input, &head.name);
        break;
      case v1::Document::kTitleFieldNumber:
        whole = Wire::ReadString(&input, &head.title);
        break;
      case v1::Document::kStateFieldNumber:
        whole = input.ReadVarint64(&number);
        head.state = static_cast<v1::DocumentState>(number);
        break;
      case v1::Document::kSequenceFieldNumber:
        whole = input.ReadVarint64(&number);
        head.sequence = static_cast<std::int64_t>(number);
        break;
      default:
        whole = Wire::SkipField(&input, tag);
    }
    if (!whole) break;
  }
  if (!whole || !input.ConsumedEntireMessage()) return DamagedRow("Document");
  return head;
}

}  // namespace greffe
