// Small docx and xlsx files, and zip files that are not what they should be.
#pragma once

#include <gtest/gtest.h>
#include <zip.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace greffe {

using ZipContents = std::vector<std::pair<std::string, std::string>>;  // name, content; deflated

inline std::string BytesOf(zip_t* archive, zip_source_t* source) {
  EXPECT_EQ(zip_close(archive), 0);
  EXPECT_EQ(zip_source_open(source), 0);
  zip_source_seek(source, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(zip_source_tell(source)), '\0');
  zip_source_seek(source, 0, SEEK_SET);
  EXPECT_EQ(zip_source_read(source, bytes.data(), bytes.size()), static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(source);
  zip_source_free(source);
  return bytes;
}

inline std::string MakeZip(const ZipContents& contents) {
  zip_error_t error;
  zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(source);
  zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : contents) {
    const zip_int64_t index = zip_file_add(
        archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_ENC_UTF_8);
    EXPECT_GE(index, 0) << name;
    zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), 1'774'958'400, 0);
  }
  return BytesOf(archive, source);
}

// With every CRC checked.
inline std::map<std::string, std::string> ReadZip(const std::string& bytes) {
  std::map<std::string, std::string> contents;
  zip_error_t error;
  zip_t* archive = zip_open_from_source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error),
                                        ZIP_RDONLY | ZIP_CHECKCONS, &error);
  EXPECT_NE(archive, nullptr) << zip_error_strerror(&error);
  if (archive == nullptr) return contents;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t stat;
    zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat);
    std::string& content = contents[stat.name];
    content.resize(stat.size);
    zip_file_t* file = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
    char more = 0;
    EXPECT_EQ(zip_fread(file, content.data(), stat.size), static_cast<zip_int64_t>(stat.size)) << stat.name;
    EXPECT_EQ(zip_fread(file, &more, 1), 0) << stat.name;
    EXPECT_EQ(zip_fclose(file), 0) << stat.name;
  }
  zip_discard(archive);
  return contents;
}

// The same files, of which those named are replaced.
inline std::string WithReplaced(const std::string& bytes, const std::map<std::string, std::string>& contents) {
  ZipContents all;
  for (const auto& [name, content] : ReadZip(bytes)) {
    const auto other = contents.find(name);
    all.emplace_back(name, other == contents.end() ? content : other->second);
  }
  return MakeZip(all);
}

inline constexpr char kWord[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
inline constexpr char kSheets[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

inline std::string ContentTypesOf(const std::map<std::string, std::string>& types) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types "
      "xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
      "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
      "ContentType=\"application/xml\"/>";
  for (const auto& [part, type] : types) {
    xml += "<Override PartName=\"" + part + "\" ContentType=\"" + type + "\"/>";
  }
  return xml + "</Types>";
}

inline std::string Relationships(const std::string& target) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships "
         "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
         "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"" +
         target + "\"/></Relationships>";
}

// `body` is what is inside w:body, `header` inside w:hdr.
inline std::string MakeDocx(const std::string& body, const std::string& header = "") {
  const std::string name_space = " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
  return MakeZip(
      {{"[Content_Types].xml",
        ContentTypesOf({{"/word/document.xml", std::string(kWord) + "document.main+xml"},
                        {"/word/header1.xml", std::string(kWord) + "header+xml"},
                        {"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"}})},
       {"_rels/.rels", Relationships("word/document.xml")},
       {"word/document.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<w:document" + name_space + "><w:body>" +
                                 body + "</w:body></w:document>"},
       {"word/header1.xml", "<w:hdr" + name_space + ">" + header + "</w:hdr>"},
       {"docProps/core.xml",
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{{ title }}</dc:title></cp:coreProperties>"},
       {"word/media/image1.png", std::string("\x89PNG\r\n") + std::string(3000, 'x')}});
}

// One run with one text.
inline std::string RunOf(const std::string& text) { return "<w:r><w:t>" + text + "</w:t></w:r>"; }
inline std::string Paragraph(const std::string& runs) { return "<w:p>" + runs + "</w:p>"; }

// `strings` is what is inside sst, `sheet` inside worksheet.
inline std::string MakeXlsx(const std::string& strings, const std::string& sheet) {
  const std::string name_space = " xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
  return MakeZip(
      {{"[Content_Types].xml", ContentTypesOf({{"/xl/workbook.xml", std::string(kSheets) + "sheet.main+xml"},
                                               {"/xl/sharedStrings.xml", std::string(kSheets) + "sharedStrings+xml"},
                                               {"/xl/worksheets/sheet1.xml", std::string(kSheets) + "worksheet+xml"}})},
       {"_rels/.rels", Relationships("xl/workbook.xml")},
       {"xl/workbook.xml", "<workbook" + name_space + "/>"},
       {"xl/sharedStrings.xml", "<sst" + name_space + ">" + strings + "</sst>"},
       {"xl/worksheets/sheet1.xml", "<worksheet" + name_space + ">" + sheet + "</worksheet>"}});
}

}  // namespace greffe
