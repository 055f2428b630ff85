#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include "tests/services/office_files.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr char kTemplate[] = "projects/apollo/documents/TPL-0001";

class TemplatesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    principal_ = "ada";
  }

  // A new template, or its next version.
  void PutTemplate(const std::string& content, const std::string& path = "templates/minutes.md",
                   const std::string& parent = "projects/apollo") {
    v1::CheckInRequest request = NewAt(path, content);
    request.set_parent(parent);
    request.mutable_item()->mutable_new_document()->set_type("template");
    CheckIn(request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  void NextVersion(const std::string& content) {
    CheckIn(Next("TPL-0001", content));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  static v1::CreateFromTemplateRequest Ask(const std::string& path, const std::string& name = kTemplate) {
    v1::CreateFromTemplateRequest request;
    request.set_parent("projects/apollo");
    request.set_template_(name);
    request.mutable_new_document()->set_path(path);
    request.mutable_new_document()->set_type("minutes");
    return request;
  }
  v1::Document Create(const v1::CreateFromTemplateRequest& request) {
    return Call(*templates_, &v1::Templates::Stub::CreateFromTemplate, request);
  }
  v1::Document Made(const v1::CreateFromTemplateRequest& request) {
    v1::Document document = Create(request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return document;
  }
  std::string TextOf(const v1::Document& document) { return Fetch(document.name()).content(); }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }

  std::vector<std::string> Outdated(const std::string& name = kTemplate, std::int64_t sequence = 0) {
    v1::ListOutdatedDocumentsRequest request;
    request.set_parent("projects/apollo");
    request.set_template_(name);
    request.set_page_size(2);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    std::vector<std::string> numbers;
    do {
      const auto page = Call(*templates_, &v1::Templates::Stub::ListOutdatedDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const v1::Document& document : page.documents()) {
        numbers.push_back(document.name().substr(document.name().rfind('/') + 1));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  }
  std::vector<std::string> Listed(const std::string& filter, const std::string& order = "") {
    v1::ListDocumentsRequest request;
    request.set_parent("projects/apollo");
    request.set_filter(filter);
    request.set_order_by(order);
    std::vector<std::string> numbers;
    const v1::ListDocumentsResponse listed = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    for (const v1::Document& document : listed.documents()) {
      numbers.push_back(document.name().substr(document.name().rfind('/') + 1));
    }
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return numbers;
  }
};

using Numbers = std::vector<std::string>;

TEST_F(TemplatesTest, WhatIsMissingIsToldHoweverMuchItIs) {
  std::string content;
  for (int i = 0; i < 200; ++i) content += "{{ " + std::string(100, 'f') + std::to_string(1000 + i) + " }}\n";
  PutTemplate(content);
  Create(Ask("a.md"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status_.error_message();
  EXPECT_EQ(Reason(), "TEMPLATE_FIELD_MISSING");
  EXPECT_EQ(Metadata("fields").substr(0, 209), std::string(100, 'f') + "1000," + std::string(100, 'f') + "1001");
  EXPECT_NE(status_.error_message().find(" others of the template"), std::string::npos) << status_.error_message();
}

TEST_F(TemplatesTest, ADocumentIsMadeWithItsNumberInItInOneCommit) {
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name("projects/apollo");
  auto* attribute = update.mutable_project()->add_attribute_definitions();
  attribute->set_id("client");
  attribute->set_type(v1::ATTRIBUTE_TYPE_TEXT);
  update.mutable_project()->set_time_zone("Europe/Paris");
  update.mutable_update_mask()->add_paths("attribute_definitions");
  update.mutable_update_mask()->add_paths("time_zone");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  PutTemplate(
      "# {{ number }}: {{ title }}\n{{ project.title }} for {{ attributes.client }}, {{ owner }}, {{ place }}\n{{ date "
      "}}\n");
  const std::int64_t before = Sequence();
  auto request = Ask("minutes/{{ number }}.md");
  request.mutable_new_document()->set_title("Kick-off");
  (*request.mutable_new_document()->mutable_attributes())["client"].set_text("ESA");
  (*request.mutable_fields())["place"] = "Paris";
  (*request.mutable_fields())["date"] = "31/03/2026";
  request.set_comment("First meeting");
  request.mutable_new_document()->set_template_("projects/apollo/documents/TPL-0009/versions/9");
  const v1::Document document = Made(request);
  EXPECT_EQ(document.name(), "projects/apollo/documents/MIN-0001");
  EXPECT_EQ(document.path(), "minutes/MIN-0001.md");
  EXPECT_EQ(document.template_(), std::string(kTemplate) + "/versions/1");
  EXPECT_EQ(document.latest_version().number(), 1);
  EXPECT_EQ(document.latest_version().comment(), "First meeting");
  EXPECT_EQ(document.latest_version().main_file().media_type(), "text/markdown");
  EXPECT_EQ(TextOf(document), "# MIN-0001: Kick-off\nProject apollo for ESA, ada, Paris\n31/03/2026\n");
  EXPECT_EQ(Sequence(), before + 1) << "one commit";
  // A later version, or change, leaves what it was made from.
  CheckIn(Next("MIN-0001", "other"));
  v1::UpdateDocumentRequest rename;
  rename.mutable_document()->set_name(document.name());
  rename.mutable_document()->set_title("Kick-off 2");
  rename.mutable_update_mask()->add_paths("title");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::UpdateDocument, rename).template_(), document.template_());
  // A check-in cannot say that it comes from a template.
  auto check_in = NewAt("a.md", "a");
  check_in.mutable_item()->mutable_new_document()->set_template_(document.template_());
  EXPECT_EQ(CheckIn(check_in).document().template_(), "");
}

TEST_F(TemplatesTest, TheReleasedVersionIsTakenUnlessAnotherIsNamed) {
  PutTemplate("one");
  EXPECT_EQ(TextOf(Made(Ask("a.md"))), "one");
  NextVersion("two");
  EXPECT_EQ(TextOf(Made(Ask("b.md"))), "two") << "none is released: the latest one";
  v1::ReleaseVersionRequest release;
  release.set_name(std::string(kTemplate) + "/versions/2");
  Call(*versions_, &v1::Versions::Stub::ReleaseVersion, release);
  NextVersion("three");
  EXPECT_EQ(TextOf(Made(Ask("c.md"))), "two");
  EXPECT_EQ(TextOf(Made(Ask("d.md", std::string(kTemplate) + "/versions/latest"))), "three");
  EXPECT_EQ(TextOf(Made(Ask("e.md", std::string(kTemplate) + "/versions/1"))), "one");
  EXPECT_EQ(Made(Ask("f.md", std::string(kTemplate) + "/revisions/A")).template_(),
            std::string(kTemplate) + "/versions/2");
}

TEST_F(TemplatesTest, WhatAnOlderVersionMadeIsFoundAtAnyMoment) {
  PutTemplate("one");
  for (const char* path : {"a.md", "b.md", "c.md"}) Made(Ask(path));
  EXPECT_EQ(Outdated(), Numbers{});
  NextVersion("two");
  EXPECT_EQ(Outdated(), (Numbers{"MIN-0001", "MIN-0002", "MIN-0003"}));
  const std::int64_t then = Sequence();
  for (int i = 0; i < 10; ++i) NextVersion("version " + std::to_string(i + 3));
  Made(Ask("d.md", std::string(kTemplate) + "/versions/2"));
  Made(Ask("e.md"));
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name("projects/apollo/documents/MIN-0002");
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  EXPECT_EQ(Outdated(), (Numbers{"MIN-0001", "MIN-0003", "MIN-0004"}));
  EXPECT_EQ(Outdated(kTemplate, then), (Numbers{"MIN-0001", "MIN-0002", "MIN-0003"}));
  EXPECT_EQ(Outdated(kTemplate, then - 1), Numbers{});
  EXPECT_EQ(Outdated(std::string(kTemplate) + "/versions/2"), (Numbers{"MIN-0001", "MIN-0003"}));
  // The same by filters.
  const std::string version = "\"" + std::string(kTemplate) + "/versions/";
  EXPECT_EQ(Listed("template = " + version + "2\""), Numbers{"MIN-0004"});
  EXPECT_EQ(Listed("template < " + version + "12\"", "title desc"), (Numbers{"MIN-0004", "MIN-0003", "MIN-0001"}));
  EXPECT_EQ(Listed("template <= " + version + "2\" AND state = WITHDRAWN"), Numbers{"MIN-0002"});
  EXPECT_EQ(Listed("template > " + version + "1\""), (Numbers{"MIN-0004", "MIN-0005"}));
  EXPECT_EQ(Listed("template : \"" + std::string(kTemplate) + "\""),
            (Numbers{"MIN-0001", "MIN-0003", "MIN-0004", "MIN-0005"}));
  EXPECT_EQ(Listed("template : *").size(), 4u);
  EXPECT_EQ(Listed("template < " + version + "12\" AND path = \"c.md\""), Numbers{"MIN-0003"});
}

TEST_F(TemplatesTest, FieldsAndWhatNothingFillsAreTold) {
  PutTemplate("{{ number }} {{ title }} {{ project.title }} {{ project.code }} {{ place }} {{ place }}");
  v1::GetTemplateFieldsRequest request;
  request.set_template_(kTemplate);
  const auto missing = [&] {
    std::set<std::string> names;
    const auto fields = Call(*templates_, &v1::Templates::Stub::GetTemplateFields, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(fields.fields_size(), 5);
    EXPECT_EQ(fields.format(), v1::TEMPLATE_FORMAT_TEXT);
    EXPECT_EQ(fields.template_(), std::string(kTemplate) + "/versions/1");
    for (const v1::TemplateField& field : fields.fields()) {
      if (field.missing()) names.insert(field.name());
      if (field.name() == "project.title") {
        EXPECT_EQ(field.value(), "Project apollo");
      }
    }
    return names;
  };
  EXPECT_EQ(missing(), (std::set<std::string>{"place", "project.code"}));
  (*request.mutable_fields())["place"] = "Paris";
  EXPECT_EQ(missing(), (std::set<std::string>{"project.code"}));

  auto create = Ask("a.md");
  const std::int64_t before = Sequence();
  Create(create);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "TEMPLATE_FIELD_MISSING");
  EXPECT_EQ(Metadata("fields"), "place,project.code");
  (*create.mutable_fields())["place"] = "Paris";
  (*create.mutable_fields())["project.code"] = "";
  (*create.mutable_fields())["plaice"] = "x";
  Create(create);
  EXPECT_EQ(Reason(), "TEMPLATE_FIELD_UNKNOWN");
  EXPECT_EQ(Field(), "fields[plaice]");
  create.mutable_fields()->erase("plaice");
  (*create.mutable_fields())["project.title"] = "mine";
  Create(create);
  EXPECT_EQ(Field(), "fields[project.title]");
  create.mutable_fields()->erase("project.title");
  EXPECT_EQ(Sequence(), before) << "nothing half done";
  EXPECT_EQ(TextOf(Made(create)), "MIN-0001 a.md Project apollo  Paris Paris");
}

TEST_F(TemplatesTest, WhatIsNoTemplateOrNoPathIsRefused) {
  CheckIn(NewAt("spec.md", "text"));
  PutTemplate("{{ number }}");
  const auto reason = [this](const v1::CreateFromTemplateRequest& request) {
    Create(request);
    return Reason();
  };
  EXPECT_EQ(reason(Ask("a.md", "projects/apollo/documents/SPC-0001")), "NOT_A_TEMPLATE");
  EXPECT_EQ(reason(Ask("a.md", "projects/apollo/documents/TPL-0002")), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(reason(Ask("a.md", "TPL-0001")), "NAME_INVALID");
  EXPECT_EQ(reason(Ask("a.md", std::string(kTemplate) + "/versions/7")), "VERSION_NOT_FOUND");
  EXPECT_EQ(reason(Ask("a.md", std::string(kTemplate) + "/versions/released")), "NOTHING_RELEASED");
  EXPECT_EQ(reason(Ask("")), "FIELD_REQUIRED");
  EXPECT_EQ(reason(Ask("{{ title }}.md")), "PATH_INVALID");
  EXPECT_EQ(reason(Ask("{{ number.md")), "PATH_INVALID");
  EXPECT_EQ(reason(Ask("spec.md")), "PATH_TAKEN");
  auto request = Ask("a.md");
  request.mutable_new_document()->set_type("poem");
  EXPECT_EQ(reason(request), "DOCUMENT_TYPE_UNKNOWN");
  request = Ask("a.md");
  request.set_document_id("SPC-0001");
  EXPECT_FALSE(reason(request).empty());
  request = Ask("a.md");
  request.set_parent("projects/none");
  EXPECT_EQ(reason(request), "PROJECT_NOT_FOUND");
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kTemplate);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  EXPECT_EQ(reason(Ask("a.md")), "DOCUMENT_WITHDRAWN");
  EXPECT_EQ(Listed("type = minutes"), Numbers{});
}

TEST_F(TemplatesTest, AnOfficeFileIsFilledAndADamagedOneNamed) {
  const std::string docx = MakeDocx(Paragraph(RunOf("{{ num") + RunOf("ber }}")), Paragraph(RunOf("{{ title }}")));
  PutTemplate(docx, "templates/minutes.docx");
  Create(Ask("a.md"));
  EXPECT_EQ(Field(), "new_document.path");
  const v1::Document document = Made(Ask("minutes/{{ number }}.docx"));
  EXPECT_EQ(document.latest_version().main_file().media_type(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  auto parts = ReadZip(TextOf(document));
  EXPECT_NE(parts["word/document.xml"].find("MIN-0001"), std::string::npos);
  EXPECT_NE(parts["word/header1.xml"].find("MIN-0001.docx"), std::string::npos);
  NextVersion(docx.substr(0, docx.size() / 2));
  const std::int64_t before = Sequence();
  Create(Ask("b.docx"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "TEMPLATE_DAMAGED");
  NextVersion(MakeZip({{"[Content_Types].xml", std::string(17 << 20, ' ')}}));
  Create(Ask("b.docx"));
  EXPECT_EQ(Reason(), "TEMPLATE_TOO_LARGE");
  EXPECT_EQ(Metadata("limit"), "templates.ratio");
  EXPECT_EQ(Sequence(), before + 1);
}

TEST_F(TemplatesTest, ALargeOfficeFileGoesIntoTheRepositoryBesideTheJournal) {
  std::string noise;
  std::uint32_t state = 1;
  while (noise.size() < (2u << 20)) noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  const std::string docx = WithReplaced(MakeDocx(Paragraph(RunOf("{{ number }}"))), {{"word/media/image1.png", noise}});
  v1::CreateUploadRequest upload;
  upload.set_parent("projects/apollo");
  upload.set_size(static_cast<std::int64_t>(docx.size()));
  const v1::Upload session = Call(*contents_, &v1::Contents::Stub::CreateUpload, upload);
  {
    grpc::ClientContext context;
    v1::Upload done;
    const auto stream = contents_->WriteUpload(&context, &done);
    for (std::size_t at = 0; at < docx.size(); at += 1 << 20) {
      v1::WriteUploadRequest piece;
      piece.set_name(session.name());
      piece.set_offset(static_cast<std::int64_t>(at));
      piece.set_data(docx.substr(at, 1 << 20));
      piece.set_crc32c(Crc32c(piece.data()));
      ASSERT_TRUE(stream->Write(piece));
    }
    stream->WritesDone();
    ASSERT_TRUE(stream->Finish().ok());
  }
  auto request = NewAt("templates/large.docx", "");
  request.mutable_item()->mutable_new_document()->set_type("template");
  request.mutable_item()->mutable_main_file()->set_upload(session.name());
  CheckIn(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const v1::Document document = Made(Ask("a.docx"));
  EXPECT_GT(document.latest_version().main_file().size(), 2 << 20);
  const auto content = server_->store().ReadContent("apollo", document.latest_version().main_file());
  ASSERT_TRUE(content.ok()) << content.status();
  auto parts = ReadZip(*content);
  EXPECT_NE(parts["word/document.xml"].find("MIN-0001"), std::string::npos);
  EXPECT_EQ(parts["word/media/image1.png"], noise);
}

TEST_F(TemplatesTest, ARequestIsDoneOnceAlsoAfterARestart) {
  PutTemplate("{{ number }}");
  auto request = Ask("{{ number }}.md");
  request.set_request_id("r1");
  const v1::Document first = Made(request);
  NextVersion("{{ unknown }}");
  EXPECT_EQ(Made(request).DebugString(), first.DebugString()) << "the template of now is not looked at";
  Stop();
  Start();
  EXPECT_EQ(Made(request).name(), first.name());
  request.mutable_new_document()->set_title("other");
  Create(request);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

TEST_F(TemplatesTest, ARequestThatIsAskedAtTheSameTimeLeavesNoUpload) {
  Stop();
  limits_.inline_bytes = 10;  // what is made is an upload
  Start();
  PutTemplate("{{title}}");
  for (int i = 0; i < 10; ++i) {
    auto request = Ask("a document with number {{ number }}.md");
    request.mutable_new_document()->set_title("The title of number {{ number }}");
    request.set_request_id("r" + std::to_string(i));
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        grpc::ClientContext context;
        v1::Document document;
        if (!templates_->CreateFromTemplate(&context, request, &document).ok()) ++wrong;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path() + "/data/uploads"));
  }
}

TEST_F(TemplatesTest, NumbersAreRightHoweverManyAreMadeAtOnce) {
  PutTemplate("{{ number }}");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        grpc::ClientContext context;
        if (t % 2 == 0) {
          v1::Document document;
          if (!templates_->CreateFromTemplate(&context, Ask("{{ number }}.md"), &document).ok()) ++wrong;
          continue;
        }
        auto request = NewAt("plain/" + std::to_string(t) + "-" + std::to_string(i) + ".md", "plain");
        request.mutable_item()->mutable_new_document()->set_type("minutes");
        v1::CheckInResponse response;
        if (!contents_->CheckIn(&context, request, &response).ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  const Numbers made = Listed("template : *");
  EXPECT_EQ(made.size(), 20u);
  for (const std::string& number : made) {
    const auto fetched = Fetch("projects/apollo/documents/" + number);
    EXPECT_EQ(fetched.content(), number);
    EXPECT_EQ(fetched.file().file_name(), number + ".md");
  }
  const Numbers all = Listed("type = minutes");
  ASSERT_EQ(all.size(), 40u);
  EXPECT_EQ(all.back(), "MIN-0040") << "none was left out";
}

TEST_F(TemplatesTest, ATemplateOfAnotherProjectServesToo) {
  MakeProject("office");
  PutTemplate("{{ project.title }} {{ template.number }}", "minutes.md", "projects/office");
  const std::string name = "projects/office/documents/TPL-0001";
  const v1::Document document = Made(Ask("a.md", name));
  EXPECT_EQ(TextOf(document), "Project apollo TPL-0001");
  auto next = Next("TPL-0001", "two");
  next.set_parent("projects/office");
  next.mutable_item()->set_document(name);
  CheckIn(next);
  EXPECT_EQ(Outdated(name), Numbers{"MIN-0001"});
  v1::ListOutdatedDocumentsRequest request;
  request.set_parent("projects/apollo");
  request.set_template_(name);
  request.mutable_as_of()->set_sequence(1);
  Call(*templates_, &v1::Templates::Stub::ListOutdatedDocuments, request);
  EXPECT_EQ(Field(), "as_of");
  request.clear_as_of();
  *request.mutable_as_of()->mutable_time() = document.create_time();
  EXPECT_EQ(Call(*templates_, &v1::Templates::Stub::ListOutdatedDocuments, request).documents_size(), 0);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(TemplatesTest, TheIndexMadeAnewSaysTheSame) {
  PutTemplate("one");
  Made(Ask("a.md"));
  NextVersion("two");
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Outdated(), Numbers{"MIN-0001"});
}

TEST_F(TemplatesTest, FieldsOfMoreNamesThanAnAnswerHoldsAreRefused) {
  std::string runs;
  for (int i = 0; i < 60'000; ++i) runs += RunOf("{{ " + std::string(55, 'f') + std::to_string(10'000 + i) + " }}");
  PutTemplate(MakeDocx(Paragraph(runs)), "templates/minutes.docx");
  v1::GetTemplateFieldsRequest request;
  request.set_template_(kTemplate);
  Call(*templates_, &v1::Templates::Stub::GetTemplateFields, request);
  EXPECT_EQ(Reason(), "TEMPLATE_INVALID") << status_.error_message();
  EXPECT_NE(status_.error_message().find("at most 5000"), std::string::npos) << status_.error_message();
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "{{ " + std::string(120, 'f') + std::to_string(10'000 + i) + " }}\n";
  PutTemplate(text, "templates/text.md");
  request.set_template_("projects/apollo/documents/TPL-0002");
  EXPECT_EQ(Call(*templates_, &v1::Templates::Stub::GetTemplateFields, request).fields_size(), 5'000)
      << status_.error_message();
  PutTemplate(text + "{{ more }}", "templates/more.md");
  request.set_template_("projects/apollo/documents/TPL-0003");
  Call(*templates_, &v1::Templates::Stub::GetTemplateFields, request);
  EXPECT_EQ(Reason(), "TEMPLATE_INVALID") << status_.error_message();
}

TEST_F(TemplatesTest, ADateMayBeInThePathAlone) {
  PutTemplate("# {{ number }}\n");
  auto request = Ask("minutes/{{ date }} {{ number }}.md");
  (*request.mutable_fields())["date"] = "2026-02-01";
  EXPECT_EQ(Made(request).path(), "minutes/2026-02-01 MIN-0001.md");
  request.mutable_new_document()->set_path("minutes/{{ number }}.md");
  Create(request);
  EXPECT_EQ(Reason(), "TEMPLATE_FIELD_UNKNOWN") << "it is nowhere";
}

}  // namespace
}  // namespace greffe
