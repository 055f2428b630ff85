#include "storage/base/errors.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "google/rpc/error_details.pb.h"

namespace greffe {
namespace {

TEST(ErrorsTest, ReasonAndMetadataComeBack) {
  const absl::Status status =
      Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "etag is \"a\"", {{"current_etag", "a"}});
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
  EXPECT_EQ(ErrorMetadataOf(status, "current_etag"), "a");
  EXPECT_EQ(ErrorMetadataOf(status, "other"), "");
}

TEST(ErrorsTest, FieldPrefixReachesMessageMetadataAndViolations) {
  const absl::Status status = WithFieldPrefix(InvalidField("path", "PATH_INVALID", "is empty"), "items[3].");
  EXPECT_EQ(std::string(status.message()), "items[3].path: is empty");
  EXPECT_EQ(ErrorMetadataOf(status, "field"), "items[3].path");
  google::rpc::BadRequest request;
  ASSERT_TRUE(request.ParseFromString(std::string(*status.GetPayload("type.googleapis.com/google.rpc.BadRequest"))));
  ASSERT_EQ(request.field_violations_size(), 1);
  EXPECT_EQ(request.field_violations(0).field(), "items[3].path");
}

TEST(ErrorsTest, FullDiskIsResourceExhausted) {
  const absl::Status status = FromErrno(ENOSPC, "write", "/x");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "DISK_FULL");
}

TEST(ErrorsTest, WhatTheProcessLacksIsNotTheFilesFault) {
  for (const int error : {EMFILE, ENFILE, ENOMEM}) EXPECT_EQ(ReasonOf(FromErrno(error, "open", "/x")), "SYSTEM_LIMIT");
  const absl::Status status = FromErrno(EACCES, "open", "/x");
  EXPECT_EQ(ReasonOf(status), "IO_ERROR");
  EXPECT_EQ(ErrorMetadataOf(status, "path"), "/x");
}

}  // namespace
}  // namespace greffe
