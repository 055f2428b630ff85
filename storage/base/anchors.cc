#include "storage/base/anchors.h"

#include <re2/re2.h>
#include <utf8proc.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/front_matter.h"
#include "storage/base/hashing.h"
#include "storage/base/media_type.h"
#include "storage/base/names.h"
#include "storage/base/project_rules.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxIdBytes = 200;
constexpr int kMaxPatternCharacters = 500;
constexpr int kMaxFrontMatterRules = 50;
// Of the way in which anchors are found: with another one, texts that were scanned are scanned again.
constexpr int kFinderVersion = 3;
constexpr std::int64_t kMaxPatternMemory = 1 << 20;

RE2::Options PatternOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  return options;
}

struct Line {
  std::string_view text;  // without line end
  int heading = 0;        // its level; 0: no heading
  bool code = false;      // inside a fence, or front matter
};

// The level of an ATX heading; 0: none.
int HeadingLevel(std::string_view line) {
  std::size_t level = line.find_first_not_of('#');
  if (level == std::string_view::npos) level = line.size();
  if (level < 1 || level > 6) return 0;
  return level == line.size() || line[level] == ' ' || line[level] == '\t' ? static_cast<int>(level) : 0;
}

std::string_view Stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "## Flow ##" -> "Flow".
std::string_view HeadingText(const Line& line) {
  std::string_view text = Stripped(line.text.substr(static_cast<std::size_t>(line.heading)));
  const std::size_t end = text.find_last_not_of('#');
  if (end == std::string_view::npos) return {};
  if (end + 1 < text.size() && (text[end] == ' ' || text[end] == '\t')) text = Stripped(text.substr(0, end));
  return text;
}

// "``` cpp" and "~~~": how a fence begins; "" for any other line.
std::string_view FenceOf(std::string_view line) {
  const std::string_view text = line.substr(std::min<std::size_t>(line.find_first_not_of(' '), line.size()));
  if (line.size() - text.size() > 3 || text.size() < 3 || (text[0] != '`' && text[0] != '~')) return {};
  const std::size_t length = std::min(text.find_first_not_of(text[0]), text.size());
  if (length < 3) return {};
  // "```x```" is code in a paragraph: what follows backticks has none.
  if (text[0] == '`' && text.find('`', length) != std::string_view::npos) return {};
  return text.substr(0, length);
}

std::vector<Line> LinesOf(std::string_view text) {
  std::vector<Line> lines;
  const std::size_t front_matter = FrontMatterLines(text);
  std::string_view fence;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    Line line{text.substr(0, end)};
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    const std::string_view mark = FenceOf(line.text);
    if (lines.size() < front_matter) {
      line.code = true;
    } else if (!fence.empty()) {
      line.code = true;
      if (mark.starts_with(fence) && Stripped(line.text).size() == mark.size()) fence = {};
    } else if (!mark.empty()) {
      line.code = true;
      fence = mark;
    } else {
      line.heading = HeadingLevel(line.text);
    }
    lines.push_back(line);
  }
  return lines;
}

// What stands before an id that is defined there: markers of lists, headings, quotes, tables and emphasis.
std::size_t MarkersBefore(std::string_view line) {
  std::size_t start = line.find_first_not_of(" \t>#*+-|`[(_");
  if (start == std::string_view::npos) return line.size();
  // "12. " and "3) "
  std::size_t digits = start;
  while (digits < line.size() && absl::ascii_isdigit(static_cast<unsigned char>(line[digits]))) ++digits;
  if (digits > start && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')') &&
      line[digits + 1] == ' ') {
    start = std::min(line.find_first_not_of(" \t*`[(_", digits + 1), line.size());
  }
  return start;
}

bool ContinuesWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0; }

