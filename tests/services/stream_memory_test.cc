#include "services/call/stream_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "storage/base/errors.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

TEST(StreamShareTest, WhatDoesNotFitIsRefusedAndWhatEndsGivesRoom) {
  StreamMemory memory(100);
  StreamShare first(memory);
  EXPECT_TRUE(first.Reserve(60).ok());
  {
    StreamShare second(memory);
    EXPECT_TRUE(second.Reserve(40).ok());
    EXPECT_EQ(memory.reserved(), 100);
    const absl::Status refused = second.Reserve(1);
    EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(ReasonOf(refused), "SERVER_BUSY");
    EXPECT_EQ(memory.reserved(), 100) << "nothing of what was refused";
    second.Add(5);
    EXPECT_EQ(ReasonOf(first.Reserve(0)), "SERVER_BUSY");
    first.Return(10);
    EXPECT_TRUE(second.Reserve(5).ok());
  }
  EXPECT_EQ(memory.reserved(), 50);
}

TEST(StreamShareTest, WhatCanNeverFitIsNotToldToTryAgain) {
  StreamMemory memory(100);
  StreamShare other(memory);
  ASSERT_TRUE(other.Reserve(30).ok());
  StreamShare share(memory);
  ASSERT_TRUE(share.Reserve(50).ok());
  EXPECT_EQ(ReasonOf(share.Reserve(50)), "SERVER_BUSY") << "it fits when the other one has ended";
  const absl::Status refused = share.Reserve(51);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "STREAM_TOO_LARGE");
  EXPECT_EQ(memory.reserved(), 80);
}

class StreamMemoryTest : public ServiceFixture {
 protected:
  StreamMemoryTest() { limits_.stream_bytes = 8 * kMiB; }
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  // A stream that its caller keeps, with what has to end before it.
  template <typename Stream, typename Answer>
  struct Held {
    std::unique_ptr<grpc::ClientContext> context = std::make_unique<grpc::ClientContext>();
    std::unique_ptr<Answer> answer = std::make_unique<Answer>();
    std::unique_ptr<Stream> stream;
    bool taken = false;  // it has room
  };
  using HeldDownload = Held<grpc::ClientReader<v1::DownloadContentResponse>, v1::DownloadContentResponse>;
  using HeldUpload = Held<grpc::ClientWriter<v1::WriteUploadRequest>, v1::Upload>;
  using HeldTable = Held<grpc::ClientWriter<v1::ImportTableRequest>, v1::ImportTableResponse>;
  using HeldImport =
      Held<grpc::ClientReaderWriter<v1::ImportCommitsRequest, v1::ImportCommitsResponse>, v1::ImportCommitsResponse>;

  void ExpectNoRoom(const std::string& reason = "SERVER_BUSY") {
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status_.error_message();
    EXPECT_EQ(Reason(), reason);
    EXPECT_EQ(Metadata("limit"), "limits.stream_bytes");
  }

  // Asks until it is so: what ends here ends a little later in the server.
  static bool Comes(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
      if (is_so()) return true;
    }
    return false;
  }

  std::string NewUpload(std::int64_t size) {
    v1::CreateUploadRequest request;
    request.set_parent(kProject);
    request.set_size(size);
    return Call(*contents_, &v1::Contents::Stub::CreateUpload, request).name();
  }

  static v1::WriteUploadRequest Chunk(const std::string& upload, std::int64_t offset) {
    v1::WriteUploadRequest chunk;
    chunk.set_name(upload);
    chunk.set_offset(offset);
    chunk.set_data(std::string(kMiB, static_cast<char>('a' + offset / kMiB % 20)));
    chunk.set_crc32c(Crc32c(chunk.data()));
    return chunk;
  }

  // All of it, as soon as there is room.
  bool Send(const std::string& upload, std::int64_t size) {
    return Comes([&] { return TryToSend(upload, size); });
  }
  bool TryToSend(const std::string& upload, std::int64_t size) {
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    for (std::int64_t at = 0; at < size; at += kMiB) {
      if (!stream->Write(Chunk(upload, at))) break;
    }
    stream->WritesDone();
    status_ = stream->Finish();
    return answer.complete();
  }

  HeldDownload Download() {
    HeldDownload held;
    v1::DownloadContentRequest request;
    request.set_name(kSpecification);
    held.stream = contents_->DownloadContent(held.context.get(), request);
    held.taken = held.stream->Read(held.answer.get());
    if (!held.taken) status_ = held.stream->Finish();
    return held;
  }

  bool HasRoomForDownload() {
    const HeldDownload tried = Download();
    if (!tried.taken) ExpectNoRoom();
    if (tried.taken) Cancel(tried);
    return tried.taken;
  }

  // big.bin, from an upload.
  void CheckInLarge(std::int64_t size) {
    const std::string upload = NewUpload(size);
    ASSERT_TRUE(Send(upload, size)) << status_.error_message();
    v1::CheckInRequest check_in = NewAt("big.bin", "");
    check_in.mutable_item()->mutable_main_file()->set_upload(upload);
    CheckIn(check_in);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  template <typename AnyHeld>
  static void Cancel(const AnyHeld& held) {
    held.context->TryCancel();
    held.stream->Finish();
  }
};

