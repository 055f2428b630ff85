#include <gtest/gtest.h>

#include <fstream>

#include "services/transmittals/crc_table.h"
#include "services/transmittals/package.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr char kTransmittal[] = "projects/apollo/transmittals/TRM-0001";

std::string VersionNamed(const std::string& number, const std::string& version) {
  return "projects/apollo/documents/" + number + "/versions/" + version;
}

class TransmittalsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    v1::CheckInRequest request = NewAt("specs/a.md", "one\n");  // SPC-0001
    v1::FileSource& companion = *request.mutable_item()->add_companions();
    companion.set_role(v1::FILE_ROLE_RENDITION);
    companion.set_file_name("a.pdf");
    companion.set_data("%PDF-1.4 of a");
    CheckIn(request);
    CheckIn(NewAt("notes/b.md", "b"));  // SPC-0002
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  static v1::CreateTransmittalRequest Asking(const std::vector<std::string>& versions) {
    v1::CreateTransmittalRequest request;
    request.set_parent("projects/apollo");
    v1::Transmittal& transmittal = *request.mutable_transmittal();
    transmittal.set_title("For tender");
    transmittal.set_reason(v1::TRANSMITTAL_REASON_APPROVAL);
    transmittal.set_response_due("2199-03-31");
    transmittal.add_recipients()->set_id("acme");
    transmittal.add_recipients()->set_id("zenith");
    for (const std::string& version : versions) request.add_versions(version);
    return request;
  }
  v1::Transmittal Create(const v1::CreateTransmittalRequest& request) {
    return Call(*transmittals_, &v1::Transmittals::Stub::CreateTransmittal, request);
  }
  v1::Transmittal Get(const std::string& name = kTransmittal) {
    v1::GetTransmittalRequest request;
    request.set_name(name);
    return Call(*transmittals_, &v1::Transmittals::Stub::GetTransmittal, request);
  }
  v1::Transmittal Acknowledge(const std::string& recipient, bool responded, const std::string& comment = "") {
    v1::AcknowledgeTransmittalRequest request;
    request.set_name(kTransmittal);
    request.set_recipient(recipient);
    request.set_responded(responded);
    request.set_comment(comment);
    return Call(*transmittals_, &v1::Transmittals::Stub::AcknowledgeTransmittal, request);
  }
  int Count(const std::string& filter) {
    v1::ListTransmittalsRequest request;
    request.set_parent("projects/apollo");
    request.set_filter(filter);
    const auto page = Call(*transmittals_, &v1::Transmittals::Stub::ListTransmittals, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return page.transmittals_size();
  }
  v1::CompareTransmittalResponse Compare(std::int64_t sequence = 0) {
    v1::CompareTransmittalRequest request;
    request.set_name(kTransmittal);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*transmittals_, &v1::Transmittals::Stub::CompareTransmittal, request);
  }
  std::string Download(std::int64_t offset = 0) {
    v1::DownloadTransmittalRequest request;
    request.set_name(kTransmittal);
    request.set_offset(offset);
    grpc::ClientContext context;
    auto stream = transmittals_->DownloadTransmittal(&context, request);
    std::string bytes;
    v1::DownloadTransmittalResponse piece;
    while (stream->Read(&piece)) {
      EXPECT_EQ(piece.offset(), offset + static_cast<std::int64_t>(bytes.size()));
      EXPECT_EQ(piece.crc32c(), Crc32c(piece.data()));
      if (piece.size() > 0) size_ = piece.size();
      bytes += piece.data();
      empty_pieces_ += piece.data().empty() ? 1 : 0;
    }
    status_ = stream->Finish();
    return bytes;
  }

  std::int64_t size_ = 0;
  int empty_pieces_ = 0;
};

TEST_F(TransmittalsTest, ADispatchIsNumberedAndNamesExactVersions) {
  principal_ = "ada";
  const v1::Transmittal sent = Create(Asking({VersionNamed("SPC-0001", "latest"), VersionNamed("SPC-0002", "1")}));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(sent.name(), kTransmittal);
  EXPECT_EQ(sent.sender(), "ada");
  EXPECT_EQ(sent.items(0).version(), VersionNamed("SPC-0001", "1"));
  EXPECT_EQ(sent.items(0).path(), "specs/a.md");
  EXPECT_EQ(sent.items(0).manifest_sha256().size(), 64u);
  EXPECT_EQ(sent.state(), v1::TRANSMITTAL_STATE_SENT);
  EXPECT_EQ(sent.open_due_date(), "2199-03-31");
  EXPECT_EQ(sent.unanswered_size(), 2);
  EXPECT_EQ(Get().DebugString(), sent.DebugString());
  EXPECT_EQ(Create(Asking({VersionNamed("SPC-0002", "1")})).name(), "projects/apollo/transmittals/TRM-0002");
}

