// Templates: text, zip files, and XML files inside one that is well formed. What was filled opens again, and has no
// field of the first one left unless a value brings it.
#include <string>
#include <vector>

#include "services/templates/template_file.h"
#include "storage/base/zip_format.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

namespace {

std::string StoredZip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string zip;
  std::vector<ZipEntry> entries;
  for (const auto& [name, content] : files) {
    entries.push_back({name, static_cast<std::int64_t>(content.size()), static_cast<std::int64_t>(zip.size()),
                       ExtendCrc32(0, content)});
    zip += ZipHeader(entries.back(), 0) + content;
  }
  return zip + ZipDirectory(entries, 0, static_cast<std::int64_t>(zip.size()));
}

// One file of a package, of the kind that the first byte chooses.
std::string Package(unsigned char kind, std::string xml) {
  const std::string office = "application/vnd.openxmlformats-officedocument.";
  const std::vector<std::string> types = {office + "wordprocessingml.header+xml",
                                          office + "spreadsheetml.sharedStrings+xml",
                                          office + "spreadsheetml.worksheet+xml", office + "spreadsheetml.table+xml",
                                          "application/vnd.openxmlformats-package.core-properties+xml"};
  return StoredZip(
      {{"[Content_Types].xml", "<Types><Override PartName=\"/a.xml\" ContentType=\"" + types[kind % types.size()] +
                                   "\"/><Override PartName=\"/b.xml\" ContentType=\"" + office +
                                   "spreadsheetml.sheet.main+xml\"/></Types>"},
       {"b.xml", "<workbook/>"},
       {"a.xml", std::move(xml)}});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return -1;
  const std::string rest(AsText(data + 1, size - 1));
  const std::string content = data[0] < 128 ? rest : Package(data[0], rest);
  TemplateLimits limits;
  limits.unpacked_bytes = 8 << 20;
  limits.xml_bytes = 1 << 20;
  const auto file = TemplateFile::Open(content, limits);
  if (!file.ok()) {
    FUZZ_REQUIRE(file.status().code() == absl::StatusCode::kFailedPrecondition);
    return 0;
  }
  FieldValues values;
  for (const std::string& field : (*file)->fields()) values[field] = "<&>\"' x ";
  const auto filled = (*file)->Fill(values);
  if (!filled.ok()) {
    FUZZ_REQUIRE(filled.status().code() == absl::StatusCode::kFailedPrecondition);
    return 0;
  }
  const auto again = TemplateFile::Open(*filled, limits);
  // An escape leaves braces that begin no field any more.
  if (again.ok()) FUZZ_REQUIRE((*again)->format() == (*file)->format());
  return 0;
}