// The id that the line begins with, behind markers or not (a pattern may have some in it); "" for none.
std::string DefinedId(const RE2& pattern, std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  for (const std::size_t start : {first, MarkersBefore(line)}) {
    re2::StringPiece match;
    if (!pattern.Match({line.data(), line.size()}, start, line.size(), RE2::ANCHOR_START, &match, 1)) continue;
    if (match.empty() || match.size() > kMaxIdBytes) continue;
    const std::size_t end = static_cast<std::size_t>(match.data() - line.data()) + match.size();
    if (end == line.size() || !ContinuesWord(line[end])) return std::string(match.data(), match.size());
  }
  return {};
}

// Whether Unicode has it for a part of a word: letters, marks, decimal digits, and what connects them.
bool IsOfWord(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

// As GitHub does: lower case, blanks to '-', and no punctuation.
std::string Slug(std::string_view title) {
  std::string slug;
  while (!title.empty()) {
    const std::optional<char32_t> c = TakeCodePoint(title);
    if (!c) break;
    if (*c == ' ' || *c == '\t' || *c == '-') {
      slug += '-';
    } else if (IsOfWord(*c)) {
      utf8proc_uint8_t bytes[4];
      const utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_tolower(static_cast<utf8proc_int32_t>(*c)), bytes);
      slug.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
  }
  return slug;
}

// At most `bytes` of it, whole characters.
std::string Cut(std::string_view text, std::size_t bytes) {
  if (text.size() > bytes) {
    while (bytes > 0 && (text[bytes] & 0xc0) == 0x80) --bytes;
    text = text.substr(0, bytes);
  }
  return PrintableUtf8(text);
}

std::string HashOf(const std::vector<Line>& lines, std::size_t begin, std::size_t end) {
  while (end > begin + 1 && Stripped(lines[end - 1].text).empty()) --end;
  Sha256Hasher hasher;
  for (std::size_t i = begin; i < end; ++i) {
    hasher.Update(lines[i].text);
    hasher.Update("\n");
  }
  return hasher.Finish().Hex();
}

struct Found {
  std::string id;
  v1::AnchorKind kind;
  std::size_t line;
};

std::size_t EndOfHeading(const std::vector<Line>& lines, std::size_t line) {
  std::size_t end = line + 1;
  while (end < lines.size() && (lines[end].heading == 0 || lines[end].heading > lines[line].heading)) ++end;
  return end;
}

}  // namespace

AnchorFinder::AnchorFinder(const v1::TraceRule& rule)
    : headings_(rule.headings()),
      digest_(Sha256Of(absl::StrCat(kFinderVersion, "\n", rule.headings(), "\n", rule.requirement_pattern()))
                  .Hex()
                  .substr(0, 16)) {
  if (!rule.requirement_pattern().empty()) {
    requirements_ = std::make_unique<re2::RE2>(rule.requirement_pattern(), PatternOptions());
  }
}
AnchorFinder::~AnchorFinder() = default;

std::vector<v1::Anchor> AnchorFinder::Find(std::string_view text) const {
  std::vector<v1::Anchor> anchors;
  if (!active() || text.size() > kMaxScannedBytes || !IsText(text)) return anchors;
  const std::vector<Line> lines = LinesOf(text);
  std::vector<Found> found;
  std::vector<bool> defines(lines.size(), false);
  std::unordered_set<std::string> ids;
  std::unordered_map<std::string, int> slugs;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    if (requirements_ != nullptr && !line.code) {
      std::string id = DefinedId(*requirements_, line.text);
      if (!id.empty() && ids.insert(id).second) {
        defines[i] = true;
        found.push_back({std::move(id), v1::ANCHOR_KIND_REQUIREMENT, i});
        continue;
      }
    }
    if (!headings_ || line.heading == 0) continue;
    std::string id = Cut(Slug(HeadingText(line)), kMaxIdBytes - 8);
    if (id.empty()) continue;
    const int before = slugs[id]++;
    if (before > 0) absl::StrAppend(&id, "-", before);
    if (ids.insert(id).second) found.push_back({std::move(id), v1::ANCHOR_KIND_HEADING, i});
  }
  if (found.size() > kMaxAnchors) found.resize(kMaxAnchors);
  for (Found& place : found) {
    const Line& line = lines[place.line];
    std::size_t end = place.line + 1;
    if (line.heading > 0) {
      end = EndOfHeading(lines, place.line);
    } else if (!Stripped(line.text).starts_with('|')) {
      while (end < lines.size() && !Stripped(lines[end].text).empty() && !defines[end] && lines[end].heading == 0) {
        ++end;
      }
    }
    v1::Anchor& anchor = anchors.emplace_back();
    anchor.set_id(std::move(place.id));
    anchor.set_kind(place.kind);
    anchor.set_title(Cut(line.heading > 0 ? HeadingText(line) : Stripped(line.text), 200));
    anchor.set_line(static_cast<int>(place.line) + 1);
    anchor.set_sha256(HashOf(lines, place.line, end));
  }
  return anchors;
}