TEST_F(TransmittalsTest, AcknowledgementsAndAnswersCloseIt) {
  Create(Asking({VersionNamed("SPC-0001", "1")}));
  EXPECT_EQ(Count("open_due_date < \"2200-01-01\" AND open_due_date != \"\""), 1);
  EXPECT_EQ(Count("open_due_date < \"2100-01-01\" AND open_due_date != \"\""), 0);
  EXPECT_EQ(Acknowledge("acme", false).state(), v1::TRANSMITTAL_STATE_SENT);
  Acknowledge("acme", false);
  EXPECT_EQ(Reason(), "ALREADY_ACKNOWLEDGED");
  Acknowledge("nobody", false);
  EXPECT_EQ(Reason(), "RECIPIENT_NOT_FOUND");
  principal_ = "zenith";
  v1::Transmittal now = Acknowledge("", true, "no objection");
  EXPECT_EQ(now.state(), v1::TRANSMITTAL_STATE_RECEIVED);
  EXPECT_EQ(now.unanswered(0), "acme");
  EXPECT_EQ(now.acknowledgements(1).comment(), "no objection");
  EXPECT_EQ(Count("unanswered : acme"), 1);
  now = Acknowledge("acme", true);
  EXPECT_EQ(now.state(), v1::TRANSMITTAL_STATE_CLOSED);
  EXPECT_EQ(now.open_due_date(), "");
  EXPECT_EQ(now.acknowledgements(2).principal(), "zenith");
  EXPECT_EQ(Count("state = CLOSED"), 1);
  EXPECT_EQ(Count("open_due_date < \"2200-01-01\" AND open_due_date != \"\""), 0);
}

TEST_F(TransmittalsTest, WhatHasChangedSinceIsTold) {
  CheckIn(NewAt("c.md", "c"));  // SPC-0003
  CheckIn(NewAt("d.md", "d"));  // SPC-0004
  CheckIn(NewAt("e.md", "e"));  // SPC-0005
  Create(Asking({VersionNamed("SPC-0001", "1"), VersionNamed("SPC-0002", "1"), VersionNamed("SPC-0003", "1"),
                 VersionNamed("SPC-0004", "1"), VersionNamed("SPC-0005", "1")}));
  EXPECT_EQ(Compare().changed_count(), 0);
  const std::int64_t then = Compare().sequence();
  CheckIn(Next("SPC-0002", "b2"));
  CheckIn(Next("SPC-0003", "c2"));
  v1::ReleaseVersionRequest release;
  release.set_name(VersionNamed("SPC-0003", "2"));
  Call(*versions_, &v1::Versions::Stub::ReleaseVersion, release);
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name("projects/apollo/documents/SPC-0004");
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  v1::ObsoleteVersionRequest obsolete;
  obsolete.set_name(VersionNamed("SPC-0005", "1"));
  obsolete.set_comment("wrong");
  Call(*versions_, &v1::Versions::Stub::ObsoleteVersion, obsolete);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto changes = Compare();
  EXPECT_EQ(changes.changed_count(), 4);
  EXPECT_EQ(changes.changes(0).kind(), v1::TRANSMITTAL_CHANGE_KIND_CURRENT);
  EXPECT_EQ(changes.changes(1).kind(), v1::TRANSMITTAL_CHANGE_KIND_NEWER);
  EXPECT_EQ(changes.changes(1).latest_version(), 2);
  EXPECT_EQ(changes.changes(2).kind(), v1::TRANSMITTAL_CHANGE_KIND_SUPERSEDED);
  EXPECT_EQ(changes.changes(2).released_version(), 2);
  EXPECT_EQ(changes.changes(3).kind(), v1::TRANSMITTAL_CHANGE_KIND_WITHDRAWN);
  EXPECT_EQ(changes.changes(4).kind(), v1::TRANSMITTAL_CHANGE_KIND_OBSOLETE);
  EXPECT_EQ(Compare(then).changed_count(), 0);
}

