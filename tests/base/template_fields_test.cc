#include "storage/base/template_fields.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/filter.h"
#include "storage/base/template_order.h"
#include "storage/base/template_values.h"

namespace greffe {
namespace {

TEST(TemplateFieldsTest, MarksAreFieldsAndEscapes) {
  const auto marks = FindFields("a {{ x }}{{\u00a0y.z_1-2\u202f}} \\{{ b }}");
  ASSERT_TRUE(marks.ok()) << marks.status();
  ASSERT_EQ(marks->size(), 3u);
  EXPECT_EQ((*marks)[0].name, "x");
  EXPECT_EQ((*marks)[0].begin, 2u);
  EXPECT_EQ((*marks)[0].size, 7u);
  EXPECT_EQ((*marks)[1].name, "y.z_1-2");
  EXPECT_EQ((*marks)[2].name, "");
  EXPECT_EQ((*marks)[2].size, 3u);
}

TEST(TemplateFieldsTest, BracesThatBeginNoFieldAreRefusedWithTheirLine) {
  for (const char* text : {"{{", "{{ }}", "{{ 1a }}", "{{ a. }}", "{{ a b }}", "{{ a\n}}", "{{{ a }}}", "{{ é }}"}) {
    EXPECT_EQ(ReasonOf(FindFields(text).status()), "TEMPLATE_INVALID") << text;
  }
  EXPECT_EQ(ReasonOf(FindFields("{{ " + std::string(129, 'a') + " }}").status()), "TEMPLATE_INVALID");
  EXPECT_EQ(ErrorMetadataOf(FindFields("\n\n{{ a b }}").status(), "line"), "3");
}

TEST(TemplateFieldsTest, FieldsAreBoundedInNumber) {
  std::string text;
  for (std::size_t i = 0; i < kMaxFieldMarks; ++i) text += "{{a}}";
  EXPECT_TRUE(FindFields(text).ok());
  EXPECT_EQ(ReasonOf(FindFields(text + "{{b}}").status()), "TEMPLATE_INVALID");
  EXPECT_FALSE(FindFields("{{a}}\n{{b\n}}").ok()) << "a field ends on its line";
}

TEST(TemplateFieldsTest, OrdersSortAsVersionsFollow) {
  const std::string nine = TemplateOrder("projects/p/documents/TPL-0001/versions/9");
  const std::string ten = TemplateOrder("projects/p/documents/TPL-0001/versions/10");
  EXPECT_LT(nine, ten);
  EXPECT_EQ(PrefixOfTemplateOrder(ten), TemplateOrderPrefix("projects/p/documents/TPL-0001"));
}

TEST(TemplateFieldsTest, AFilterComparesWithVersionsOfTheSameTemplate) {
  v1::Document document;
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  const auto matches = [&document](const std::string& filter) {
    const auto parsed = ParseDocumentFilter(filter);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.ok() && Matches(*parsed, document);
  };
  const std::string one = "\"projects/p/documents/TPL-1/versions/";
  EXPECT_FALSE(matches("template < " + one + "9\""));
  EXPECT_FALSE(matches("template : *"));
  EXPECT_TRUE(matches("template != " + one + "9\""));
  document.set_template_("projects/p/documents/TPL-1/versions/9");
  EXPECT_TRUE(matches("template = " + one + "9\""));
  EXPECT_TRUE(matches("template < " + one + "10\""));
  EXPECT_TRUE(matches("template <= " + one + "9\" AND template >= " + one + "9\""));
  EXPECT_FALSE(matches("template < " + one + "9\""));
  EXPECT_TRUE(matches("template > " + one + "8\""));
  EXPECT_TRUE(matches("template : \"projects/p/documents/TPL-1\""));
  EXPECT_TRUE(matches("template : *"));
  EXPECT_FALSE(matches("template : \"projects/p/documents/TPL-10\""));
  EXPECT_FALSE(matches("template < \"projects/p/documents/TPL-2/versions/10\"")) << "another template";
  for (const char* wrong : {"template = TPL-1", "template < \"projects/p/documents/TPL-1\"",
                            "template = \"projects/p/documents/TPL-1/versions/latest\""}) {
    EXPECT_EQ(ReasonOf(ParseDocumentFilter(wrong).status()), "FILTER_INVALID") << wrong;
  }
}

TEST(TemplateFieldsTest, TheServersValuesAreThoseThatAreThere) {
  v1::Project project;
  project.set_name("projects/apollo");
  project.set_title("Apollo");
  (*project.mutable_labels())["phase"] = "2";
  v1::Document document;
  document.set_name("projects/apollo/documents/MIN-0001");
  document.set_title("Kick-off");
  (*document.mutable_attributes())["cost"].set_number(2.5);
  v1::Principal author;
  author.set_id("ada");
  v1::Document source;
  source.set_name("projects/office/documents/TPL-0001");
  v1::Version version;
  version.set_number(3);
  FieldValues values = ServerValues({project, document, author, source, version, "2026-03-31"});
  EXPECT_EQ(values, (FieldValues{{"number", "MIN-0001"},
                                 {"title", "Kick-off"},
                                 {"attributes.cost", "2.5"},
                                 {"author", "ada"},
                                 {"date", "2026-03-31"},
                                 {"project.id", "apollo"},
                                 {"project.title", "Apollo"},
                                 {"project.labels.phase", "2"},
                                 {"template.number", "TPL-0001"},
                                 {"template.version", "3"}}));
  google::protobuf::Map<std::string, std::string> given;
  given["date"] = "31/03/2026";
  given["project.code"] = "";
  EXPECT_TRUE(AddGivenValues(given, values).ok());
  EXPECT_EQ(values["date"], "31/03/2026");
  EXPECT_TRUE(values.contains("project.code"));
  given["number"] = "X";
  EXPECT_EQ(ErrorMetadataOf(AddGivenValues(given, values), "field"), "fields[number]");
  given.clear();
  given["a"] = "two\nlines";
  EXPECT_EQ(ReasonOf(AddGivenValues(given, values)), "TEXT_INVALID");
}

}  // namespace
}  // namespace greffe
