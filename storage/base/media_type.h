// What kind of content bytes are.
#pragma once

#include <string>
#include <string_view>

namespace greffe {

// IANA media type from the file name's extension, held against the first bytes (at most 4,096 are looked at): an OOXML
// or OpenDocument extension needs a zip signature, .pdf "%PDF-", and so on; where they disagree the bytes win. Unknown:
// "text/plain" for UTF-8 text without NUL, else "application/octet-stream". Covers what project offices use: Markdown,
// CSV, plain text, HTML, XML, JSON, YAML, docx/xlsx/pptx (and macro, template forms), odt/ods/odp, doc/xls/ppt, pdf,
// mpp, vsdx, rtf, png/jpeg/gif/svg/tiff/webp, zip/gzip/7z, eml/msg, dwg/dxf, ifc, mp4.
std::string MediaTypeOf(std::string_view file_name, std::string_view first_bytes);

// True when the bytes are text that a unified diff makes sense for: valid UTF-8 (a character cut at the end is fine),
// no NUL.
bool IsText(std::string_view bytes);

// True for formats that are compressed already (docx, pdf, png, zip, ...), told from the first bytes: deflate gains
// nothing on them.
bool IsCompressed(std::string_view first_bytes);

}  // namespace greffe