TEST_F(TransmittalsTest, ThePackageOpensChecksAndResumesAnywhere) {
  Create(Asking({VersionNamed("SPC-0001", "1"), VersionNamed("SPC-0002", "1")}));
  CheckIn(Next("SPC-0001", "changed"));
  const std::string package = Download();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(size_, static_cast<std::int64_t>(package.size()));
  const std::string file = directory_.path() + "/TRM-0001.zip";
  std::ofstream(file, std::ios::binary) << package;
  const std::string opened = directory_.path() + "/opened";
  const ShellResult extracted = Shell(
      "python3 -c 'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); "
      "assert z.testzip() is None; z.extractall(sys.argv[2])' " +
      file + " " + opened);
  ASSERT_EQ(extracted.exit_code, 0) << extracted.output;
  const ShellResult checked = Shell("cd " + opened + "/TRM-0001 && sha256sum -c SHA256SUMS && cat files/specs/a.md");
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  EXPECT_EQ(checked.output, "files/specs/a.md: OK\nfiles/specs/a.md.renditions/a.pdf: OK\nfiles/notes/b.md: OK\none\n");
  Acknowledge("acme", false);
  for (const std::size_t offset : {std::size_t{1}, package.size() / 2, package.size() - 1, package.size()}) {
    EXPECT_EQ(Download(static_cast<std::int64_t>(offset)), package.substr(offset)) << offset;
  }
  Download(static_cast<std::int64_t>(package.size()) + 1);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

// CRCs are of whole contents, and come before them: who gives up and asks again needs them again.
TEST_F(TransmittalsTest, APackageThatNobodyWaitsForIsLeftAndTheNextOneGetsFurther) {
  const v1::Transmittal transmittal = Create(Asking({VersionNamed("SPC-0001", "1"), VersionNamed("SPC-0002", "1")}));
  const auto view = server_->store().View("apollo");
  ASSERT_TRUE(view.ok()) << view.status();
  CrcTable crcs;
  int looks = 0;
  int patience = 3;
  const auto gone = [&] { return ++looks > patience; };
  const auto read_all = [&](std::string& bytes) {
    looks = 0;
    auto package = TransmittalPackage::Open(server_->store(), *view, transmittal, crcs, gone);
    EXPECT_TRUE(package.ok()) << package.status();
    bytes.resize(static_cast<std::size_t>((*package)->size()));
    return (*package)->Read(0, (*package)->size(), bytes.data(), limits_.turn_bytes).status();
  };
  std::string bytes;
  EXPECT_TRUE(absl::IsCancelled(read_all(bytes)));
  EXPECT_EQ(looks, 4) << "two texts, one file, and no further";
  EXPECT_TRUE(absl::IsCancelled(read_all(bytes)));
  EXPECT_EQ(looks, 4) << "two texts, the next file, and no further";
  patience = 100;
  EXPECT_TRUE(read_all(bytes).ok());
  EXPECT_EQ(bytes, Download());
}

// The directory, at the end, has the CRCs of all members.
TEST_F(TransmittalsTest, WhoWaitsForChecksumsSeesThatTheyAreMade) {
  Create(Asking({VersionNamed("SPC-0001", "1"), VersionNamed("SPC-0002", "1")}));
  const std::string package = Download();
  const auto end = static_cast<std::int64_t>(package.size()) - 1;
  Stop();
  limits_.turn_bytes = 1;
  Start();
  empty_pieces_ = 0;
  EXPECT_EQ(Download(end), package.substr(static_cast<std::size_t>(end)));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(empty_pieces_, 4) << "each but the last of five members takes a turn";
  EXPECT_EQ(size_, static_cast<std::int64_t>(package.size())) << "the first piece says it, empty or not";
  EXPECT_EQ(Download(), package);
}

TEST(CrcTableTest, HoldsTheNewest) {
  CrcTable table(2);
  table.Keep("a", 1);
  table.Keep("b", 2);
  table.Keep("a", 1);
  table.Keep("c", 3);
  EXPECT_FALSE(table.Find("a").has_value());
  EXPECT_EQ(table.Find("b"), 2u);
  EXPECT_EQ(table.Find("c"), 3u);
}

TEST_F(TransmittalsTest, WhatCannotBeSentIsNamed) {
  const auto refused = [&](const v1::CreateTransmittalRequest& request, const std::string& reason) {
    Create(request);
    EXPECT_EQ(Reason(), reason) << status_.error_message();
  };
  refused(Asking({VersionNamed("SPC-0001", "9")}), "VERSION_NOT_FOUND");
  refused(Asking({VersionNamed("SPC-0001", "released")}), "NOTHING_RELEASED");
  refused(Asking({VersionNamed("SPC-0001", "1"), VersionNamed("SPC-0001", "latest")}), "FIELD_INVALID");
  refused(Asking({}), "FIELD_INVALID");
  refused(Asking({"projects/other/documents/SPC-0001/versions/1"}), "FIELD_INVALID");
  v1::CreateTransmittalRequest request = Asking({VersionNamed("SPC-0001", "1")});
  request.mutable_transmittal()->set_response_due("2001-01-01");
  refused(request, "DATE_IN_PAST");
  EXPECT_EQ(Field(), "transmittal.response_due");
  request.mutable_transmittal()->set_response_due("31/03/2199");
  refused(request, "DATE_INVALID");
  request.mutable_transmittal()->clear_response_due();
  request.mutable_transmittal()->add_recipients()->set_id("acme");
  Create(request);
  EXPECT_EQ(Field(), "transmittal.recipients.id");
  request.mutable_transmittal()->clear_recipients();
  Create(request);
  EXPECT_EQ(Field(), "transmittal.recipients");
  Get();
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
}

TEST_F(TransmittalsTest, ARepeatedRequestIsDoneOnceAndAllComesBackWithAnIndexMadeAnew) {
  v1::CreateTransmittalRequest request = Asking({VersionNamed("SPC-0001", "1")});
  request.set_request_id("send-1");
  const v1::Transmittal sent = Create(request);
  EXPECT_EQ(Create(request).DebugString(), sent.DebugString());
  Acknowledge("acme", true, "fine");
  const v1::Transmittal now = Get();
  const std::string package = Download();
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Get().DebugString(), now.DebugString());
  EXPECT_EQ(Create(request).DebugString(), sent.DebugString());
  EXPECT_EQ(Download(), package);
  EXPECT_EQ(Compare().changes_size(), 1);
  EXPECT_EQ(Count("unanswered : zenith"), 1);
}