TEST_F(StreamMemoryTest, DownloadsThatNobodyReadsTakeABoundedPartAndGiveItBack) {
  const std::int64_t size = 16 * kMiB;
  ASSERT_NO_FATAL_FAILURE(CheckInLarge(size));
  const std::string small = CheckIn(NewAt("small.md", "few")).document().name();

  // Two pieces, and a block of a sealed content: 3 MiB each.
  std::vector<HeldDownload> downloads(2);
  for (HeldDownload& download : downloads) {
    ASSERT_TRUE(Comes([&] { return (download = Download()).taken; })) << "the upload's stream is over";
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(Download().taken);
    ExpectNoRoom();
  }
  EXPECT_EQ(Fetch(small).content(), "few") << "what is no stream goes on";
  // One is broken off, one is read to its end.
  Cancel(downloads[0]);
  EXPECT_TRUE(Comes([&] { return HasRoomForDownload(); }));
  std::int64_t read = static_cast<std::int64_t>(downloads[1].answer->data().size());
  while (downloads[1].stream->Read(downloads[1].answer.get())) {
    read += static_cast<std::int64_t>(downloads[1].answer->data().size());
  }
  EXPECT_TRUE(downloads[1].stream->Finish().ok());
  EXPECT_EQ(read, size);
  ASSERT_TRUE(Comes([&] {
    const HeldDownload one = Download();
    const HeldDownload other = Download();
    for (const HeldDownload* held : {&one, &other}) {
      if (held->taken) Cancel(*held);
    }
    return one.taken && other.taken;
  })) << "room for as many as at first";
}

// As in a repository that comes from a clone.
TEST_F(StreamMemoryTest, AContentThatGitPackedIsDownloadedThoughItIsMoreThanThereIsRoomFor) {
  const std::int64_t size = 16 * kMiB;
  ASSERT_NO_FATAL_FAILURE(CheckInLarge(size));
  Stop();
  const ShellResult packed =
      Shell("git -C " + directory_.path() + "/data/repositories/apollo.git repack -q -a -d && ls " + directory_.path() +
            "/data/repositories/apollo.git/objects");
  ASSERT_EQ(packed.output, "info\npack\n");
  Start();
  HeldDownload download;
  ASSERT_TRUE((download = Download()).taken) << status_.error_message();
  std::int64_t read = 0;
  do {
    EXPECT_TRUE(download.answer->data() == Chunk("", read).data()) << read;
    read += static_cast<std::int64_t>(download.answer->data().size());
  } while (download.stream->Read(download.answer.get()));
  EXPECT_TRUE(download.stream->Finish().ok());
  EXPECT_EQ(read, size);
}

