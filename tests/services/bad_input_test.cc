#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>

#include "services/call/status.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"
#include "tests/services/raw_stream.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class BadInputTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }
  void TearDown() override {
    // Whatever was asked, nothing was left behind.
    v1::GetProjectRequest get;
    get.set_name("projects/apollo");
    EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::GetProject, get).sequence(), 1);
    ServiceFixture::TearDown();
  }
};

TEST(StatusTest, WhatTheTrailersDoNotHoldIsCutBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 3000; ++i) euros += "\u20ac";
  const absl::Status refusal =
      InvalidField(std::string(3000, 'f'), "FIELD_INVALID", euros, {{"a", euros}, {"b", euros}, {"c", euros}});
  const grpc::Status cut = ToGrpcStatus(refusal);
  EXPECT_EQ(cut.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(IsUtf8(cut.error_message()));
  EXPECT_TRUE(cut.error_message().ends_with("..."));
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest request;
  ASSERT_TRUE(details.ParseFromString(cut.error_details()));
  ASSERT_TRUE(details.details(0).UnpackTo(&info) || details.details(1).UnpackTo(&info));
  ASSERT_TRUE(details.details(0).UnpackTo(&request) || details.details(1).UnpackTo(&request));
  EXPECT_EQ(info.reason(), "FIELD_INVALID");
  EXPECT_EQ(info.metadata().at("field"), std::string(512, 'f') + "...");
  EXPECT_EQ(request.field_violations(0).field(), info.metadata().at("field"));
  // As they are sent: percent-encoded, and in base 64.
  std::size_t sent = cut.error_details().size() * 4 / 3;
  for (const char c : cut.error_message()) sent += c >= ' ' && c <= '~' ? 1 : 3;
  EXPECT_LE(sent, 6u << 10);
  const absl::Status fits = InvalidField("field", "FIELD_INVALID", std::string(1000, 'x'));
  EXPECT_EQ(ToGrpcStatus(fits).error_message(), fits.message());
}

TEST_F(BadInputTest, PathsThatEscapeClashOrBreakAClone) {
  const std::pair<std::string, std::string> kPaths[] = {
      {"../a", "DOT_PART"},
      {"a/./b", "DOT_PART"},
      {"/etc/passwd", "ABSOLUTE"},
      {"a//b", "EMPTY_PART"},
      {"a/", "EMPTY_PART"},
      {".git/config", "GIT_NAME"},
      {"a/.GIT", "GIT_NAME"},
      {"git~1", "GIT_NAME"},
      {".git ", "GIT_NAME"},
      {".g\u200cit", "CONTROL_CHARACTER"},
      {".greffe/project.json", "GREFFE_NAME"},
      {"a\nb", "CONTROL_CHARACTER"},
      {"a\\b", "BACKSLASH"},
      {"c:x", "COLON"},
      {"aux.md", "DEVICE_NAME"},
      {"x/CON", "DEVICE_NAME"},
      {"a.", "TRAILING_DOT_OR_SPACE"},
      {"a /b", "TRAILING_DOT_OR_SPACE"},
      {"cafe\u0301.md", ""},  // is normalised, not refused
      {std::string(300, 'x'), "TOO_LONG"},
  };
  for (const auto& [path, rule] : kPaths) {
    if (rule.empty()) continue;
    CheckIn(NewAt(path, "x"));
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << path;
    EXPECT_EQ(Reason(), "PATH_INVALID") << path;
    EXPECT_EQ(Metadata("rule"), rule) << path;
    EXPECT_EQ(Field(), "item.new_document.path") << path;
  }
}

