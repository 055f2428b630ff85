#include "services/templates/template_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/base/errors.h"
#include "tests/base/shared_data.h"
#include "tests/services/office_files.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

std::string Filled(const std::string& content, const FieldValues& values, const TemplateLimits& limits = {}) {
  const auto file = TemplateFile::Open(content, limits);
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return "";
  const auto filled = (*file)->Fill(values);
  EXPECT_TRUE(filled.ok()) << filled.status();
  return filled.value_or("");
}

std::string PartOf(const std::string& zip, const std::string& part) { return ReadZip(zip)[part]; }

absl::Status Refusal(const std::string& content, const TemplateLimits& limits = {}) {
  const auto file = TemplateFile::Open(content, limits);
  if (!file.ok()) return file.status();
  FieldValues values;
  for (const std::string& field : (*file)->fields()) values[field] = "value";
  return (*file)->Fill(values).status();
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(TemplateFileTest, TextIsFilledAndNothingElseChanges) {
  EXPECT_EQ(Filled("# {{ title }}\r\n{{number}}: {{ a.b-c }} \\{{ kept }}\n",
                   {{"title", "{{ number }}"}, {"number", "7"}, {"a.b-c", ""}}),
            "# {{ number }}\r\n7:  {{ kept }}\n")
      << "a value is no template";
  EXPECT_EQ(Filled("\xEF\xBB\xBFno fields } } {", {}), "\xEF\xBB\xBFno fields } } {");
}

TEST(TemplateFileTest, AFieldOfADocxIsFoundHoweverItsRunsAreCut) {
  const std::string docx = MakeDocx(
      Paragraph(RunOf("Nr. {") + RunOf("{ num") + "<w:bookmarkStart w:id=\"0\"/>" + RunOf("ber }") +
                RunOf("} of {{date}}, {{ date }}.")) +
          Paragraph("<w:r><w:t xml:space=\"preserve\"> {{ project.title }}</w:t><w:tab/><w:t>end</w:t></w:r>") +
          Paragraph("<w:r><w:txbxContent>" + Paragraph(RunOf("box {{ owner }}")) + "</w:txbxContent></w:r>" +
                    RunOf("outside")),
      Paragraph(RunOf("{{\xC2\xA0title\xC2\xA0}}")));
  const auto file = TemplateFile::Open(docx, {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->format(), v1::TEMPLATE_FORMAT_DOCX);
  EXPECT_EQ((*file)->fields(), (std::set<std::string>{"date", "number", "owner", "project.title", "title"}));
  const std::string filled = Filled(docx, {{"number", "A<1> & \"B\""},
                                           {"date", "2026-03-31"},
                                           {"owner", "ada"},
                                           {"project.title", "Étude "},
                                           {"title", "T"}});
  const std::string body = PartOf(filled, "word/document.xml");
  EXPECT_TRUE(Has(body, RunOf("Nr. A&lt;1&gt; &amp; \"B\"") + "<w:r><w:t></w:t></w:r>") ||
              Has(body, RunOf("Nr. A&lt;1&gt; &amp; \"B\"") + "<w:r><w:t/></w:r>"))
      << body;
  EXPECT_TRUE(Has(body, "<w:t xml:space=\"preserve\"> of 2026-03-31, 2026-03-31.</w:t>")) << body;
  EXPECT_TRUE(Has(body, "<w:t xml:space=\"preserve\"> Étude </w:t><w:tab/><w:t>end</w:t>")) << body;
  EXPECT_TRUE(Has(body, RunOf("box ada")) && Has(body, RunOf("outside"))) << body;
  EXPECT_TRUE(Has(PartOf(filled, "word/header1.xml"), RunOf("T")));
  EXPECT_TRUE(Has(PartOf(filled, "docProps/core.xml"), "<dc:title>T</dc:title>"));
  EXPECT_EQ(PartOf(filled, "word/media/image1.png"), PartOf(docx, "word/media/image1.png"));
  EXPECT_EQ(Filled(docx, {{"number", "1"}, {"date", ""}, {"owner", ""}, {"project.title", ""}, {"title", ""}}),
            Filled(docx, {{"number", "1"}, {"date", ""}, {"owner", ""}, {"project.title", ""}, {"title", ""}}))
      << "the same bytes at any time";
}

TEST(TemplateFileTest, AFieldOfAWorkbookIsFilledInStringsCellsAndHeaders) {
  const std::string xlsx = MakeXlsx(
      "<si><t>Project {{ project.title }}</t></si><si><r><t>{{ num</t></r><r><rPr><b/></rPr><t>ber }}</t></r></si>",
      "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{{ title }}</t></is></c></row></sheetData>"
      "<headerFooter><oddHeader>&amp;C{{ project.title }}</oddHeader></headerFooter>");
  const std::string filled = Filled(xlsx, {{"project.title", "R&D"}, {"number", "BUD-0001"}, {"title", "T"}});
  const std::string strings = PartOf(filled, "xl/sharedStrings.xml");
  EXPECT_TRUE(Has(strings, "<t>Project R&amp;D</t>")) << strings;
  EXPECT_TRUE(Has(strings, "<r><t>BUD-0001</t></r>")) << strings;
  const std::string sheet = PartOf(filled, "xl/worksheets/sheet1.xml");
  EXPECT_TRUE(Has(sheet, "<is><t>T</t></is>")) << sheet;
  EXPECT_TRUE(Has(sheet, "<oddHeader>&amp;CR&amp;&amp;D</oddHeader>")) << sheet;
}

TEST(TemplateFileTest, WhatIsNoFieldIsNamed) {
  absl::Status status = Refusal("one\n{{ not a field }}\n");
  EXPECT_EQ(ReasonOf(status), "TEMPLATE_INVALID");
  EXPECT_EQ(ErrorMetadataOf(status, "line"), "2");
  EXPECT_EQ(ReasonOf(Refusal("{{ number")), "TEMPLATE_INVALID");
  EXPECT_EQ(ReasonOf(Refusal("{{}}")), "TEMPLATE_INVALID");
  status = Refusal(MakeDocx(Paragraph(RunOf("{{ two words }}"))));
  EXPECT_EQ(ErrorMetadataOf(status, "part"), "word/document.xml") << status;
  EXPECT_EQ(ReasonOf(Refusal(MakeDocx(Paragraph(RunOf("{{ num") + "<w:r><w:br/></w:r>" + RunOf("ber }}"))))),
            "TEMPLATE_INVALID");
  EXPECT_EQ(ReasonOf(Refusal(std::string("\xD0\xCF\x11\xE0", 4))), "TEMPLATE_FORMAT_UNSUPPORTED");
  EXPECT_EQ(ReasonOf(Refusal(std::string("a\0b", 3))), "TEMPLATE_FORMAT_UNSUPPORTED");
  EXPECT_EQ(ReasonOf(Refusal(MakeZip({{"mimetype", "application/vnd.oasis.opendocument.text"}}))),
            "TEMPLATE_FORMAT_UNSUPPORTED");
}

TEST(TemplateFileTest, WhatIsDamagedIsNamed) {
  const std::string docx = MakeDocx(Paragraph(RunOf("{{ number }}")));
  for (const std::size_t size : {docx.size() - 1, docx.size() / 2, std::size_t{10}}) {
    EXPECT_EQ(ReasonOf(Refusal(docx.substr(0, size))), "TEMPLATE_DAMAGED") << size;
  }
  std::string flipped = docx;
  flipped[flipped.find("word/media/image1.png") + 30] ^= 0x40;
  const absl::Status status = Refusal(flipped);
  EXPECT_EQ(ReasonOf(status), "TEMPLATE_DAMAGED");
  EXPECT_EQ(ErrorMetadataOf(status, "part"), "word/media/image1.png") << status;
  const auto with = [&docx](const std::string& xml) { return WithReplaced(docx, {{"word/document.xml", xml}}); };
  EXPECT_EQ(ReasonOf(Refusal(with("<w:document><w:p>{{ number }}"))), "TEMPLATE_DAMAGED");
  EXPECT_EQ(ReasonOf(Refusal(with("{{ number }}"))), "TEMPLATE_DAMAGED");
  EXPECT_EQ(ReasonOf(Refusal(
                with("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a><p><t>{{ a }}&e;</t></p></a>"))),
            "TEMPLATE_DAMAGED");
  EXPECT_EQ(ReasonOf(Refusal(MakeZip({{"[Content_Types].xml", "<Types"}}))), "TEMPLATE_DAMAGED");
}

TEST(TemplateFileTest, BombsGoOffNowhere) {
  const auto limit_of = [](const absl::Status& status) { return ErrorMetadataOf(status, "limit"); };
  const std::string nothing(17 << 20, ' ');
  EXPECT_EQ(limit_of(Refusal(MakeZip({{"[Content_Types].xml", nothing}}))), "templates.ratio");
  TemplateLimits limits;
  limits.ratio = 100'000;
  EXPECT_EQ(limit_of(Refusal(MakeZip({{"[Content_Types].xml", nothing}}), limits)), "templates.xml_bytes");
  limits.unpacked_bytes = 30 << 20;
  EXPECT_EQ(limit_of(Refusal(MakeZip({{"a", nothing}, {"b", nothing}}), limits)), "templates.unpacked_bytes");
  // A directory that tells less than there is.
  std::string liar = MakeZip({{"a", nothing}});
  liar.replace(liar.rfind("PK\1\2") + 24, 4, std::string("\1\0\0\0", 4));
  EXPECT_EQ(ReasonOf(Refusal(liar, limits)), "TEMPLATE_DAMAGED");
  ZipContents many;
  for (int i = 0; i < 6000; ++i) many.emplace_back("a" + std::to_string(i), "");
  EXPECT_EQ(limit_of(Refusal(MakeZip(many))), "templates.entries");
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<p>";
  deep += "<t>{{ a }}</t>";
  for (int i = 0; i < 200'000; ++i) deep += "</p>";
  EXPECT_EQ(limit_of(Refusal(MakeDocx(deep), limits)), "templates.xml_depth");
  std::string fields;
  for (int i = 0; i < 20'000; ++i) fields += "{{ a }}";
  const std::string value(10'000, 'x');
  EXPECT_EQ(limit_of((*TemplateFile::Open(fields, {}))->Fill({{"a", value}}).status()), "templates.text_bytes");
  EXPECT_EQ(
      limit_of(
          (*TemplateFile::Open(MakeDocx(Paragraph(RunOf(fields))), {}))->Fill({{"a", value}, {"title", ""}}).status()),
      "templates.xml_bytes");
  limits.text_bytes = 10;
  EXPECT_EQ(limit_of(Refusal("12345678901", limits)), "templates.text_bytes");
  limits.file_bytes = 100;
  EXPECT_EQ(limit_of(Refusal(MakeDocx(""), limits)), "templates.file_bytes");
}

TEST(TemplateFileTest, AValueThatXmlCannotHoldIsRefused) {
  const auto file = TemplateFile::Open(MakeDocx(Paragraph(RunOf("{{ a }}"))), {});
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(ErrorMetadataOf((*file)->Fill({{"a", "\xEF\xBF\xBF"}, {"title", ""}}).status(), "field"), "fields[a]");
}

// Each real file is filled with a field in its first paragraph or string, and is then what it was but for that.
TEST(TemplateFileTest, RealOfficeFilesAreFilledAndStayWhatTheyAre) {
  const auto office = FindSharedData("office");
  if (!office) GTEST_SKIP() << NoSharedData("office");
  TemporaryDirectory directory;
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*office)) {
    const std::string extension = entry.path().extension();
    if (extension != ".docx" && extension != ".xlsx") continue;
    SCOPED_TRACE(entry.path());
    ++count;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string original{std::istreambuf_iterator<char>(in), {}};
    const auto file = TemplateFile::Open(original, {});
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->fields().empty());
    const bool is_docx = extension == ".docx";
    const std::string part = is_docx ? "word/document.xml" : "xl/sharedStrings.xml";
    std::map<std::string, std::string> parts = ReadZip(original);
    if (!parts.contains(part)) continue;
    std::string xml = parts[part];
    const std::string close = is_docx ? "</w:t>" : "</t>";
    const std::size_t at = xml.find(close);
    ASSERT_NE(at, std::string::npos);
    xml.insert(at, "{{ title }}");
    const std::string filled = Filled(WithReplaced(original, {{part, xml}}), {{"title", "Größe & <Maß>"}});
    std::map<std::string, std::string> after = ReadZip(filled);
    EXPECT_TRUE(Has(after[part], "Größe &amp; &lt;Maß&gt;" + close));
    after.erase(part);
    parts.erase(part);
    EXPECT_EQ(after, parts);
    std::ofstream(directory.path() + "/" + std::to_string(count) + extension, std::ios::binary) << filled;
  }
  EXPECT_GT(count, 8);
  const ShellResult read =
      Shell("cd " + directory.path() +
            " && python3 -c 'import glob, zipfile, xml.etree.ElementTree as e\n"
            "for f in glob.glob(\"*\"):\n z = zipfile.ZipFile(f)\n assert z.testzip() is None\n"
            " for n in z.namelist():\n  n.endswith((\".xml\", \".rels\")) and e.fromstring(z.read(n))'");
  EXPECT_EQ(read.exit_code, 0) << read.output;
  if (Shell("command -v soffice").exit_code != 0) return;
  const ShellResult opened = Shell("cd " + directory.path() +
                                   " && mkdir pdf && soffice --headless --convert-to pdf --outdir pdf *.docx *.xlsx");
  EXPECT_EQ(opened.exit_code, 0) << opened.output;
}

}  // namespace
}  // namespace greffe