TEST_F(StreamMemoryTest, UploadsThatAreNotEndedTakeABoundedPartAndGiveItBack) {
  const std::string first = NewUpload(2 * kMiB);
  const std::string second = NewUpload(2 * kMiB);
  const std::string third = NewUpload(2 * kMiB);
  std::vector<HeldUpload> uploads(2);
  uploads[0].stream = contents_->WriteUpload(uploads[0].context.get(), uploads[0].answer.get());
  uploads[1].stream = contents_->WriteUpload(uploads[1].context.get(), uploads[1].answer.get());
  ASSERT_TRUE(uploads[0].stream->Write(Chunk(first, 0)));
  ASSERT_TRUE(uploads[1].stream->Write(Chunk(second, 0)));
  for (HeldUpload& held : uploads) held.stream->WaitForInitialMetadata();  // it has its room
  const auto try_third = [&] {
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    stream->Write(Chunk(third, 0));
    stream->WritesDone();
    status_ = stream->Finish();
    return status_.ok();
  };
  ASSERT_TRUE(Comes([&] { return !try_third() && Reason() == "SERVER_BUSY"; }));
  ExpectNoRoom();
  // One is broken off; the other one goes on.
  Cancel(uploads[0]);
  EXPECT_TRUE(Comes(try_third)) << status_.error_message();
  EXPECT_TRUE(uploads[1].stream->Write(Chunk(second, kMiB)));
  uploads[1].stream->WritesDone();
  EXPECT_TRUE(uploads[1].stream->Finish().ok());
  EXPECT_TRUE(uploads[1].answer->complete());
}

