#include "storage/base/media_type.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kLooked = 4096;

// What the first bytes must look like.
enum class Shape { kAny, kText, kZip, kOle, kPdf, kPng, kJpeg, kGif, kTiff, kWebp, kGzip, k7z, kXz, kZstd, kMp4, kRtf };

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
    Extension{"dot", "application/msword", Shape::kOle},
    Extension{"dotm", "application/vnd.ms-word.template.macroEnabled.12", Shape::kZip},
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
    Extension{"m4v", "video/mp4", Shape::kMp4},
    Extension{"markdown", "text/markdown", Shape::kText},
    Extension{"md", "text/markdown", Shape::kText},
    Extension{"mp4", "video/mp4", Shape::kMp4},
    Extension{"mpp", "application/vnd.ms-project", Shape::kOle},
    Extension{"mpt", "application/vnd.ms-project", Shape::kOle},
    Extension{"msg", "application/vnd.ms-outlook", Shape::kOle},
    Extension{"odg", ODF "graphics", Shape::kZip},
    Extension{"odp", ODF "presentation", Shape::kZip},
    Extension{"ods", ODF "spreadsheet", Shape::kZip},
    Extension{"odt", ODF "text", Shape::kZip},
    Extension{"otp", ODF "presentation-template", Shape::kZip},
    Extension{"ots", ODF "spreadsheet-template", Shape::kZip},
    Extension{"ott", ODF "text-template", Shape::kZip},
    Extension{"pdf", "application/pdf", Shape::kPdf},
    Extension{"png", "image/png", Shape::kPng},
    Extension{"pot", "application/vnd.ms-powerpoint", Shape::kOle},
    Extension{"potm", "application/vnd.ms-powerpoint.template.macroEnabled.12", Shape::kZip},
    Extension{"potx", OOXML "presentationml.template", Shape::kZip},
    Extension{"ppsx", OOXML "presentationml.slideshow", Shape::kZip},
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
    Extension{"vsd", "application/vnd.visio", Shape::kOle},
    Extension{"vsdm", "application/vnd.ms-visio.drawing.macroEnabled.12", Shape::kZip},
    Extension{"vsdx", "application/vnd.ms-visio.drawing", Shape::kZip},
    Extension{"vstx", "application/vnd.ms-visio.template", Shape::kZip},
    Extension{"webp", "image/webp", Shape::kWebp},
    Extension{"xls", "application/vnd.ms-excel", Shape::kOle},
    Extension{"xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", Shape::kZip},
    Extension{"xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", Shape::kZip},
    Extension{"xlsx", OOXML "spreadsheetml.sheet", Shape::kZip},
    Extension{"xlt", "application/vnd.ms-excel", Shape::kOle},
    Extension{"xltm", "application/vnd.ms-excel.template.macroEnabled.12", Shape::kZip},
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

// `head` at the beginning and `tail` at its offset: what stands in the middle of a format's first bytes alone could be
// words of a text.
struct Signature {
  Shape shape;
  std::string_view type;
  std::string_view head;
  std::size_t offset = 0;
  std::string_view tail = {};
};

using namespace std::string_view_literals;
constexpr std::array kSignatures = {
    Signature{Shape::kZip, "application/zip", "PK\x03\x04"sv},
    Signature{Shape::kZip, "application/zip", "PK\x05\x06"sv},
    Signature{Shape::kOle, "application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv},
    Signature{Shape::kPdf, "application/pdf", "%PDF-"sv},
    Signature{Shape::kPng, "image/png", "\x89PNG\r\n\x1a\n"sv},
    Signature{Shape::kJpeg, "image/jpeg", "\xff\xd8\xff"sv},
    Signature{Shape::kGif, "image/gif", "GIF87a"sv},
    Signature{Shape::kGif, "image/gif", "GIF89a"sv},
    Signature{Shape::kTiff, "image/tiff", "II*\0"sv},
    Signature{Shape::kTiff, "image/tiff", "MM\0*"sv},
    Signature{Shape::kWebp, "image/webp", "RIFF"sv, 8, "WEBP"sv},
    Signature{Shape::kGzip, "application/gzip", "\x1f\x8b\x08"sv},
    Signature{Shape::k7z, "application/x-7z-compressed", "7z\xbc\xaf\x27\x1c"sv},
    Signature{Shape::kXz, "application/x-xz", "\xfd\x37zXZ\0"sv},
    Signature{Shape::kZstd, "application/zstd", "\x28\xb5\x2f\xfd"sv},
    Signature{Shape::kMp4, "video/mp4", "\0\0"sv, 4, "ftyp"sv},
    Signature{Shape::kRtf, "application/rtf", "{\\rtf"sv},
};

const Signature* FindSignature(std::string_view bytes) {
  for (const Signature& signature : kSignatures) {
    if (bytes.starts_with(signature.head) && bytes.size() >= signature.offset &&
        bytes.substr(signature.offset).starts_with(signature.tail)) {
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

bool Agrees(Shape shape, const Signature* signature, std::string_view bytes) {
  if (bytes.empty()) return true;
  if (signature != nullptr) return signature->shape == shape;
  if (shape == Shape::kAny) return true;
  // Text in an old code page, or in UTF-16 as spreadsheets export it, is still what its extension says.
  const bool utf16 = bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
  return shape == Shape::kText && (utf16 || bytes.find('\0') == std::string_view::npos);
}

// Whether `bytes`, which begin with no whole character of UTF-8, are the beginning of one.
bool IsCutCharacter(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() >= length) return false;
  if (bytes.size() == 1) return true;
  // Some leads narrow the byte that follows: no overlong forms, surrogates, or code points past U+10FFFF.
  const auto second = static_cast<unsigned char>(bytes[1]);
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high && (bytes.size() == 2 || (bytes[2] & 0xc0) == 0x80);
}

// The first bytes that are ASCII, in steps of eight: most of most texts.
std::size_t AsciiPrefix(std::string_view bytes) {
  std::size_t length = 0;
  std::uint64_t word;
  for (; length + sizeof word <= bytes.size(); length += sizeof word) {
    std::memcpy(&word, bytes.data() + length, sizeof word);
    if ((word & 0x8080808080808080) != 0) break;
  }
  return length;
}

}  // namespace

std::string MediaTypeOf(std::string_view file_name, std::string_view first_bytes) {
  const std::string_view bytes = first_bytes.substr(0, kLooked);
  const Extension* extension = FindExtension(file_name);
  const Signature* signature = FindSignature(bytes);
  if (extension != nullptr && Agrees(extension->shape, signature, bytes)) return std::string(extension->type);
  if (signature != nullptr) return std::string(signature->type);
  return IsText(bytes) ? "text/plain" : "application/octet-stream";
}

bool IsText(std::string_view bytes) {
  if (bytes.find('\0') != std::string_view::npos) return false;
  while (!bytes.empty()) {
    bytes.remove_prefix(AsciiPrefix(bytes));
    if (!bytes.empty() && !TakeCodePoint(bytes)) return IsCutCharacter(bytes);
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