TEST_F(BadInputTest, FieldsThatAreMissingOrWrongAreNamed) {
  v1::CheckInRequest none;
  none.set_parent("projects/apollo");
  CheckIn(none);
  EXPECT_EQ(Field(), "item");
  v1::CheckInRequest no_file = NewAt("a.md", "x");
  no_file.mutable_item()->clear_main_file();
  CheckIn(no_file);
  EXPECT_EQ(Field(), "item.main_file");
  v1::CheckInRequest type = NewAt("a.md", "x");
  type.mutable_item()->mutable_new_document()->set_type("novel");
  CheckIn(type);
  EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
  EXPECT_EQ(Field(), "item.new_document.type");
  v1::CheckInRequest number = NewAt("a.md", "x");
  number.mutable_item()->set_document_id("RSK-0001");
  CheckIn(number);
  EXPECT_EQ(Reason(), "NUMBER_INVALID");
  EXPECT_EQ(Field(), "item.document_id");
  v1::CheckInRequest large = NewAt("a.md", std::string((1 << 20) + 1, 'x'));
  CheckIn(large);
  EXPECT_EQ(Reason(), "CONTENT_TOO_LARGE");
  CheckIn(NewAt("a.md", std::string(6 << 20, 'x')));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << "larger than any message";
  v1::CheckInRequest id = NewAt("a.md", "x");
  id.set_request_id("not valid!");
  CheckIn(id);
  EXPECT_EQ(Field(), "request_id");
  v1::CheckInRequest nowhere = NewAt("a.md", "x");
  nowhere.set_parent("projects/none");
  CheckIn(nowhere);
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  CheckIn(Next("SPC-0009", "x"));
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  principal_ = "<evil>";
  CheckIn(NewAt("a.md", "x"));
  EXPECT_EQ(Field(), "greffe-principal");
  principal_key_ = "greffe-principal-bin";
  principal_ = "two\nlines";
  CheckIn(NewAt("a.md", "x"));
  EXPECT_EQ(Field(), "greffe-principal-bin");
}

TEST_F(BadInputTest, ListingsSayWhatTheyDoNotUnderstand) {
  v1::ListDocumentsRequest list;
  list.set_parent("projects/apollo");
  list.set_filter("type == specification");
  Call(*documents_, &v1::Documents::Stub::ListDocuments, list);
  EXPECT_EQ(Reason(), "FILTER_INVALID");
  list.set_filter("");
  list.set_order_by("colour");
  Call(*documents_, &v1::Documents::Stub::ListDocuments, list);
  EXPECT_EQ(Reason(), "ORDER_INVALID");
  list.set_order_by("");
  list.set_page_size(-1);
  Call(*documents_, &v1::Documents::Stub::ListDocuments, list);
  EXPECT_EQ(Field(), "page_size");
  v1::GetDocumentRequest get;
  for (const char* name : {"", "projects/apollo", "projects/apollo/documents/", "projects/../documents/x",
                           "projects/apollo/documents/a/versions/1/x"}) {
    get.set_name(name);
    Call(*documents_, &v1::Documents::Stub::GetDocument, get);
    EXPECT_EQ(Reason(), "NAME_INVALID") << name;
  }
  v1::GetProjectRequest then;
  then.set_name("projects/apollo");
  then.mutable_as_of()->set_sequence(99);
  Call(*projects_, &v1::Projects::Stub::GetProject, then);
  EXPECT_EQ(Reason(), "SEQUENCE_UNKNOWN");
}

TEST_F(BadInputTest, BytesThatAreNoRequestOfTheirMethod) {
  grpc::GenericStub stub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  v1::GetDocumentRequest get;
  get.set_name("projects/apollo/documents/caf");
  const std::string not_utf8 = get.SerializeAsString().substr(0, 2) + std::string(get.name().size() - 1, 'a') + '\xe9';
  for (const std::string& bytes : {not_utf8, std::string("\xff\xff")}) {
    for (const char* method :
         {"/greffe.v1.Documents/GetDocument", "/greffe.v1.Contents/FetchContent", "/greffe.v1.Contents/CheckIn",
          "/greffe.v1.Contents/DownloadContent", "/greffe.v1.Transmittals/DownloadTransmittal"}) {
      const grpc::Slice slice(bytes);
      const grpc::ByteBuffer request(&slice, 1);
      grpc::ByteBuffer response;
      grpc::ClientContext context;
      std::promise<grpc::Status> done;
      stub.UnaryCall(&context, method, {}, &request, &response, [&](grpc::Status status) { done.set_value(status); });
      status_ = done.get_future().get();
      EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
      EXPECT_EQ(Reason(), "REQUEST_MALFORMED") << method;
    }
  }
}

