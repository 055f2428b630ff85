#include "storage/base/paths.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// `text` through utf8proc; the input when it is not UTF-8.
std::string Map(std::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  if (size < 0) return std::string(text);
  std::string result(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  std::free(mapped);
  return result;
}

// Code points that HFS+ ignores when it compares names (the list that git uses).
bool IsIgnoredByHfs(char32_t c) {
  return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x206a && c <= 0x206f) || c == 0xfeff;
}

bool IsBidiOrZeroWidth(char32_t c) {
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         c == 0x061c || c == 0x180e || c == 0x2028 || c == 0x2029;
}

// What a forgiving file system would take the name for: lower case, without what HFS+ ignores and without what NTFS
// drops at the end.
std::string LooseName(std::string_view part) {
  std::string loose;
  std::string_view rest = part;
  while (!rest.empty()) {
    const std::string_view before = rest;
    const std::optional<char32_t> c = TakeCodePoint(rest);
    if (!c) return std::string(part);
    if (!IsIgnoredByHfs(*c)) loose += before.substr(0, before.size() - rest.size());
  }
  loose = FoldPath(loose);
  if (const std::size_t stream = loose.find(':'); stream != std::string::npos) loose.resize(stream);
  while (!loose.empty() && (loose.back() == '.' || loose.back() == ' ')) loose.pop_back();
  return loose;
}

// .gitignore, .mailmap and the like do no harm in a clone: they are content like any other.
bool IsGitName(const std::string& loose) {
  static constexpr std::array<std::string_view, 3> kNames = {".git", ".gitmodules", ".gitattributes"};
  if (std::find(kNames.begin(), kNames.end(), loose) != kNames.end()) return true;
  // NTFS short names: git~1, gitmod~1, gitatt~1, gi7eba~1, gi7d29~1.
  const std::size_t tilde = loose.find('~');
  if (tilde == std::string::npos || tilde + 2 != loose.size() || loose.back() < '1' || loose.back() > '9') return false;
  static constexpr std::array<std::string_view, 5> kStems = {"git", "gitmod", "gitatt", "gi7eba", "gi7d29"};
  return std::find(kStems.begin(), kStems.end(), loose.substr(0, tilde)) != kStems.end();
}

struct Rule {
  const char* name;
  const char* explanation;
};

// The first rule that the part breaks.
std::optional<Rule> BrokenRule(std::string_view part) {
  if (part.empty()) return Rule{"EMPTY_PART", "has an empty part"};
  if (part == "." || part == "..") return Rule{"DOT_PART", "has a part '.' or '..'"};
  if (part.size() > static_cast<std::size_t>(kMaxPathPartBytes)) return Rule{"TOO_LONG", "has a part over 200 bytes"};
  for (std::string_view rest = part; !rest.empty();) {
    const std::optional<char32_t> c = TakeCodePoint(rest);
    if (!c) return Rule{"NOT_UTF8", "is not UTF-8"};
    if (*c < 0x20 || (*c >= 0x7f && *c < 0xa0) || IsBidiOrZeroWidth(*c)) {
      return Rule{"CONTROL_CHARACTER", "has a control, invisible or direction-changing character"};
    }
    if (*c == '\\') return Rule{"BACKSLASH", "has a backslash"};
    if (*c == ':') return Rule{"COLON", "has a colon"};
    if (*c < 0x80 && std::string_view("<>\"|?*").find(static_cast<char>(*c)) != std::string_view::npos) {
      return Rule{"RESERVED_CHARACTER", "has one of < > \" | ? *"};
    }
    if (*c >= 0x80) {
      const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(*c));
      if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS) {
        return Rule{"PRIVATE_OR_UNASSIGNED", "has a character that Unicode does not define"};
      }
    }
  }
  const std::string loose = LooseName(part);
  if (IsGitName(loose)) return Rule{"GIT_NAME", "has a part that git keeps for itself"};
  if (loose == ".greffe") return Rule{"GREFFE_NAME", "has a part '.greffe', which is kept for records"};
  if (part.back() == '.' || part.back() == ' ') {
    return Rule{"TRAILING_DOT_OR_SPACE", "has a part that ends with a dot or a space"};
  }
  if (part.front() == ' ') return Rule{"LEADING_SPACE", "has a part that begins with a space"};
  if (IsDeviceName(part)) return Rule{"DEVICE_NAME", "has a part that is a device on Windows"};
  if (!IsAscii(part) && NormalizePath(part) != part) return Rule{"NOT_NFC", "is not in Unicode normalisation form C"};
  return std::nullopt;
}

absl::Status Invalid(std::string_view path, const std::string& field, const Rule& rule) {
  std::string shown = PrintableUtf8(path.substr(0, 200));
  if (path.size() > 200) shown += "...";
  return InvalidField(field, "PATH_INVALID", absl::StrCat("'", shown, "' ", rule.explanation), {{"rule", rule.name}});
}

}  // namespace

bool IsDeviceName(std::string_view name) {
  std::string stem = absl::AsciiStrToUpper(std::string(name.substr(0, name.find('.'))));
  while (!stem.empty() && stem.back() == ' ') stem.pop_back();
  static constexpr std::array<std::string_view, 6> kDevices = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
  if (std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end()) return true;
  if (!stem.starts_with("COM") && !stem.starts_with("LPT")) return false;
  const std::string_view digit = std::string_view(stem).substr(3);
  return (digit.size() == 1 && digit[0] >= '1' && digit[0] <= '9') || digit == "\xc2\xb9" || digit == "\xc2\xb2" ||
         digit == "\xc2\xb3";
}

absl::Status ValidatePath(std::string_view path, const std::string& field) {
  if (path.empty()) return Invalid(path, field, {"EMPTY", "is empty"});
  if (path.front() == '/') return Invalid(path, field, {"ABSOLUTE", "is absolute"});
  if (path.size() > static_cast<std::size_t>(kMaxPathBytes)) {
    return Invalid(path, field, {"TOO_LONG", "is over 1,024 bytes"});
  }
  int depth = 0;
  for (std::size_t begin = 0; begin <= path.size(); ++depth) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (const auto rule = BrokenRule(path.substr(begin, end - begin))) return Invalid(path, field, *rule);
    begin = end + 1;
  }
  if (depth > kMaxPathDepth) return Invalid(path, field, {"TOO_DEEP", "has more than 32 parts"});
  return absl::OkStatus();
}

absl::Status ValidateFileName(std::string_view name, const std::string& field) {
  if (name.empty()) return Invalid(name, field, {"EMPTY", "is empty"});
  if (name.find('/') != std::string_view::npos) return Invalid(name, field, {"EMPTY_PART", "has a '/'"});
  if (const auto rule = BrokenRule(name)) return Invalid(name, field, *rule);
  return absl::OkStatus();
}

std::string NormalizePath(std::string_view path) {
  if (IsAscii(path)) return std::string(path);
  return Map(path, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
}

std::string FoldPath(std::string_view path) {
  if (IsAscii(path)) return absl::AsciiStrToLower(std::string(path));
  // Folding can undo the normal form, so it is restored after it.
  return Map(Map(path, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STABLE), UTF8PROC_COMPOSE | UTF8PROC_STABLE);
}

std::vector<std::string_view> ParentFolders(std::string_view path) {
  std::vector<std::string_view> folders;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    folders.push_back(path.substr(0, slash));
  }
  return folders;
}

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace greffe
