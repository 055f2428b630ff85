#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class ContentsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  std::string Download(const std::string& name, std::int64_t offset, std::int64_t length) {
    grpc::ClientContext context;
    v1::DownloadContentRequest request;
    request.set_name(name);
    request.set_offset(offset);
    request.set_length(length);
    const auto stream = contents_->DownloadContent(&context, request);
    std::string bytes;
    v1::DownloadContentResponse piece;
    while (stream->Read(&piece)) {
      EXPECT_EQ(piece.offset(), offset + static_cast<std::int64_t>(bytes.size()));
      EXPECT_EQ(piece.crc32c(), Crc32c(piece.data()));
      bytes += piece.data();
    }
    status_ = stream->Finish();
    return bytes;
  }
};

TEST_F(ContentsTest, ACheckInThatChangesNothingLeavesNoUpload) {
  const std::string content(1 << 20, 'x');
  const auto upload = [&] {
    v1::CreateUploadRequest create;
    create.set_parent(kProject);
    create.set_size(1 << 20);
    const std::string name = Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name();
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    v1::WriteUploadRequest chunk;
    chunk.set_name(name);
    chunk.set_data(content);
    chunk.set_crc32c(Crc32c(content));
    stream->Write(chunk);
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
    return name;
  };
  const auto is_gone = [&](const std::string& name) {
    v1::GetUploadRequest get;
    get.set_name(name);
    Call(*contents_, &v1::Contents::Stub::GetUpload, get);
    return Reason() == "UPLOAD_NOT_FOUND" && std::filesystem::is_empty(directory_.path() + "/data/uploads");
  };
  auto first = NewAt("big.bin", "");
  first.mutable_item()->mutable_main_file()->set_upload(upload());
  CheckIn(first);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  auto again = Next("SPC-0001", "");
  again.set_request_id("again");
  const std::string second = upload();
  again.mutable_item()->mutable_main_file()->set_upload(second);
  const std::string answer = CheckIn(again).DebugString();
  EXPECT_TRUE(is_gone(second));
  EXPECT_EQ(CheckIn(again).DebugString(), answer) << status_.error_message();
  EXPECT_NE(answer.find("unchanged: true"), std::string::npos);
  // In a batch that makes a commit with its other items.
  v1::BatchCheckInRequest batch;
  batch.set_parent(kProject);
  batch.set_request_id("batch");
  *batch.add_items() = NewAt("small.md", "few").item();
  const std::string third = upload();
  batch.add_items()->set_document(kSpecification);
  batch.mutable_items(1)->mutable_main_file()->set_upload(third);
  const auto done = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  ASSERT_EQ(done.results_size(), 2) << status_.error_message();
  EXPECT_TRUE(done.results(1).unchanged());
  EXPECT_TRUE(is_gone(third));
  const auto replayed = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(replayed.sequence(), done.sequence()) << status_.error_message();
  // Its bytes are gone: another document cannot have them.
  auto other = NewAt("other.bin", "");
  other.mutable_item()->mutable_main_file()->set_upload(second);
  CheckIn(other);
  EXPECT_EQ(Reason(), "UPLOAD_NOT_FOUND");
  // Whatever came since.
  CheckIn(Next("SPC-0001", "more"));
  Stop();
  Start();
  EXPECT_EQ(CheckIn(again).DebugString(), answer) << status_.error_message();
  again.mutable_item()->set_expected_version(1);
  CheckIn(again);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

// Done again, it would take back what came since.
TEST_F(ContentsTest, ACheckInThatChangedNothingIsNotDoneAgain) {
  CheckIn(NewAt("kept.md", "one"));
  v1::CheckInRequest unchanged = Next("SPC-0001", "one");
  unchanged.set_request_id("unchanged-1");
  const v1::CheckInResponse first = CheckIn(unchanged);
  ASSERT_TRUE(first.unchanged()) << status_.error_message();
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_EQ(CheckIn(unchanged).DebugString(), first.DebugString());
  EXPECT_EQ(Fetch(kSpecification).content(), "two");
  Stop();
  Start();
  EXPECT_EQ(CheckIn(unchanged).DebugString(), first.DebugString());
  EXPECT_EQ(Fetch(kSpecification).content(), "two");
  unchanged.mutable_item()->mutable_main_file()->set_data("three");
  CheckIn(unchanged);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

// An `as_of` without a moment means now, which is one moment for all of a batch.
TEST_F(ContentsTest, ABatchSeesOneMomentWhileVersionsAreMade) {
  CheckIn(NewAt("a.md", "0"));
  v1::BatchFetchContentsRequest fetch;
  fetch.set_parent(kProject);
  for (int i = 0; i < 200; ++i) {
    v1::FetchContentRequest& one = *fetch.add_requests();
    one.set_name(kSpecification);
    one.mutable_as_of();
  }
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) {
      grpc::ClientContext context;
      v1::CheckInResponse response;
      EXPECT_TRUE(contents_->CheckIn(&context, Next("SPC-0001", std::to_string(i)), &response).ok());
    }
  });
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool same = true;
  // Until the writer has been at work all the while.
  for (int batches = 0; same && batches < 10'000 && (batches < 20 || last < first + 20); ++batches) {
    const auto answer = Call(*contents_, &v1::Contents::Stub::BatchFetchContents, fetch);
    same = answer.results_size() == fetch.requests_size();
    if (!same) break;
    last = answer.results(0).response().version().number();
    if (first == 0) first = last;
    for (const v1::BatchFetchContentsResult& result : answer.results()) {
      same = same && result.response().version().number() == last;
    }
  }
  stop = true;
  writer.join();
  EXPECT_TRUE(same) << status_.error_message();
  EXPECT_GE(last, first + 20);
}

