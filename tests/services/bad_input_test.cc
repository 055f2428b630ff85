#include <gtest/gtest.h>

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

}  // namespace
}  // namespace greffe