bool IsTraced(const v1::TraceRule& rule, std::string_view document_type) {
  const auto& types = rule.document_types();
  return types.empty() || std::find(types.begin(), types.end(), document_type) != types.end();
}

absl::Status ValidateTraceRule(const v1::Project& project, const std::string& field) {
  const v1::TraceRule& rule = project.trace_rule();
  if (!rule.requirement_pattern().empty()) {
    const std::string place = field + ".requirement_pattern";
    GREFFE_RETURN_IF_ERROR(ValidateText(rule.requirement_pattern(), place, 0, kMaxPatternCharacters));
    const RE2 pattern(rule.requirement_pattern(), PatternOptions());
    if (!pattern.ok()) {
      return InvalidField(place, "FIELD_INVALID", "'" + rule.requirement_pattern() + "': " + pattern.error());
    }
    if (RE2::FullMatch("", pattern)) {
      return InvalidField(place, "FIELD_INVALID", "'" + rule.requirement_pattern() + "': matches the empty text");
    }
  }
  for (int i = 0; i < rule.document_types_size(); ++i) {
    if (FindDocumentType(project, rule.document_types(i)) == nullptr) {
      return InvalidField(absl::StrCat(field, ".document_types[", i, "]"), "DOCUMENT_TYPE_UNKNOWN",
                          "'" + PrintableUtf8(rule.document_types(i)) + "': the project has no such document type");
    }
  }
  if (rule.front_matter_size() > kMaxFrontMatterRules) {
    return InvalidField(field + ".front_matter", "FIELD_INVALID",
                        absl::StrCat(rule.front_matter_size(), " of them; at most 50 are allowed"));
  }
  std::set<std::string> keys;
  for (int i = 0; i < rule.front_matter_size(); ++i) {
    const v1::FrontMatterRule& key = rule.front_matter(i);
    const std::string place = absl::StrCat(field, ".front_matter[", i, "]");
    const auto allowed = [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    };
    if (key.key().empty() || key.key().size() > 64 || !std::all_of(key.key().begin(), key.key().end(), allowed)) {
      return InvalidField(
          place + ".key", "FIELD_INVALID",
          "'" + PrintableUtf8(key.key()) + "': a key is 1 to 64 characters of A-Z, a-z, 0-9, '-' and '_'");
    }
    if (!keys.insert(key.key()).second) {
      return InvalidField(place + ".key", "FIELD_INVALID", "'" + key.key() + "': is there twice");
    }
    if (key.type() == v1::LINK_TYPE_UNSPECIFIED || !v1::LinkType_IsValid(key.type())) {
      return InvalidField(place + ".type", "LINK_TYPE_UNKNOWN",
                          absl::StrCat("'", static_cast<int>(key.type()), "': is none of the link types"));
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(key.path_template(), place + ".path_template", 0, 1024));
    if (!key.path_template().empty() && key.path_template().find("{}") == std::string::npos) {
      return InvalidField(place + ".path_template", "FIELD_INVALID",
                          "'" + key.path_template() + "': has no {} for the value");
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
