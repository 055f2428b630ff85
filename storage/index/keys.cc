#include "storage/index/keys.h"

#include <utility>

#include "storage/base/number_order.h"

namespace greffe::keys {

void AppendBigEndian(std::string& key, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(bits >> shift);
}

std::int64_t ReadBigEndian(std::string_view eight_bytes) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | static_cast<unsigned char>(eight_bytes[i]);
  return static_cast<std::int64_t>(bits);
}

std::string ProjectPrefix(char kind, std::string_view project) {
  std::string key;
  key.reserve(project.size() + 64);
  key += kind;
  key += project;
  key += '\0';
  return key;
}

std::string Point(char kind, std::string_view project, std::string_view part) {
  std::string key = ProjectPrefix(kind, project);
  key += part;
  return key;
}

std::string AtSequence(std::string prefix, std::int64_t sequence) {
  AppendBigEndian(prefix, ~sequence);
  return prefix;
}

std::int64_t SequenceOf(std::string_view versioned_key) {
  return ~ReadBigEndian(versioned_key.substr(versioned_key.size() - 8));
}

std::string_view WithoutSequence(std::string_view versioned_key) {
  return versioned_key.substr(0, versioned_key.size() - 8);
}

std::string DocumentPrefix(std::string_view project, std::string_view number) {
  std::string key = Point(kDocument, project, NumberOrder(number));
  key += '\0';
  return key;
}

std::string VersionKey(std::string_view project, std::string_view number, std::int64_t version) {
  std::string key = Point(kVersion, project, number);
  key += '\0';
  return AtSequence(std::move(key), version);
}

std::string ChangeKey(std::string_view project, std::int64_t sequence) {
  std::string key = ProjectPrefix(kChange, project);
  AppendBigEndian(key, sequence);
  return key;
}

std::string TimeKey(std::string_view project, std::int64_t effective_time, std::int64_t sequence) {
  std::string key = ProjectPrefix(kTime, project);
  // Flips the sign bit: times before 1970 sort first.
  AppendBigEndian(key, effective_time ^ INT64_MIN);
  AppendBigEndian(key, sequence);
  return key;
}

std::string PathPrefix(std::string_view project, std::string_view path) {
  std::string key = Point(kPath, project, path);
  key += '\0';
  return key;
}

std::string AlternatePrefix(std::string_view project, std::string_view alternate) {
  std::string key = Point(kAlternate, project, alternate);
  key += '\0';
  return key;
}

std::string RevisionPrefix(std::string_view project, std::string_view number, std::string_view revision) {
  std::string key = Point(kRevision, project, number);
  key += '\0';
  key += revision;
  key += '\0';
  return key;
}

std::string CurrentRevisionKey(std::string_view project, std::string_view number, std::string_view revision) {
  std::string key = Point(kCurrentRevision, project, number);
  key += '\0';
  key += revision;
  return key;
}

std::string PostingValue(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\0' || c == '\1') {
      escaped += '\1';
      escaped += static_cast<char>(c + 1);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string PostingPrefix(std::string_view project, std::string_view field, std::string_view value) {
  std::string key = PostingFieldPrefix(project, field) + PostingValue(value);
  key += '\0';
  return key;
}

std::string CollectionPrefix(std::string_view project, std::string_view collection) {
  std::string key = Point(kRecord, project, collection);
  key += '\0';
  return key;
}

std::string RecordPrefix(std::string_view project, std::string_view collection, std::string_view id) {
  std::string key = CollectionPrefix(project, collection) + NumberOrder(id);
  key += '\0';
  return key;
}

std::string CurrentRecordKey(std::string_view project, std::string_view collection, std::string_view id) {
  std::string key = Point(kCurrentRecord, project, collection);
  key += '\0';
  key += id;
  return key;
}

std::string FrozenPrefix(std::string_view project, std::string_view baseline) {
  std::string key = Point(kFrozen, project, baseline);
  key += '\0';
  return key;
}

std::string PostingFieldPrefix(std::string_view project, std::string_view field) {
  std::string key = Point(kPosting, project, field);
  key += '\0';
  return key;
}

std::string LinkSidePrefix(std::string_view project, std::string_view subject, char side) {
  std::string key = Point(kLink, project, subject);
  key += '\0';
  key += side;
  return key;
}

std::string LinkPrefix(std::string_view project, std::string_view subject, char side, std::string_view id) {
  std::string key = LinkSidePrefix(project, subject, side) + NumberOrder(id);
  key += '\0';
  return key;
}

std::string CurrentLinkPrefix(std::string_view project, std::string_view subject) {
  std::string key = Point(kCurrentLink, project, subject);
  key += '\0';
  return key;
}

std::string CurrentLinkKey(std::string_view project, std::string_view subject, char side, std::string_view id) {
  std::string key = CurrentLinkPrefix(project, subject);
  key += side;
  key += id;
  return key;
}

std::string TallyPrefix(std::string_view project, std::string_view topic) {
  std::string key = Point(kTally, project, topic);
  key += '\0';
  return key;
}

std::string RecordedKey(std::int64_t record_time) {
  std::string key(1, kRecorded);
  AppendBigEndian(key, record_time);
  return key;
}

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

void AppendVarint(std::string& value, std::uint64_t number) {
  while (number >= 0x80) {
    value += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  value += static_cast<char>(number);
}

std::optional<std::uint64_t> TakeVarint(std::string_view& value) {
  if (!value.empty() && (value.front() & 0x80) == 0) {  // most are small
    const auto small = static_cast<std::uint64_t>(value.front());
    value.remove_prefix(1);
    return small;
  }
  std::uint64_t number = 0;
  for (int shift = 0; shift < 64 && !value.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(value.front());
    value.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return number;
  }
  return std::nullopt;
}

}  // namespace greffe::keys