// Before it takes bytes it reads what it has, which may take long: a turn at a time, here a block.
TEST_F(ContentsTest, AnUploadStreamSaysWhenItTakesBytes) {
  constexpr std::int64_t kPiece = 300'000;
  limits_.turn_bytes = 1;
  Stop();
  Start();
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  create.set_size(2 * kPiece);
  const std::string name = Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name();
  const std::string piece(kPiece, 'x');
  v1::Upload answer;
  for (const std::int64_t offset : {std::int64_t{0}, kPiece}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const auto stream = contents_->WriteUpload(&context, &answer);
    v1::WriteUploadRequest chunk;
    chunk.set_name(name);
    chunk.set_offset(offset);
    ASSERT_TRUE(stream->Write(chunk));
    stream->WaitForInitialMetadata();
    chunk.set_data(piece);
    chunk.set_crc32c(Crc32c(piece));
    EXPECT_TRUE(stream->Write(chunk)) << "the stream is not over";
    stream->WritesDone();
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(answer.received_size(), offset + kPiece);
  }
  EXPECT_EQ(answer.sha256(), Sha256Of(piece + piece).Hex());
}

TEST_F(ContentsTest, AnAuthorWhoseIdIsNotAsciiIsKept) {
  principal_key_ = "greffe-principal-bin";
  principal_ = "h\xc3\xa9l\xc3\xa8ne@example.org";
  const auto made = CheckIn(NewAt("a.md", "one"));
  EXPECT_EQ(made.document().latest_version().author().id(), principal_) << status_.error_message();
}

