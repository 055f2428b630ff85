#include "storage/git/object_format.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

// A name as git allows it between "author " and " <".
std::string CleanIdentity(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (c != '<' && c != '>' && c != '\n' && c != '\0') clean += c;
  }
  // git fsck wants no space at the ends.
  while (!clean.empty() && static_cast<unsigned char>(clean.back()) <= 32) clean.pop_back();
  std::size_t begin = 0;
  while (begin < clean.size() && static_cast<unsigned char>(clean[begin]) <= 32) ++begin;
  clean.erase(0, begin);
  return clean.empty() ? "unknown" : clean;
}

std::string FormatOffset(int minutes) {
  const int absolute = minutes < 0 ? -minutes : minutes;
  std::string text = minutes < 0 ? "-" : "+";
  for (const int digit : {absolute / 600, absolute / 60 % 10, absolute % 60 / 10, absolute % 10}) {
    text += static_cast<char>('0' + digit);
  }
  return text;
}

void AppendSignature(std::string& out, std::string_view role, const Signature& signature) {
  out += role;
  out += ' ';
  out += CleanIdentity(signature.name);
  out += " <";
  for (const char c : signature.email) {
    if (c != '<' && c != '>' && c != '\n' && c != '\0') out += c;
  }
  absl::StrAppend(&out, "> ", signature.seconds, " ", FormatOffset(signature.utc_offset_minutes), "\n");
}

// Tolerant: foreign commits have odd ones.
Signature ParseSignature(std::string_view line) {
  Signature signature;
  const std::size_t open = line.find('<');
  const std::size_t close = line.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    signature.name = line;
    return signature;
  }
  std::string_view name = line.substr(0, open);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  signature.name = name;
  signature.email = line.substr(open + 1, close - open - 1);
  std::string_view rest = line.substr(close + 1);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const auto seconds = std::from_chars(rest.data(), rest.data() + rest.size(), signature.seconds);
  rest.remove_prefix(static_cast<std::size_t>(seconds.ptr - rest.data()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  int offset = 0;
  if (rest.size() >= 5 && (rest[0] == '+' || rest[0] == '-') &&
      std::from_chars(rest.data() + 1, rest.data() + 5, offset).ec == std::errc() && offset >= 0 && offset % 100 < 60) {
    offset = offset / 100 * 60 + offset % 100;
    signature.utc_offset_minutes = rest[0] == '-' ? -offset : offset;
  }
  return signature;
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\r', ' ');
  return line;
}

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

std::optional<Trailers> ParseTrailers(std::string_view paragraph) {
  Trailers trailers;
  while (!paragraph.empty()) {
    const std::string_view line = TrimEnd(TakeLine(paragraph));
    const std::size_t colon = line.find(": ");
    if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
    const std::string_view key = line.substr(0, colon);
    const auto valid = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (!std::all_of(key.begin(), key.end(), valid)) return std::nullopt;
    trailers.emplace_back(key, line.substr(colon + 2));
  }
  return trailers;
}

}  // namespace

bool TreeNameLess(std::string_view a, bool a_is_tree, std::string_view b, bool b_is_tree) {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::char_traits<char>::compare(a.data(), b.data(), common);
  if (order != 0) return order < 0;
  const auto at = [common](std::string_view name, bool is_tree) -> unsigned char {
    if (name.size() > common) return static_cast<unsigned char>(name[common]);
    return is_tree ? '/' : '\0';
  };
  return at(a, a_is_tree) < at(b, b_is_tree);
}

std::string SerializeTree(const std::vector<TreeEntry>& entries) {
  std::size_t size = 0;
  for (const TreeEntry& entry : entries) size += entry.name.size() + 8 + Oid::kSize;
  std::string data;
  data.reserve(size);
  for (const TreeEntry& entry : entries) {
    data += entry.IsTree() ? "40000 " : "100644 ";
    data += entry.name;
    data += '\0';
    data += entry.oid.Raw();
  }
  return data;
}

absl::StatusOr<TreeEntryView> TakeTreeEntry(std::string_view& data) {
  const auto damaged = [] { return Damaged("tree", "it is not in git's format"); };
  TreeEntryView entry;
  const auto mode = std::from_chars(data.data(), data.data() + data.size(), entry.mode, 8);
  const std::size_t space = static_cast<std::size_t>(mode.ptr - data.data());
  if (mode.ec != std::errc() || space >= data.size() || data[space] != ' ') return damaged();
  const std::size_t zero = data.find('\0', space);
  if (zero == std::string_view::npos || zero == space + 1 || data.size() < zero + 1 + Oid::kSize) return damaged();
  entry.name = data.substr(space + 1, zero - space - 1);
  entry.raw_oid = data.substr(zero + 1, Oid::kSize);
  data.remove_prefix(zero + 1 + Oid::kSize);
  return entry;
}

absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view data) {
  std::vector<TreeEntry> entries;
  while (!data.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const TreeEntryView entry, TakeTreeEntry(data));
    entries.push_back({entry.mode, std::string(entry.name), *Oid::FromRaw(entry.raw_oid)});
  }
  return entries;
}

std::string SerializeTag(const TagObject& tag) {
  std::string data;
  absl::StrAppend(&data, "object ", tag.target.Hex(), "\ntype commit\ntag ", tag.name, "\n");
  AppendSignature(data, "tagger", tag.tagger);
  data += '\n';
  for (const char c : tag.message) data += c == '\0' ? ' ' : c;
  return data;
}

absl::StatusOr<TagObject> ParseTag(std::string_view data) {
  TagObject tag;
  bool of_commit = false;
  while (!data.empty()) {
    const std::string_view line = TakeLine(data);
    if (line.empty()) break;
    if (line.starts_with("object ")) {
      tag.target = Oid::FromHex(line.substr(7)).value_or(Oid{});
    } else if (line == "type commit") {
      of_commit = true;
    } else if (line.starts_with("tag ")) {
      tag.name = line.substr(4);
    } else if (line.starts_with("tagger ")) {
      tag.tagger = ParseSignature(line.substr(7));
    }
  }
  if (tag.target.IsZero() || !of_commit) return Damaged("tag", "it is none of a commit");
  tag.message = data;
  return tag;
}

std::string SerializeCommit(const CommitObject& commit) {
  std::string data;
  data.reserve(400 + commit.message.size());
  absl::StrAppend(&data, "tree ", commit.tree.Hex(), "\n");
  for (const Oid& parent : commit.parents) absl::StrAppend(&data, "parent ", parent.Hex(), "\n");
  AppendSignature(data, "author", commit.author);
  AppendSignature(data, "committer", commit.committer);
  data += '\n';
  // A zero byte would end the message for git.
  for (const char c : commit.message) data += c == '\0' ? ' ' : c;
  return data;
}

absl::StatusOr<CommitObject> ParseCommit(std::string_view data) {
  CommitObject commit;
  bool has_tree = false;
  while (!data.empty()) {
    const std::string_view line = TakeLine(data);
    if (line.empty()) break;
    if (line.starts_with("tree ")) {
      const std::optional<Oid> tree = Oid::FromHex(line.substr(5));
      if (!tree) return Damaged("commit", "its tree is not an object id");
      commit.tree = *tree;
      has_tree = true;
    } else if (line.starts_with("parent ")) {
      const std::optional<Oid> parent = Oid::FromHex(line.substr(7));
      if (!parent) return Damaged("commit", "a parent is not an object id");
      commit.parents.push_back(*parent);
    } else if (line.starts_with("author ")) {
      commit.author = ParseSignature(line.substr(7));
    } else if (line.starts_with("committer ")) {
      commit.committer = ParseSignature(line.substr(10));
    }  // Others (gpgsig, encoding, their continuation lines) say nothing that is asked for.
  }
  if (!has_tree) return Damaged("commit", "it has no tree");
  commit.message = data;
  return commit;
}

absl::StatusOr<std::optional<Oid>> FirstParent(std::string_view commit) {
  while (!commit.empty()) {
    const std::string_view line = TakeLine(commit);
    if (line.empty()) break;
    if (!line.starts_with("parent ")) continue;
    const std::optional<Oid> parent = Oid::FromHex(line.substr(7));
    if (!parent) return Damaged("commit", "a parent is not an object id");
    return parent;
  }
  return std::optional<Oid>();
}

std::string FormatMessage(std::string_view subject, std::string_view body, const Trailers& trailers) {
  std::string message = OneLine(subject);
  message += '\n';
  if (const std::string_view text = TrimEnd(body); !text.empty())
    absl::StrAppend(&message, "\n", std::string(text), "\n");
  if (!trailers.empty()) message += '\n';
  for (const auto& [key, value] : trailers) absl::StrAppend(&message, key, ": ", OneLine(value), "\n");
  return message;
}

ParsedMessage ParseMessage(std::string_view message) {
  ParsedMessage parsed;
  std::string_view rest = message;
  parsed.subject = TrimEnd(TakeLine(rest));
  rest = TrimEnd(rest);
  while (!rest.empty() && (rest.front() == '\n' || rest.front() == '\r')) rest.remove_prefix(1);
  const std::size_t blank = rest.rfind("\n\n");
  const std::string_view last = blank == std::string_view::npos ? rest : rest.substr(blank + 2);
  if (auto trailers = ParseTrailers(last)) {
    parsed.trailers = *std::move(trailers);
    rest = blank == std::string_view::npos ? std::string_view() : rest.substr(0, blank);
  }
  parsed.body = TrimEnd(rest);
  return parsed;
}

std::optional<std::string> FindTrailer(const Trailers& trailers, std::string_view key) {
  for (const auto& [name, value] : trailers) {
    if (name == key) return value;
  }
  return std::nullopt;
}

}  // namespace greffe
