#include "storage/base/transmittal_rules.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::Transmittal Sent() {
  v1::Transmittal transmittal;
  transmittal.set_title("For tender");
  transmittal.set_response_due("2026-03-31");
  transmittal.add_recipients()->set_id("acme");
  transmittal.add_recipients()->set_id("zenith");
  return transmittal;
}

v1::TransmittalAcknowledgement By(const std::string& recipient, bool responded, const std::string& comment = "") {
  v1::TransmittalAcknowledgement acknowledgement;
  acknowledgement.set_recipient(recipient);
  acknowledgement.set_responded(responded);
  acknowledgement.set_comment(comment);
  return acknowledgement;
}

TEST(TransmittalRulesTest, WhatIsMissingFollowsFromWhatWasAnswered) {
  v1::Transmittal transmittal = Sent();
  CompleteTransmittal(transmittal);
  EXPECT_EQ(transmittal.state(), v1::TRANSMITTAL_STATE_SENT);
  EXPECT_EQ(transmittal.open_due_date(), "2026-03-31");
  ASSERT_TRUE(AddAcknowledgement(transmittal, By("acme", true)).ok()) << "an answer is a receipt too";
  ASSERT_TRUE(AddAcknowledgement(transmittal, By("zenith", false)).ok());
  CompleteTransmittal(transmittal);
  EXPECT_EQ(transmittal.state(), v1::TRANSMITTAL_STATE_RECEIVED);
  ASSERT_EQ(transmittal.unanswered_size(), 1);
  EXPECT_EQ(transmittal.unanswered(0), "zenith");
  ASSERT_TRUE(AddAcknowledgement(transmittal, By("zenith", true)).ok());
  CompleteTransmittal(transmittal);
  EXPECT_EQ(transmittal.state(), v1::TRANSMITTAL_STATE_CLOSED);
  EXPECT_EQ(transmittal.open_due_date(), "");
}

TEST(TransmittalRulesTest, WithoutADueDateAReceiptIsEnough) {
  v1::Transmittal transmittal = Sent();
  transmittal.clear_response_due();
  for (const char* id : {"acme", "zenith"}) ASSERT_TRUE(AddAcknowledgement(transmittal, By(id, false)).ok());
  CompleteTransmittal(transmittal);
  EXPECT_EQ(transmittal.state(), v1::TRANSMITTAL_STATE_CLOSED);
}

TEST(TransmittalRulesTest, NothingNewIsRefused) {
  v1::Transmittal transmittal = Sent();
  EXPECT_EQ(ReasonOf(AddAcknowledgement(transmittal, By("nobody", true))), "RECIPIENT_NOT_FOUND");
  ASSERT_TRUE(AddAcknowledgement(transmittal, By("acme", true)).ok());
  EXPECT_EQ(ReasonOf(AddAcknowledgement(transmittal, By("acme", false))), "ALREADY_ACKNOWLEDGED");
  EXPECT_EQ(ReasonOf(AddAcknowledgement(transmittal, By("acme", true))), "ALREADY_ACKNOWLEDGED");
  EXPECT_TRUE(AddAcknowledgement(transmittal, By("acme", true, "one thing more")).ok());
}

TEST(TransmittalRulesTest, TheMostImportantChangeIsTold) {
  v1::Document document;
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  document.mutable_latest_version()->set_number(1);
  v1::Version sent;
  sent.set_number(1);
  EXPECT_EQ(ChangeOf(document, sent), v1::TRANSMITTAL_CHANGE_KIND_CURRENT);
  document.mutable_latest_version()->set_number(3);
  EXPECT_EQ(ChangeOf(document, sent), v1::TRANSMITTAL_CHANGE_KIND_NEWER);
  document.set_released_version(2);
  EXPECT_EQ(ChangeOf(document, sent), v1::TRANSMITTAL_CHANGE_KIND_SUPERSEDED);
  sent.set_state(v1::VERSION_STATE_OBSOLETE);
  EXPECT_EQ(ChangeOf(document, sent), v1::TRANSMITTAL_CHANGE_KIND_OBSOLETE);
  document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
  EXPECT_EQ(ChangeOf(document, sent), v1::TRANSMITTAL_CHANGE_KIND_WITHDRAWN);
}

TEST(TransmittalRulesTest, OneRecipientsCommentsLeaveRoomForTheOthers) {
  v1::Transmittal transmittal = Sent();
  absl::Status added;
  while (added.ok()) added = AddAcknowledgement(transmittal, By("acme", true, "one thing more"));
  EXPECT_EQ(ReasonOf(added), "TOO_MANY_ACKNOWLEDGEMENTS");
  EXPECT_TRUE(AddAcknowledgement(transmittal, By("zenith", false, "it came")).ok());
  EXPECT_TRUE(AddAcknowledgement(transmittal, By("zenith", true, "agreed")).ok());
}

}  // namespace
}  // namespace greffe
