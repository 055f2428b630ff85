#include "storage/base/media_type.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kLooked = 4096;

// What the first bytes must look like.
enum class Shape { kAny, kText, kZip, kOle, kPdf, kPng, kJpeg, kGif, kTiff, kWebp, kGzip, k7z, kMp4, kRtf };

struct Extension {
  std::string_view name;
  std::string_view type;
  Shape shape;
};

#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF "application/vnd.oasis.opendocument."
constexpr std::array kExtensions = {
    Extension{"7z", "application/x-7z-compressed", Shape::k7z},
    Extension{"bmp", "image/bmp", Shape::kAny},
    Extension{"csv", "text/csv", Shape::kText},
    Extension{"doc", "application/msword", Shape::kOle},
    Extension{"docm", "application/vnd.ms-word.document.macroEnabled.12", Shape::kZip},
    Extension{"docx", OOXML "wordprocessingml.document", Shape::kZip},
    Extension{"dotx", OOXML "wordprocessingml.template", Shape::kZip},
    Extension{"dwg", "image/vnd.dwg", Shape::kAny},
    Extension{"dxf", "image/vnd.dxf", Shape::kAny},
    Extension{"eml", "message/rfc822", Shape::kText},
    Extension{"gif", "image/gif", Shape::kGif},
    Extension{"gz", "application/gzip", Shape::kGzip},
    Extension{"htm", "text/html", Shape::kText},
    Extension{"html", "text/html", Shape::kText},
    Extension{"ics", "text/calendar", Shape::kText},
    Extension{"ifc", "application/x-step", Shape::kText},
    Extension{"jpeg", "image/jpeg", Shape::kJpeg},
    Extension{"jpg", "image/jpeg", Shape::kJpeg},
    Extension{"json", "application/json", Shape::kText},
    Extension{"log", "text/plain", Shape::kText},
    Extension{"md", "text/markdown", Shape::kText},
    Extension{"mp4", "video/mp4", Shape::kMp4},
    Extension{"mpp", "application/vnd.ms-project", Shape::kOle},
    Extension{"msg", "application/vnd.ms-outlook", Shape::kOle},
    Extension{"odg", ODF "graphics", Shape::kZip},
    Extension{"odp", ODF "presentation", Shape::kZip},
    Extension{"ods", ODF "spreadsheet", Shape::kZip},
    Extension{"odt", ODF "text", Shape::kZip},
    Extension{"pdf", "application/pdf", Shape::kPdf},
    Extension{"png", "image/png", Shape::kPng},
    Extension{"potx", OOXML "presentationml.template", Shape::kZip},
    Extension{"ppt", "application/vnd.ms-powerpoint", Shape::kOle},
    Extension{"pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.12", Shape::kZip},
    Extension{"pptx", OOXML "presentationml.presentation", Shape::kZip},
    Extension{"rst", "text/x-rst", Shape::kText},
    Extension{"rtf", "application/rtf", Shape::kRtf},
    Extension{"svg", "image/svg+xml", Shape::kText},
    Extension{"tif", "image/tiff", Shape::kTiff},
    Extension{"tiff", "image/tiff", Shape::kTiff},
    Extension{"tsv", "text/tab-separated-values", Shape::kText},
    Extension{"txt", "text/plain", Shape::kText},
    Extension{"vsdx", "application/vnd.ms-visio.drawing", Shape::kZip},
    Extension{"webp", "image/webp", Shape::kWebp},
    Extension{"xls", "application/vnd.ms-excel", Shape::kOle},
    Extension{"xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", Shape::kZip},
    Extension{"xlsx", OOXML "spreadsheetml.sheet", Shape::kZip},
    Extension{"xltx", OOXML "spreadsheetml.template", Shape::kZip},
    Extension{"xml", "application/xml", Shape::kText},
    Extension{"yaml", "application/yaml", Shape::kText},
    Extension{"yml", "application/yaml", Shape::kText},
    Extension{"zip", "application/zip", Shape::kZip},
};
#undef OOXML
#undef ODF
static_assert(std::is_sorted(kExtensions.begin(), kExtensions.end(),
                             [](const Extension& a, const Extension& b) { return a.name < b.name; }));

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  Shape shape;
  std::string_view type;
};

