#include "storage/base/record_bytes.h"

#include <gtest/gtest.h>

#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::Transmittal WithMessage(std::size_t bytes) {
  v1::Transmittal transmittal;
  transmittal.set_name("projects/apollo/transmittals/TRM-0001");
  transmittal.set_message(std::string(bytes, 'x'));
  return transmittal;
}

TEST(RecordBytesTest, WhatGrowsAboveTheBoundIsRefusedByName) {
  EXPECT_TRUE(CheckRecordBytes(WithMessage(kMaxRecordBytes - 1000), nullptr).ok());
  const v1::Transmittal large = WithMessage(kMaxRecordBytes);
  EXPECT_EQ(ReasonOf(CheckRecordBytes(large, nullptr)), "RECORD_FULL");
  const v1::Transmittal small = WithMessage(10);
  const absl::Status grown = CheckRecordBytes(large, &small);
  EXPECT_EQ(grown.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorMetadataOf(grown, "resource"), large.name());
}

TEST(RecordBytesTest, WhatIsLargeAlreadyMayStaySo) {
  const v1::Transmittal larger = WithMessage(kMaxRecordBytes + 2);
  const v1::Transmittal large = WithMessage(kMaxRecordBytes + 1);
  EXPECT_TRUE(CheckRecordBytes(large, &larger).ok());
  EXPECT_TRUE(CheckRecordBytes(large, &large).ok());
  EXPECT_FALSE(CheckRecordBytes(larger, &large).ok());
}

TEST(RecordBytesTest, WhatNoAnswerHasDoesNotCount) {
  v1::Baseline baseline;
  baseline.set_name("projects/apollo/baselines/G1");
  for (int i = 0; i < 50'000; ++i) baseline.add_documents()->set_manifest_sha256(std::string(64, 'a'));
  ASSERT_GT(baseline.ByteSizeLong(), kMaxRecordBytes);
  EXPECT_TRUE(CheckRecordBytes(baseline, nullptr).ok());
}

TEST(RecordBytesTest, DocumentsAndProjectsCountToo) {
  v1::Document document;
  document.set_name("projects/apollo/documents/SPC-0001");
  document.mutable_latest_version()->set_comment(std::string(kMaxRecordBytes, 'x'));
  EXPECT_EQ(ErrorMetadataOf(CheckRecordBytes(document, nullptr), "resource"), document.name());
}

TEST(RecordBytesTest, WhatCanBeRepeatedStopsEarlier) {
  EXPECT_TRUE(CheckRoomToRepeat(WithMessage(kMaxRepeatedBytes - 1000)).ok());
  EXPECT_EQ(ReasonOf(CheckRoomToRepeat(WithMessage(kMaxRepeatedBytes))), "RECORD_FULL");
}

}  // namespace
}  // namespace greffe