TEST_F(BadInputTest, AMessageThatIsNoneIsNotTheEndOfAStream) {
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  create.set_size(5);
  v1::WriteUploadRequest chunk;
  chunk.set_name(Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name());
  chunk.set_data("12345");
  chunk.set_crc32c(Crc32c(chunk.data()));
  v1::ImportTableRequest table;
  table.set_parent("projects/apollo/risks");
  table.set_data("id,title\nR1,one\n");
  const std::pair<std::string, std::string> kStreams[] = {
      {"/greffe.v1.Contents/WriteUpload", chunk.SerializeAsString()},
      {"/greffe.v1.Tables/ImportTable", table.SerializeAsString()}};
  for (const auto& [method, good] : kStreams) {
    for (const std::vector<std::string>& messages :
         std::vector<std::vector<std::string>>{{"\xff\xff"}, {good, "\xff\xff"}}) {
      status_ = SendRaw(server_->address(), method, messages);
      EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
      EXPECT_EQ(Reason(), "REQUEST_MALFORMED") << method;
    }
  }
}

TEST_F(BadInputTest, UploadsOfNoOrTooManyBytesAndUnknownOnes) {
  v1::CreateUploadRequest create;
  create.set_parent("projects/apollo");
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1} << 60}) {
    create.set_size(size);
    Call(*contents_, &v1::Contents::Stub::CreateUpload, create);
    EXPECT_EQ(Reason(), "SIZE_INVALID") << size;
  }
  v1::CheckInRequest request = NewAt("a.md", "");
  request.mutable_item()->mutable_main_file()->set_upload("projects/apollo/uploads/none");
  CheckIn(request);
  EXPECT_EQ(Reason(), "UPLOAD_NOT_FOUND");
  create.set_size(10);
  const auto upload = Call(*contents_, &v1::Contents::Stub::CreateUpload, create);
  grpc::ClientContext context;
  v1::Upload answer;
  const auto stream = contents_->WriteUpload(&context, &answer);
  v1::WriteUploadRequest chunk;
  chunk.set_name(upload.name());
  chunk.set_data(std::string(11, 'x'));
  chunk.set_crc32c(Crc32c(chunk.data()));
  stream->Write(chunk);
  stream->WritesDone();
  status_ = stream->Finish();
  EXPECT_EQ(Reason(), "UPLOAD_TOO_LARGE");
}

// What depends on what is there already.
class ConflictTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("Plans/Caf\u00e9.md", "x"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest get;
    get.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, get).sequence();
  }
};

TEST_F(ConflictTest, PathsThatAreOneOnOtherSystemsClash) {
  for (const char* path : {"Plans/Caf\u00e9.md", "plans/caf\u00e9.md", "PLANS/CAF\u00c9.MD", "Plans/Cafe\u0301.md"}) {
    CheckIn(NewAt(path, "y"));
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::ALREADY_EXISTS) << path;
    EXPECT_EQ(Reason(), "PATH_TAKEN") << path;
  }
  CheckIn(NewAt("Plans/Caf\u00e9.md/below", "y"));
  EXPECT_EQ(Reason(), "PATH_TAKEN") << "a file is no folder";
  CheckIn(NewAt("plans", "y"));
  EXPECT_EQ(Reason(), "PATH_TAKEN") << "a folder is no file";
  EXPECT_EQ(Sequence(), 2);
}

