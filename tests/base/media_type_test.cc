#include "storage/base/media_type.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "tests/base/shared_data.h"

namespace greffe {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kZip = "PK\x03\x04\x14\0\x06\0"sv;
constexpr std::string_view kOle = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"sv;
constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv;
constexpr std::string_view kBinary = "\x01\x02\0\xfe"sv;

constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr char kPptx[] = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

TEST(MediaTypeTest, ExtensionsOfOfficesAreKnown) {
  const struct {
    const char* file_name;
    std::string_view bytes;
    const char* type;
  } kCases[] = {
      {"a.md", "# A"sv, "text/markdown"},
      {"a.csv", "a;b"sv, "text/csv"},
      {"a.html", "<p>"sv, "text/html"},
      {"a.xml", "<a/>"sv, "application/xml"},
      {"a.json", "{}"sv, "application/json"},
      {"a.yaml", "a: 1"sv, "application/yaml"},
      {"a.docx", kZip, kDocx},
      {"a.dotx", kZip, "application/vnd.openxmlformats-officedocument.wordprocessingml.template"},
      {"a.docm", kZip, "application/vnd.ms-word.document.macroEnabled.12"},
      {"a.dotm", kZip, "application/vnd.ms-word.template.macroEnabled.12"},
      {"a.xltm", kZip, "application/vnd.ms-excel.template.macroEnabled.12"},
      {"a.potm", kZip, "application/vnd.ms-powerpoint.template.macroEnabled.12"},
      {"a.xlsb", kZip, "application/vnd.ms-excel.sheet.binary.macroEnabled.12"},
      {"a.ott", kZip, "application/vnd.oasis.opendocument.text-template"},
      {"a.ods", kZip, "application/vnd.oasis.opendocument.spreadsheet"},
      {"a.xls", kOle, "application/vnd.ms-excel"},
      {"a.mpp", kOle, "application/vnd.ms-project"},
      {"a.msg", kOle, "application/vnd.ms-outlook"},
      {"a.vsdx", kZip, "application/vnd.ms-visio.drawing"},
      {"a.pdf", "%PDF-1.7\n"sv, "application/pdf"},
      {"a.rtf", "{\\rtf1"sv, "application/rtf"},
      {"a.png", kPng, "image/png"},
      {"a.jpg", "\xff\xd8\xff\xe0"sv, "image/jpeg"},
      {"a.gif", "GIF89a"sv, "image/gif"},
      {"a.tif", "II*\0"sv, "image/tiff"},
      {"a.webp", "RIFF\x10\0\0\0WEBPVP8 "sv, "image/webp"},
      {"a.svg", "<svg/>"sv, "image/svg+xml"},
      {"a.zip", kZip, "application/zip"},
      {"a.gz", "\x1f\x8b\x08\0"sv, "application/gzip"},
      {"a.7z", "7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed"},
      {"a.eml", "From: a@b\r\n"sv, "message/rfc822"},
      {"a.dwg", "AC1032\0\0"sv, "image/vnd.dwg"},
      {"a.dxf", "0\nSECTION\n"sv, "image/vnd.dxf"},
      {"a.ifc", "ISO-10303-21;"sv, "application/x-step"},
      {"a.mp4",
       "\0\0\0\x18"
       "ftypmp42"sv,
       "video/mp4"},
  };
  for (const auto& known : kCases) EXPECT_EQ(MediaTypeOf(known.file_name, known.bytes), known.type) << known.file_name;
}

TEST(MediaTypeTest, ExtensionIsTheLastOneInAnyCase) {
  EXPECT_EQ(MediaTypeOf("Plan.v2.final.DOCX", kZip), kDocx);
  EXPECT_EQ(MediaTypeOf("a.docx.md", "x"), "text/markdown");
  EXPECT_EQ(MediaTypeOf("specs.pdf/README", "x"), "text/plain");
  EXPECT_EQ(MediaTypeOf("a.", "x"), "text/plain");
  EXPECT_EQ(MediaTypeOf("", "x"), "text/plain");
}

TEST(MediaTypeTest, BytesWinOverTheExtension) {
  EXPECT_EQ(MediaTypeOf("a.docx", "%PDF-1.4"), "application/pdf");
  EXPECT_EQ(MediaTypeOf("a.pdf", kPng), "image/png");
  EXPECT_EQ(MediaTypeOf("a.md", kZip), "application/zip");
  EXPECT_EQ(MediaTypeOf("a.dwg", "%PDF-1.4"), "application/pdf");
  EXPECT_EQ(MediaTypeOf("a.docx", "only words"), "text/plain");
  EXPECT_EQ(MediaTypeOf("a.pdf", kBinary), "application/octet-stream");
  EXPECT_EQ(MediaTypeOf("a.csv", kBinary), "application/octet-stream");
}

TEST(MediaTypeTest, WordsAreNoSignature) {
  EXPECT_EQ(MediaTypeOf("a.md", "Convert WEBP to PNG"), "text/markdown");
  EXPECT_EQ(MediaTypeOf("a.md", "How ftyp boxes work"), "text/markdown");
  EXPECT_EQ(MediaTypeOf("a.md", "GIF8 is no format"), "text/markdown");
  EXPECT_EQ(MediaTypeOf("a.txt", "PK is a country code"), "text/plain");
}

TEST(MediaTypeTest, TextInOtherEncodingsIsWhatItsExtensionSays) {
  EXPECT_EQ(MediaTypeOf("a.csv", "caf\xe9;1"), "text/csv");
  EXPECT_EQ(MediaTypeOf("a.csv",
                        "\xff\xfe"
                        "a\0;\0"sv),
            "text/csv");
  EXPECT_EQ(MediaTypeOf("a.xml", "\xfe\xff\0<\0a"sv), "application/xml");
  EXPECT_EQ(MediaTypeOf("unknown", "caf\xe9;1"), "application/octet-stream");
}

TEST(MediaTypeTest, EmptyFileIsWhatItsExtensionSays) {
  EXPECT_EQ(MediaTypeOf("a.docx", ""), kDocx);
  EXPECT_EQ(MediaTypeOf("a.unknown", ""), "text/plain");
}

TEST(MediaTypeTest, LooksAtFourKibibytesOnly) {
  std::string bytes(4096, 'a');
  bytes += '\0';
  EXPECT_EQ(MediaTypeOf("a", bytes), "text/plain");
  bytes[4095] = '\0';
  EXPECT_EQ(MediaTypeOf("a", bytes), "application/octet-stream");
  // A character across that border.
  bytes.assign(4095, 'a');
  bytes += "é";
  EXPECT_EQ(MediaTypeOf("a", bytes), "text/plain");
}

TEST(MediaTypeTest, TextMayEndInsideACharacter) {
  for (const std::string_view character : {"é"sv, "€"sv, "\xf0\x9f\x98\x80"sv}) {
    for (std::size_t cut = 0; cut <= character.size(); ++cut) {
      EXPECT_TRUE(IsText("long enough for a word " + std::string(character.substr(0, cut))));
      EXPECT_EQ(IsText(std::string(character.substr(0, cut)) + " words that come after it"),
                cut == 0 || cut == character.size());
    }
  }
  EXPECT_TRUE(IsText(""));
}

TEST(MediaTypeTest, NoTextEndsInWhatIsNoBeginningOfACharacter) {
  for (const std::string_view end : {"\xff"sv, "\xf5"sv, "\xc0"sv, "\x80"sv, "\xe0\x80"sv, "\xed\xa0"sv, "\xf0\x80"sv,
                                     "\xf4\x90"sv, "\xe2\x82\x41"sv}) {
    EXPECT_FALSE(IsText("abc" + std::string(end))) << static_cast<int>(end.front() & 0xff);
  }
  EXPECT_FALSE(IsText("a\0b"sv));
}

TEST(MediaTypeTest, CompressedFormatsAreToldFromTheirBytes) {
  EXPECT_TRUE(IsCompressed(kZip));
  EXPECT_TRUE(IsCompressed("%PDF-1.7"));
  EXPECT_TRUE(IsCompressed(kPng));
  EXPECT_TRUE(IsCompressed("\xff\xd8\xff\xe0"));
  EXPECT_TRUE(IsCompressed("\x1f\x8b\x08"));
  EXPECT_TRUE(
      IsCompressed("\xfd"
                   "7zXZ\0"sv));
  EXPECT_FALSE(IsCompressed(kOle));
  EXPECT_FALSE(IsCompressed("{\\rtf1"));
  EXPECT_FALSE(IsCompressed("II*\0"sv));
  EXPECT_FALSE(IsCompressed("words"));
  EXPECT_FALSE(IsCompressed(""));
}

TEST(MediaTypeTest, RealOfficeFilesHaveTheirTypes) {
  const auto folder = FindSharedData("office");
  if (!folder) GTEST_SKIP() << NoSharedData("office");
  const std::map<std::string, std::string> kTypes = {{".docx", kDocx},
                                                     {".xlsx", kXlsx},
                                                     {".pptx", kPptx},
                                                     {".pdf", "application/pdf"},
                                                     {".xml", "application/xml"},
                                                     {".md", "text/markdown"}};
  int seen = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    const auto type = kTypes.find(entry.path().extension().string());
    if (!entry.is_regular_file() || type == kTypes.end()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string bytes(4096, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    const bool text = type->first == ".xml" || type->first == ".md";
    EXPECT_EQ(MediaTypeOf(entry.path().filename().string(), bytes), type->second) << entry.path();
    EXPECT_EQ(IsText(bytes), text) << entry.path();
    EXPECT_EQ(IsCompressed(bytes), !text) << entry.path();
    ++seen;
  }
  EXPECT_GE(seen, 29);
}

}  // namespace
}  // namespace greffe