// Records other than documents are compared by what they were at the two moments.
TEST_F(TransmittalsTest, BaselinesTellWhichRecordsDiffer) {
  Create(Asking({VersionNamed("SPC-0001", "1")}));
  v1::CreateBaselineRequest freeze;
  freeze.set_parent("projects/apollo");
  freeze.set_baseline_id("G1");
  freeze.mutable_baseline()->set_reason("gate");
  Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, freeze);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Acknowledge("acme", true);
  Acknowledge("zenith", false);
  Create(Asking({VersionNamed("SPC-0002", "1")}));
  v1::CompareBaselineRecordsRequest request;
  request.set_base("projects/apollo/baselines/G1");
  const auto both = Call(*baselines_, &v1::Baselines::Stub::CompareBaselineRecords, request);
  ASSERT_EQ(both.differences_size(), 2) << both.DebugString();
  EXPECT_EQ(both.differences(0).record(), kTransmittal);
  EXPECT_EQ(both.differences(0).kind(), v1::BASELINE_DIFFERENCE_KIND_CHANGED);
  EXPECT_EQ(both.differences(0).base_state(), "SENT");
  EXPECT_EQ(both.differences(0).target_state(), "RECEIVED");
  ASSERT_EQ(both.differences(0).fields_size(), 1);
  EXPECT_EQ(both.differences(0).fields(0), "acknowledgements");
  EXPECT_EQ(both.differences(1).kind(), v1::BASELINE_DIFFERENCE_KIND_ADDED);
  request.set_page_size(1);
  const auto first = Call(*baselines_, &v1::Baselines::Stub::CompareBaselineRecords, request);
  ASSERT_EQ(first.differences_size(), 1);
  request.set_page_token(first.next_page_token());
  const auto second = Call(*baselines_, &v1::Baselines::Stub::CompareBaselineRecords, request);
  EXPECT_EQ(second.differences(0).DebugString(), both.differences(1).DebugString());
  EXPECT_TRUE(second.next_page_token().empty());
  request.clear_page_token();
  request.add_collections("versions");
  EXPECT_EQ(Call(*baselines_, &v1::Baselines::Stub::CompareBaselineRecords, request).differences_size(), 0);
  request.add_collections("nonsense");
  Call(*baselines_, &v1::Baselines::Stub::CompareBaselineRecords, request);
  EXPECT_EQ(Field(), "collections");
}

// A record that no message holds could be read by nobody.
TEST_F(TransmittalsTest, LongAcknowledgementsStopBeforeTheRecordIsTooLargeToRead) {
  Create(Asking({VersionNamed("SPC-0001", "1")}));
  std::string comment;
  for (int i = 0; i < 10'000; ++i) comment += "\U0001F4DD";
  int taken = 0;
  while (taken < 200) {
    Acknowledge("acme", false, comment);
    if (!status_.ok()) break;
    ++taken;
  }
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "RECORD_FULL");
  EXPECT_EQ(Metadata("resource"), kTransmittal);
  EXPECT_GT(taken, 30);
  EXPECT_EQ(Get().acknowledgements_size(), taken);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Count(""), 1);
  // It can still be closed.
  Acknowledge("acme", true);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Acknowledge("zenith", true).state(), v1::TRANSMITTAL_STATE_CLOSED);
}

TEST_F(TransmittalsTest, TheRequestIdOfOneCallerDoesNotAnswerAnother) {
  Create(Asking({VersionNamed("SPC-0001", "1")}));
  v1::AcknowledgeTransmittalRequest request;
  request.set_name(kTransmittal);
  request.set_recipient("acme");
  request.set_comment("received");
  request.set_request_id("TRM1-ack");
  const auto acknowledge = [&](const std::string& principal) {
    principal_ = principal;
    return Call(*transmittals_, &v1::Transmittals::Stub::AcknowledgeTransmittal, request);
  };
  const v1::Transmittal acknowledged = acknowledge("ada");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(acknowledge("ada").DebugString(), acknowledged.DebugString());
  acknowledge("bob");
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace greffe