TEST_F(ConflictTest, NumbersAreTakenOnce) {
  v1::CheckInRequest request = NewAt("b.md", "y");
  request.mutable_item()->set_document_id("SPC-0001");
  CheckIn(request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Reason(), "NUMBER_TAKEN");
  v1::CheckInRequest alternate = NewAt("c.md", "y");
  alternate.mutable_item()->mutable_new_document()->add_alternate_numbers("SPC-0001");
  CheckIn(alternate);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Reason(), "NUMBER_TAKEN");
  EXPECT_EQ(Sequence(), 2);
}

TEST_F(ConflictTest, APageTokenExpiresAndBelongsToItsRequest) {
  for (int i = 0; i < 3; ++i) CheckIn(NewAt("f" + std::to_string(i) + ".md", "x"));
  v1::ListDocumentsRequest list;
  list.set_parent("projects/apollo");
  list.set_page_size(2);
  list.set_page_token(Call(*documents_, &v1::Documents::Stub::ListDocuments, list).next_page_token());
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ListDocuments, list).documents_size(), 2);
  v1::ListDocumentsRequest other = list;
  other.set_order_by("title");
  Call(*documents_, &v1::Documents::Stub::ListDocuments, other);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_INVALID");
  other = list;
  other.set_page_token("x" + list.page_token());
  Call(*documents_, &v1::Documents::Stub::ListDocuments, other);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(Field(), "page_token");
  Stop();
  limits_.page_token_age = 0;
  Start();
  Call(*documents_, &v1::Documents::Stub::ListDocuments, list);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_EXPIRED");
}

TEST_F(ConflictTest, OnlyTheDataDirectoryIsTakenOutOfTexts) {
  const std::string data = directory_.path() + "/data";
  EXPECT_EQ(TextForCallers("'" + data + "/journal/1.log' is damaged"), "'journal/1.log' is damaged");
  EXPECT_EQ(TextForCallers("no room in " + data), "no room in data directory");
  EXPECT_EQ(TextForCallers(data + "/a, " + data + "/b"), "a, b");
  for (const std::string& other :
       {data + "2/x", data + ".old", "/mirror" + data + "/x", "https://host" + data + "/x"}) {
    EXPECT_EQ(TextForCallers(other), other);
  }
}

TEST_F(ConflictTest, DamageOnDiskIsNamedAndNeverServed) {
  CheckIn(Next("SPC-0001", "second"));
  CheckIn(NewAt("other.md", std::string(100'000, 'o')));
  Stop();  // packs everything
  const std::string packs = directory_.path() + "/data/repositories/apollo.git/objects/pack";
  // All but the idx is zeroed behind the header: no object can be read from it.
  ASSERT_EQ(Shell("for f in " + packs +
                  "/*.pack; do chmod u+w $f; size=$(stat -c %s $f); "
                  "dd if=/dev/zero of=$f bs=1 seek=12 count=$((size - 12)) conv=notrunc status=none; done")
                .exit_code,
            0);
  Start();
  Fetch("projects/apollo/documents/SPC-0001/versions/1");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS) << status_.error_message();
  EXPECT_EQ(Reason(), "DATA_DAMAGED");
  EXPECT_NE(status_.error_message().find("repositories/apollo.git/objects/pack/pack-"), std::string::npos)
      << "names the file: " << status_.error_message();
  EXPECT_EQ((status_.error_message() + status_.error_details()).find(directory_.path()), std::string::npos)
      << "where the server keeps its data is its own business: " << status_.error_message();
  v1::BatchFetchContentsRequest batch;
  batch.set_parent("projects/apollo");
  batch.add_requests()->set_name("projects/apollo/documents/SPC-0001/versions/1");
  const auto answers = Call(*contents_, &v1::Contents::Stub::BatchFetchContents, batch);
  ASSERT_EQ(answers.results_size(), 1);
  EXPECT_EQ(answers.results(0).error_code(), static_cast<int>(grpc::StatusCode::DATA_LOSS));
  EXPECT_EQ(answers.results(0).error_message().find(directory_.path()), std::string::npos)
      << answers.results(0).error_message();
  CheckIn(NewAt("more.md", "y"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS) << "nothing is built on what cannot be read";
}

}  // namespace
}  // namespace greffe