TEST_F(ContentsTest, FetchesTheLatestAnOlderOneAndNothingThatTheCallerHas) {
  principal_ = "ada";
  const auto first = CheckIn(NewAt("a.md", "one"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(first.document().last_modifier().id(), "ada");
  const std::string name = first.document().name();
  CheckIn(Next("SPC-0001", "two"));
  const auto latest = Fetch(name);
  EXPECT_EQ(latest.content(), "two");
  EXPECT_EQ(latest.version().number(), 2);
  EXPECT_EQ(latest.file().media_type(), "text/markdown");
  EXPECT_EQ(latest.etag(), Sha256Of("two").Hex());
  EXPECT_EQ(Fetch(name + "/versions/1").content(), "one");
  const auto same = Fetch(name, latest.etag());
  EXPECT_TRUE(same.not_modified());
  EXPECT_EQ(same.content(), "");
  EXPECT_EQ(Fetch(name, "another").content(), "two");

  v1::FetchContentRequest then;
  then.set_name(name);
  then.mutable_as_of()->set_sequence(2);
  EXPECT_EQ(Call(*contents_, &v1::Contents::Stub::FetchContent, then).content(), "one");
  Fetch("projects/apollo/documents/SPC-0002");
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  Fetch(name + "/versions/9");
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
}

TEST_F(ContentsTest, CompanionsAreCountedBeforeTheyAreLookedAt) {
  v1::CheckInRequest request = NewAt("a.md", "one");
  for (int i = 0; i < 100'000; ++i) request.mutable_item()->add_companions();
  CheckIn(request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Field(), "item.companions") << "and not the first one, which has no content";
  EXPECT_NE(status_.error_message().find("100000 of them; at most 50"), std::string::npos) << status_.error_message();
}

TEST_F(ContentsTest, ManyFilesAreOneCommitOrNone) {
  v1::BatchCheckInRequest batch;
  batch.set_parent("projects/apollo");
  batch.set_request_id("batch-1");
  for (int i = 0; i < 5; ++i) *batch.add_items() = NewAt("f/" + std::to_string(i) + ".md", std::to_string(i)).item();
  auto* companion = batch.mutable_items(0)->add_companions();
  companion->set_role(v1::FILE_ROLE_RENDITION);
  companion->set_file_name("0.pdf");
  companion->set_data("%PDF-1.7");
  const auto done = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(done.sequence(), 2);
  ASSERT_EQ(done.results_size(), 5);
  EXPECT_EQ(done.results(4).document().path(), "f/4.md");
  const auto again = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(again.SerializeAsString(), done.SerializeAsString()) << "the first answer again";

  batch.set_request_id("batch-2");
  *batch.mutable_items(3) = NewAt("f/0.md", "clash").item();
  for (int i = 0; i < 3; ++i) batch.mutable_items(i)->mutable_new_document()->set_path("g/" + std::to_string(i));
  Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Reason(), "PATH_TAKEN");
  v1::GetProjectRequest get;
  get.set_name("projects/apollo");
  EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::GetProject, get).sequence(), 2);

  v1::FetchContentRequest rendition;
  rendition.set_name("projects/apollo/documents/SPC-0001");
  rendition.set_companion("0.pdf");
  EXPECT_EQ(Call(*contents_, &v1::Contents::Stub::FetchContent, rendition).content(), "%PDF-1.7");
  v1::BatchFetchContentsRequest fetch;
  fetch.set_parent("projects/apollo");
  for (const char* number : {"SPC-0005", "SPC-0099", "SPC-0001"}) {
    fetch.add_requests()->set_name(std::string("projects/apollo/documents/") + number);
  }
  const auto many = Call(*contents_, &v1::Contents::Stub::BatchFetchContents, fetch);
  ASSERT_EQ(many.results_size(), 3);
  EXPECT_EQ(many.results(0).response().content(), "4");
  EXPECT_EQ(many.results(1).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(many.results(2).response().content(), "0");
}

TEST_F(ContentsTest, ADocumentIsInABatchOnceAlsoWhereOneItemMakesIt) {
  v1::BatchCheckInRequest batch;
  batch.set_parent("projects/apollo");
  *batch.add_items() = NewAt("a.md", "one").item();
  batch.mutable_items(0)->set_document_id("SPC-0100");
  *batch.add_items() = Next("SPC-0100", "one").item();
  Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Metadata("field"), "items[1].document");
}

TEST_F(ContentsTest, OfManyFilesAllPathsThatAreInvalidAreNamed) {
  v1::BatchCheckInRequest batch;
  batch.set_parent(kProject);
  for (const char* path : {"h/ok.md", "h/a:b", "h/ok2.md", "h/com1.txt", "CON/x", ".greffe/x"}) {
    *batch.add_items() = NewAt(path, path).item();
  }
  Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(Reason(), "PATH_INVALID");
  EXPECT_EQ(Field(), "items[1].new_document.path") << "that of the first";
  EXPECT_EQ(Metadata("items"), "1:COLON,3:DEVICE_NAME,4:DEVICE_NAME,5:GREFFE_NAME");
  while (batch.items_size() < 1000) *batch.add_items() = NewAt(std::string(1100, '\x7f'), "x").item();
  batch.mutable_items()->SwapElements(0, 999);
  Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  EXPECT_EQ(Reason(), "PATH_INVALID");
  EXPECT_TRUE(Metadata("items").starts_with("0:TOO_LONG,1:COLON,")) << Metadata("items");
  EXPECT_GT(Metadata("items").size(), 1400U) << "as many as trailers hold";
  EXPECT_EQ(Metadata("items").find("..."), std::string::npos) << Metadata("items");
}