TEST_F(StreamMemoryTest, TablesThatAreNotEndedTakeABoundedPartAndGiveItBack) {
  v1::ImportTableRequest piece;
  piece.set_parent("projects/apollo/risks");
  piece.set_data(std::string(kMiB, 'x'));
  HeldTable table;
  const auto hold = [&] {
    table = HeldTable();
    table.stream = tables_->ImportTable(table.context.get(), table.answer.get());
    for (int i = 0; i < 3; ++i) table.stream->Write(piece);
  };
  hold();
  const auto try_another = [&] {
    grpc::ClientContext context;
    v1::ImportTableResponse answer;
    const auto stream = tables_->ImportTable(&context, &answer);
    stream->Write(piece);
    stream->WritesDone();
    status_ = stream->Finish();
    return Reason();
  };
  const v1::ImportTableRequest nothing;
  ASSERT_TRUE(Comes([&] {
    if (try_another() == "SERVER_BUSY") return true;
    // What was tried may have had the room of the third piece, which was refused then.
    if (!table.stream->Write(nothing)) {
      EXPECT_EQ(table.stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
      hold();
    }
    return false;
  }));
  ExpectNoRoom();
  Cancel(table);
  EXPECT_TRUE(Comes([&] { return try_another() != "SERVER_BUSY"; }));
}

class StalledStreamsTest : public StreamMemoryTest {
 protected:
  static constexpr int kStall = 4;
  StalledStreamsTest() { limits_.stall_seconds = kStall; }
  void SetUp() override {
    StreamMemoryTest::SetUp();
    // A client that takes no more than it was asked for.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    contents_ = v1::Contents::NewStub(
        grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
  }
};

TEST_F(StalledStreamsTest, DownloadsThatNobodyReadsAreEndedAndOthersGetTheirRoom) {
  ASSERT_NO_FATAL_FAILURE(CheckInLarge(16 * kMiB));
  std::vector<HeldDownload> downloads(2);
  for (HeldDownload& download : downloads) {
    ASSERT_TRUE(Comes([&] { return (download = Download()).taken; }));
  }
  EXPECT_FALSE(Download().taken);
  ExpectNoRoom();
  EXPECT_TRUE(Comes([&] { return HasRoomForDownload(); }));
  EXPECT_TRUE(Comes([&] {
    const HeldDownload one = Download();
    const HeldDownload other = Download();
    for (const HeldDownload* held : {&one, &other}) {
      if (held->taken) Cancel(*held);
    }
    return one.taken && other.taken;
  })) << "both are ended";
  for (HeldDownload& download : downloads) {
    while (download.stream->Read(download.answer.get())) {
    }
    EXPECT_EQ(download.stream->Finish().error_code(), grpc::StatusCode::CANCELLED) << "which clients take up again";
  }
}

TEST_F(StalledStreamsTest, AnUploadOnWhichNothingComesIsEndedAndGoesOnWhereItWas) {
  const std::string upload = NewUpload(2 * kMiB);
  HeldUpload held;
  held.stream = contents_->WriteUpload(held.context.get(), held.answer.get());
  ASSERT_TRUE(held.stream->Write(Chunk(upload, 0)));
  EXPECT_EQ(held.stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Comes([&] {
    grpc::ClientContext context;
    v1::Upload answer;
    const auto stream = contents_->WriteUpload(&context, &answer);
    stream->Write(Chunk(upload, kMiB));
    stream->WritesDone();
    return stream->Finish().ok() && answer.complete();
  }));
}

TEST_F(StalledStreamsTest, WhoReadsSlowlyIsNotStalled) {
  const std::int64_t size = 8 * kMiB;
  ASSERT_NO_FATAL_FAILURE(CheckInLarge(size));
  v1::DownloadContentRequest request;
  request.set_name(kSpecification);
  grpc::ClientContext context;
  const auto stream = contents_->DownloadContent(&context, request);
  const auto begin = std::chrono::steady_clock::now();
  v1::DownloadContentResponse piece;
  std::int64_t read = 0;
  // Half of the pieces take longer than one may, each of them less.
  for (int i = 1; stream->Read(&piece); ++i) {
    read += static_cast<std::int64_t>(piece.data().size());
    const auto next = begin + std::chrono::milliseconds(1700) * std::min(i, 4);
    while (std::chrono::steady_clock::now() < next) Fetch(kSpecification, "what goes on beside it");
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(read, size);
}

class StreamMemoryOfPartsTest : public StreamMemoryTest {
 protected:
  StreamMemoryOfPartsTest() { limits_.stream_bytes = 28 * kMiB; }  // two messages, and 20 MiB
};

TEST_F(StreamMemoryOfPartsTest, ATableTakesWhatItsCellsTakeOnceTheyAreRead) {
  std::string row(160, '1');
  for (std::size_t i = 1; i < row.size(); i += 2) row[i] = ',';
  row.back() = '\n';
  v1::ImportTableRequest request;
  request.set_parent("projects/apollo/risks");
  std::string& data = *request.mutable_data();
  for (int i = 0; i < 80; ++i) data += (i == 0 ? "title" : ",labels.l" + std::to_string(i));
  data += '\n';
  for (int i = 0; i < 5'000; ++i) data += row;
  ASSERT_LT(data.size(), static_cast<std::size_t>(kMiB)) << "and twice as much is what it takes before";
  grpc::ClientContext context;
  v1::ImportTableResponse answer;
  const auto stream = tables_->ImportTable(&context, &answer);
  stream->Write(request);
  stream->WritesDone();
  status_ = stream->Finish();
  ExpectNoRoom("STREAM_TOO_LARGE");
}

TEST_F(StreamMemoryTest, ImportsThatAreNotEndedTakeABoundedPartAndGiveItBack) {
  v1::ImportCommitsRequest header;
  header.mutable_header()->set_source("projects/apollo/importSources/old");
  HeldImport import;
  import.stream = imports_->ImportCommits(import.context.get());
  ASSERT_TRUE(import.stream->Write(header));
  v1::ImportCommitsRequest commit;
  commit.mutable_commit()->set_source_commit("c1");
  ASSERT_TRUE(import.stream->Write(commit));
  ASSERT_TRUE(import.stream->Read(import.answer.get())) << import.stream->Finish().error_message();
  header.mutable_header()->set_source("projects/apollo/importSources/other");
  const auto try_another = [&] {
    grpc::ClientContext context;
    const auto stream = imports_->ImportCommits(&context);
    stream->Write(header);
    stream->WritesDone();
    status_ = stream->Finish();
    return status_.ok();
  };
  ASSERT_TRUE(Comes([&] { return !try_another(); }));
  ExpectNoRoom();
  Cancel(import);
  EXPECT_TRUE(Comes(try_another));
}

TEST_F(StreamMemoryOfPartsTest, ChangesTakeTheirPartWhateverIsInThem) {
  grpc::ClientContext context;
  const auto stream = imports_->ImportCommits(&context);
  v1::ImportCommitsRequest message;
  message.mutable_header()->set_source("projects/apollo/importSources/old");
  stream->Write(message);
  message.mutable_commit()->set_source_commit("c1");
  message.mutable_commit()->set_continued(true);
  for (int i = 0; i < 10'000; ++i) message.mutable_commit()->add_changes()->set_action(v1::IMPORT_ACTION_DELETE);
  for (int sent = 0; sent < 50'000; sent += 10'000) {
    if (!stream->Write(message)) break;
  }
  stream->WritesDone();
  status_ = stream->Finish();
  ExpectNoRoom("STREAM_TOO_LARGE");
}

TEST_F(StreamMemoryTest, StreamsOnWhichNothingWasSentTakeNothing) {
  // More than there is room for, twice.
  std::vector<HeldUpload> uploads(4);
  for (HeldUpload& held : uploads) held.stream = contents_->WriteUpload(held.context.get(), held.answer.get());
  std::vector<HeldImport> imports(4);
  for (HeldImport& held : imports) held.stream = imports_->ImportCommits(held.context.get());
  v1::ImportCommitsRequest header;
  header.mutable_header()->set_source("projects/apollo/importSources/old");
  // What comes later on the same connection is seen later: when it is answered, the others have begun.
  grpc::ClientContext context;
  const auto import = imports_->ImportCommits(&context);
  import->Write(header);
  import->WritesDone();
  status_ = import->Finish();
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_TRUE(Send(NewUpload(kMiB), kMiB)) << status_.error_message();
  for (const HeldUpload& held : uploads) Cancel(held);
  for (const HeldImport& held : imports) Cancel(held);
}

TEST_F(StreamMemoryTest, WatchersThatNobodyReadsTakeABoundedPartAndAreToldAllTheSame) {
  constexpr int kLargeChanges = 4;
  const auto make_large = [&](int number) {
    v1::BatchCheckInRequest batch;
    batch.set_parent(kProject);
    for (int i = 0; i < 1000; ++i) {
      const std::string path = std::to_string(number) + "/" + std::to_string(i) + std::string(150, 'x') + ".md";
      *batch.add_items() = NewAt(path, "x").item();
    }
    Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  };
  for (int i = 0; i < kLargeChanges; ++i) make_large(i);
  // A client that takes no more than it was asked for: 64 KiB.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto changes = v1::Changes::NewStub(
      grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
  using HeldWatch = Held<grpc::ClientReader<v1::WatchChangesResponse>, v1::WatchChangesResponse>;
  const auto watch = [&](std::int64_t after) {
    v1::WatchChangesRequest request;
    request.set_parent(kProject);
    request.set_after_sequence(after);
    HeldWatch held;
    held.stream = changes->WatchChanges(held.context.get(), request);
    return held;
  };
  std::int64_t told = 1 + kLargeChanges;
  const HeldWatch reader = watch(told);
  ASSERT_TRUE(reader.stream->Read(reader.answer.get())) << "it has caught up";
  std::vector<HeldWatch> unread(30);
  for (HeldWatch& held : unread) held = watch(1);
  // An upload takes 4 MiB, so that half is all that these leave.
  ASSERT_TRUE(Comes([&] { return !TryToSend(NewUpload(kMiB), kMiB); }));
  ExpectNoRoom();
  make_large(kLargeChanges);
  CheckIn(NewAt("small.md", "behind it"));
  for (const HeldWatch& held : unread) Cancel(held);
  EXPECT_TRUE(Send(NewUpload(kMiB), kMiB)) << status_.error_message();
  CheckIn(NewAt("last.md", "wakes who waits for room"));
  const std::int64_t newest = told + 3;
  while (told < newest && reader.stream->Read(reader.answer.get())) {
    if (!reader.answer->has_change()) continue;
    EXPECT_EQ(reader.answer->change().sequence(), ++told);
  }
  EXPECT_EQ(told, newest);
  Cancel(reader);
}

TEST_F(StreamMemoryTest, AnExportForWhichThereIsNoRoomIsRefused) {
  HeldUpload upload;
  upload.stream = contents_->WriteUpload(upload.context.get(), upload.answer.get());
  ASSERT_TRUE(upload.stream->Write(Chunk(NewUpload(2 * kMiB), 0)));
  upload.stream->WaitForInitialMetadata();  // it has its room
  v1::ExportTableRequest request;
  request.set_parent("projects/apollo/risks");
  const auto try_export = [&] {
    grpc::ClientContext context;
    const auto stream = tables_->ExportTable(&context, request);
    v1::ExportTableResponse piece;
    while (stream->Read(&piece)) {
    }
    status_ = stream->Finish();
    return status_.ok();
  };
  ASSERT_TRUE(Comes([&] { return !try_export(); }));
  ExpectNoRoom();
  Cancel(upload);
  EXPECT_TRUE(Comes(try_export));
}

}  // namespace
}  // namespace greffe