using namespace std::string_view_literals;
constexpr std::array kSignatures = {
    Signature{"PK\x03\x04"sv, 0, Shape::kZip, "application/zip"},
    Signature{"PK\x05\x06"sv, 0, Shape::kZip, "application/zip"},
    Signature{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, 0, Shape::kOle, "application/x-ole-storage"},
    Signature{"%PDF-"sv, 0, Shape::kPdf, "application/pdf"},
    Signature{"\x89PNG\r\n\x1a\n"sv, 0, Shape::kPng, "image/png"},
    Signature{"\xff\xd8\xff"sv, 0, Shape::kJpeg, "image/jpeg"},
    Signature{"GIF8"sv, 0, Shape::kGif, "image/gif"},
    Signature{"II*\0"sv, 0, Shape::kTiff, "image/tiff"},
    Signature{"MM\0*"sv, 0, Shape::kTiff, "image/tiff"},
    Signature{"WEBP"sv, 8, Shape::kWebp, "image/webp"},
    Signature{"\x1f\x8b"sv, 0, Shape::kGzip, "application/gzip"},
    Signature{"7z\xbc\xaf\x27\x1c"sv, 0, Shape::k7z, "application/x-7z-compressed"},
    Signature{"ftyp"sv, 4, Shape::kMp4, "video/mp4"},
    Signature{"{\\rtf"sv, 0, Shape::kRtf, "application/rtf"},
};

const Signature* FindSignature(std::string_view bytes) {
  for (const Signature& signature : kSignatures) {
    if (bytes.size() >= signature.offset + signature.bytes.size() &&
        bytes.substr(signature.offset, signature.bytes.size()) == signature.bytes) {
      return &signature;
    }
  }
  return nullptr;
}

const Extension* FindExtension(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::string name = absl::AsciiStrToLower(std::string(file_name.substr(dot + 1)));
  const auto found = std::lower_bound(kExtensions.begin(), kExtensions.end(), name,
                                      [](const Extension& a, const std::string& b) { return a.name < b; });
  return found != kExtensions.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

std::string MediaTypeOf(std::string_view file_name, std::string_view first_bytes) {
  const std::string_view bytes = first_bytes.substr(0, kLooked);
  const Extension* extension = FindExtension(file_name);
  const Signature* signature = FindSignature(bytes);
  if (extension != nullptr) {
    const bool text = extension->shape == Shape::kText;
    const bool agrees = extension->shape == Shape::kAny || bytes.empty() ||
                        (signature != nullptr ? signature->shape == extension->shape : text && IsText(bytes));
    // Text in an old code page is still what its extension says.
    if (agrees || (text && signature == nullptr && bytes.find('\0') == std::string_view::npos)) {
      return std::string(extension->type);
    }
  }
  if (signature != nullptr) return std::string(signature->type);
  return IsText(bytes) ? "text/plain" : "application/octet-stream";
}

bool IsText(std::string_view bytes) {
  if (bytes.find('\0') != std::string_view::npos) return false;
  while (!bytes.empty()) {
    const std::size_t left = bytes.size();
    const auto lead = static_cast<unsigned char>(bytes.front());
    if (TakeCodePoint(bytes)) continue;
    // A character that the end cuts off.
    const std::size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    return left < need && std::all_of(bytes.begin() + 1, bytes.end(), [](char c) { return (c & 0xc0) == 0x80; });
  }
  return true;
}

bool IsCompressed(std::string_view first_bytes) {
  const Signature* signature = FindSignature(first_bytes);
  if (signature == nullptr) return false;
  switch (signature->shape) {
    case Shape::kOle:
    case Shape::kTiff:
    case Shape::kRtf:
      return false;
    default:
      return true;
  }
}

}  // namespace greffe