TEST_F(ContentsTest, LargeContentGoesUpInPiecesAndComesDownByRange) {
  std::string content(3'500'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761u >> 11);
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  create.set_size(static_cast<std::int64_t>(content.size()));
  create.set_sha256(Sha256Of(content).Hex());
  const auto upload = Call(*contents_, &v1::Contents::Stub::CreateUpload, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  const auto send = [&](std::int64_t offset, std::int64_t end, std::uint32_t crc_error) {
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    while (offset < end) {
      v1::WriteUploadRequest chunk;
      chunk.set_name(upload.name());
      chunk.set_offset(offset);
      chunk.set_data(content.substr(static_cast<std::size_t>(offset), 700'000));
      chunk.set_crc32c(Crc32c(chunk.data()) ^ crc_error);
      if (!stream->Write(chunk)) break;
      offset += static_cast<std::int64_t>(chunk.data().size());
    }
    stream->WritesDone();
    status_ = stream->Finish();
    return answer;
  };
  EXPECT_EQ(send(0, 1'400'000, 0).received_size(), 1'400'000) << "a stream that ends early leaves what came";
  EXPECT_TRUE(status_.ok());
  send(0, 700'000, 0);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Metadata("received_size"), "1400000");
  send(1'400'000, 2'100'000, 1);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Reason(), "CHECKSUM_MISMATCH");
  v1::CheckInRequest early = NewAt("big.bin", "");
  early.mutable_item()->mutable_main_file()->set_upload(upload.name());
  CheckIn(early);
  EXPECT_EQ(Reason(), "UPLOAD_INCOMPLETE");
  const auto complete = send(1'400'000, static_cast<std::int64_t>(content.size()), 0);
  EXPECT_TRUE(complete.complete()) << status_.error_message();
  early.set_request_id("big-1");
  const auto checked_in = CheckIn(early);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(CheckIn(early).SerializeAsString(), checked_in.SerializeAsString()) << "the upload is gone by now";
  early.set_request_id("big-2");
  CheckIn(early);
  EXPECT_EQ(Reason(), "UPLOAD_NOT_FOUND");
  EXPECT_TRUE(Fetch(checked_in.document().name()).content_omitted());

  const auto download = [&](std::int64_t offset, std::int64_t length) {
    return Download(checked_in.document().name(), offset, length);
  };
  EXPECT_EQ(download(0, 0), content);
  EXPECT_EQ(download(1'234'567, 1'500'000), content.substr(1'234'567, 1'500'000));
  EXPECT_EQ(download(static_cast<std::int64_t>(content.size()), 0), "");
  EXPECT_TRUE(status_.ok());
  download(static_cast<std::int64_t>(content.size()) + 1, 0);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

// What one project leaves lying about closes uploads for itself alone.
TEST_F(ContentsTest, UploadsOfOneProjectLeaveRoomForThoseOfOthers) {
  MakeProject("zeus");
  v1::CreateUploadRequest request;
  request.set_parent(kProject);
  request.set_size(1);
  v1::Upload first;
  for (int i = 0; i < 1000; ++i) {
    const auto made = Call(*contents_, &v1::Contents::Stub::CreateUpload, request);
    ASSERT_TRUE(status_.ok()) << i << status_.error_message();
    if (i == 0) first = made;
  }
  Call(*contents_, &v1::Contents::Stub::CreateUpload, request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Reason(), "TOO_MANY_UPLOADS");
  EXPECT_EQ(Metadata("project"), kProject);
  request.set_parent("projects/zeus");
  Call(*contents_, &v1::Contents::Stub::CreateUpload, request);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  v1::DeleteUploadRequest away;
  away.set_name(first.name());
  Call(*contents_, &v1::Contents::Stub::DeleteUpload, away);
  request.set_parent(kProject);
  Call(*contents_, &v1::Contents::Stub::CreateUpload, request);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(ContentsTest, DamageOfALargeContentIsFoundInWhateverRangeTouchesIt) {
  std::string content(3'500'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761u >> 11);
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  create.set_size(static_cast<std::int64_t>(content.size()));
  v1::CheckInRequest check_in = NewAt("big.bin", "");
  const std::string upload = Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name();
  check_in.mutable_item()->mutable_main_file()->set_upload(upload);
  {
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    v1::WriteUploadRequest chunk;
    chunk.set_name(upload);
    for (std::size_t at = 0; at < content.size(); at += 700'000) {
      chunk.set_offset(static_cast<std::int64_t>(at));
      chunk.set_data(content.substr(at, 700'000));
      chunk.set_crc32c(Crc32c(chunk.data()));
      ASSERT_TRUE(stream->Write(chunk));
    }
    stream->WritesDone();
    ASSERT_TRUE(stream->Finish().ok());
  }
  const v1::Document document = CheckIn(check_in).document();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string oid = document.latest_version().main_file().oid();
  const std::string path =
      directory_.path() + "/data/repositories/apollo.git/objects/" + oid.substr(0, 2) + "/" + oid.substr(2);
  ASSERT_EQ(
      Shell("chmod u+w " + path + " && printf DAMAGE | dd of=" + path + " bs=1 seek=1600000 conv=notrunc").exit_code,
      0);
  EXPECT_EQ(Download(document.name(), 0, 900'000), content.substr(0, 900'000));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Download(document.name(), 1'000'000, 2'000'000), content.substr(1'000'000, 48'576)) << "up to the damage";
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Reason(), "DATA_DAMAGED");
  EXPECT_EQ(Download(document.name(), 1'100'000, 5), "") << "its block is damaged, if elsewhere";
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS);
  // A process that has not seen the content yet finds it by the SHA-256 of the whole, whatever is asked for.
  limits_.turn_bytes = 1;
  for (const std::int64_t offset : {0, 2'000'000}) {
    Stop();
    Start();
    EXPECT_EQ(Download(document.name(), offset, 5), "") << offset;
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS) << offset;
  }
  Stop();
  Start();
  Download(document.name(), 0, 0);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Reason(), "DATA_DAMAGED");
}

TEST_F(ContentsTest, ARepeatedRequestGivesTheFirstAnswerAlsoAfterARestart) {
  v1::CheckInRequest request = NewAt("a.md", "text");
  request.set_request_id("r-1");
  const auto first = CheckIn(request);
  CheckIn(Next("SPC-0001", "later"));
  Stop();
  Start();
  const auto again = CheckIn(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  request.mutable_item()->mutable_main_file()->set_data("other");
  CheckIn(request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

class LargeDiffsTest : public ContentsTest {
 protected:
  LargeDiffsTest() { limits_.diff_bytes = 16 << 20; }

  // A complete upload of it.
  std::string Uploaded(const std::string& text) {
    constexpr std::size_t kPiece = 1'000'000;
    v1::CreateUploadRequest create;
    create.set_parent(kProject);
    create.set_size(static_cast<std::int64_t>(text.size()));
    const std::string name = Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name();
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    for (std::size_t at = 0; at < text.size(); at += kPiece) {
      v1::WriteUploadRequest piece;
      piece.set_name(name);
      piece.set_offset(static_cast<std::int64_t>(at));
      piece.set_data(text.substr(at, kPiece));
      piece.set_crc32c(Crc32c(piece.data()));
      stream->Write(piece);
    }
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_TRUE(answer.complete());
    return name;
  }
};

TEST_F(LargeDiffsTest, ADiffThatAMessageDoesNotHoldIsLeftOut) {
  std::string before;
  std::string after;
  for (int i = 0; before.size() < 2'500'000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  v1::CheckInRequest first = NewAt("a.md", "");
  first.mutable_item()->mutable_main_file()->set_upload(Uploaded(before));
  CheckIn(first);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::CheckInRequest second = Next("SPC-0001", "");
  second.mutable_item()->mutable_main_file()->set_upload(Uploaded(after));
  CheckIn(second);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::CompareVersionsRequest request;
  request.set_base("projects/apollo/documents/SPC-0001/versions/1");
  request.set_target("projects/apollo/documents/SPC-0001/versions/2");
  const auto response = Call(*versions_, &v1::Versions::Stub::CompareVersions, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(response.diff_omitted(), v1::DIFF_OMITTED_TOO_LARGE);
  EXPECT_EQ(response.unified_diff(), "");
  EXPECT_GT(response.lines_added(), 100'000);
}

TEST_F(ContentsTest, ComparesVersionsAsText) {
  CheckIn(NewAt("a.md", "a\nb\nc\n"));
  CheckIn(Next("SPC-0001", "a\nB\nc\n"));
  v1::CompareVersionsRequest request;
  request.set_base("projects/apollo/documents/SPC-0001/versions/1");
  request.set_target("projects/apollo/documents/SPC-0001/versions/2");
  const auto response = Call(*versions_, &v1::Versions::Stub::CompareVersions, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_NE(response.unified_diff().find("-b\n+B\n"), std::string::npos) << response.unified_diff();
  EXPECT_EQ(response.lines_added(), 1);
  CheckIn(Next("SPC-0001", std::string("\0\1", 2)));
  request.set_target("projects/apollo/documents/SPC-0001/versions/3");
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::CompareVersions, request).diff_omitted(), v1::DIFF_OMITTED_BINARY);
}

v1::FileSource Companion(v1::FileRole role, const std::string& name) {
  v1::FileSource companion;
  companion.set_role(role);
  companion.set_file_name(name);
  companion.set_data(name);
  return companion;
}

TEST_F(ContentsTest, TwoCompanionsOfOneNameAreRefusedWhateverTheirRoles) {
  v1::CheckInRequest request = NewAt("a.md", "one");
  *request.mutable_item()->add_companions() = Companion(v1::FILE_ROLE_RENDITION, "a.pdf");
  *request.mutable_item()->add_companions() = Companion(v1::FILE_ROLE_ATTACHMENT, "A.PDF");
  CheckIn(request);
  EXPECT_EQ(Reason(), "FIELD_INVALID") << "the second one could not be read";
  EXPECT_EQ(Field(), "item.companions[1].file_name");
}

TEST_F(ContentsTest, TheSameCompanionsInAnotherOrderAreNoOtherVersion) {
  v1::CheckInRequest request = NewAt("a.md", "one");
  *request.mutable_item()->add_companions() = Companion(v1::FILE_ROLE_ATTACHMENT, "b.csv");
  *request.mutable_item()->add_companions() = Companion(v1::FILE_ROLE_RENDITION, "c.pdf");
  const v1::Version first = CheckIn(request).document().latest_version();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(first.companions_size(), 2);
  EXPECT_EQ(first.companions(0).file_name(), "c.pdf") << "renditions come first";
  v1::CheckInRequest again = Next("SPC-0001", "one");
  *again.mutable_item()->mutable_companions() = request.item().companions();
  again.mutable_item()->mutable_companions()->SwapElements(0, 1);
  EXPECT_EQ(CheckIn(again).document().latest_version().number(), 1);
}

TEST_F(ContentsTest, TheRequestIdOfOneCallerGivesAnotherNoUpload) {
  v1::CreateUploadRequest request;
  request.set_parent("projects/apollo");
  request.set_size(2'000'000);
  request.set_request_id("up-1");
  const auto create = [&](const std::string& principal) {
    principal_ = principal;
    return Call(*contents_, &v1::Contents::Stub::CreateUpload, request);
  };
  const v1::Upload upload = create("Ada Lovelace");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  create("bob");
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
  Stop();
  Start();
  EXPECT_EQ(create("Ada Lovelace").name(), upload.name());
  create("bob");
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

TEST_F(ContentsTest, ADocumentWithoutAPathIsMovedToOneBeforeItsFirstCheckIn) {
  v1::CreateDocumentRequest create;
  create.set_parent(kProject);
  create.mutable_document()->set_title("Pump");
  create.mutable_document()->set_type("specification");
  Call(*documents_, &v1::Documents::Stub::CreateDocument, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(Next("SPC-0001", "one"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "NO_PATH");
  v1::MoveDocumentRequest move;
  move.set_name(kSpecification);
  move.set_destination_path("pump.md");
  Call(*documents_, &v1::Documents::Stub::MoveDocument, move);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(Next("SPC-0001", "one"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(ContentsTest, UploadsThatWereLeftAreListedAndDeleted) {
  MakeProject("zeus");
  v1::CreateUploadRequest create;
  create.set_size(7);
  principal_ = "ada";
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) {
    create.set_parent(kProject);
    made.insert(Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name());
    create.set_parent("projects/zeus");
    Call(*contents_, &v1::Contents::Stub::CreateUpload, create);
  }
  principal_ = "bob";
  const auto list = [&] {
    v1::ListUploadsRequest request;
    request.set_parent(kProject);
    request.set_page_size(2);
    std::set<std::string> names;
    do {
      const auto page = Call(*contents_, &v1::Contents::Stub::ListUploads, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      EXPECT_LE(page.uploads_size(), 2);
      for (const v1::Upload& upload : page.uploads()) {
        EXPECT_TRUE(names.insert(upload.name()).second) << upload.name();
        EXPECT_EQ(upload.size(), 7);
        EXPECT_EQ(upload.creator(), "ada");
        EXPECT_TRUE(upload.has_expire_time());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  };
  EXPECT_EQ(list(), made);
  Stop();
  Start();
  EXPECT_EQ(list(), made) << "also after a restart";
  for (const std::string& name : made) {
    v1::DeleteUploadRequest away;
    away.set_name(name);
    Call(*contents_, &v1::Contents::Stub::DeleteUpload, away);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  }
  EXPECT_TRUE(list().empty());
  v1::ListUploadsRequest request;
  request.set_parent("projects/none");
  Call(*contents_, &v1::Contents::Stub::ListUploads, request);
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  request.set_parent(kProject);
  request.set_page_token("x");
  Call(*contents_, &v1::Contents::Stub::ListUploads, request);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace greffe
