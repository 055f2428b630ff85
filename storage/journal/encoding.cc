#include "storage/journal/encoding.h"

#include "storage/base/errors.h"

namespace greffe::journal_encoding {
namespace {

void AppendNumber(std::string& out, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
}

// Takes fields off the front of a value; `ok` turns false where it is too short.
struct Reader {
  std::string_view rest;
  bool ok = true;

  std::string_view Bytes(std::size_t count) {
    if (rest.size() < count) {
      ok = false;
      rest = {};
      return {};
    }
    const std::string_view bytes = rest.substr(0, count);
    rest.remove_prefix(count);
    return bytes;
  }
  std::int64_t Number() {
    std::uint64_t number = 0;
    for (const char c : Bytes(8)) number = number << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(number);
  }
  Oid ObjectId() { return Oid::FromRaw(Bytes(Oid::kSize)).value_or(Oid{}); }
};

absl::Status DamagedRow(const std::string& what) {
  return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED", "journal is damaged: " + what + " cannot be read");
}

}  // namespace

std::string RepositoryPrefix(std::string_view repository) {
  std::string key(repository);
  key += '\0';
  return key;
}

std::string ObjectKey(std::string_view repository, const Oid& oid) {
  std::string key = RepositoryPrefix(repository);
  key += oid.Raw();
  return key;
}

std::string CommitKey(std::string_view repository, Sequence sequence) {
  std::string key = RepositoryPrefix(repository);
  AppendNumber(key, sequence);
  return key;
}

std::string HeadKey(std::string_view repository, std::string_view ref) {
  std::string key = RepositoryPrefix(repository);
  key += ref;
  return key;
}

std::string ObjectHeader(const JournalObject& object) {
  std::string header(1, static_cast<char>(object.object.type));
  header += object.predecessor.Raw();
  return header;
}

std::string EncodeManifest(const JournalCommit& commit) {
  std::string value(commit.commit.Raw());
  AppendNumber(value, commit.record_time);
  std::int64_t bytes = 0;
  for (const JournalObject& object : commit.objects) bytes += static_cast<std::int64_t>(object.object.data.size());
  AppendNumber(value, bytes);
  AppendNumber(value, static_cast<std::int64_t>(commit.objects.size()));
  for (const JournalObject& object : commit.objects) value += object.oid.Raw();
  for (const ExternalObject& external : commit.externals) {
    value += external.oid.Raw();
    AppendNumber(value, external.size);
    value += external.sha256.Raw();
  }
  return value;
}

absl::StatusOr<Manifest> DecodeManifest(std::string_view repository, Sequence sequence, std::string_view value) {
  Reader reader{value};
  Manifest manifest;
  manifest.sequence = sequence;
  manifest.commit = reader.ObjectId();
  manifest.record_time = reader.Number();
  manifest.bytes = reader.Number();
  const std::int64_t count = reader.Number();
  if (count < 0 || static_cast<std::size_t>(count) > reader.rest.size() / Oid::kSize) reader.ok = false;
  for (std::int64_t i = 0; reader.ok && i < count; ++i) manifest.objects.push_back(reader.ObjectId());
  while (reader.ok && !reader.rest.empty()) {
    ExternalObject external;
    external.oid = reader.ObjectId();
    external.size = reader.Number();
    external.sha256 = Sha256::FromRaw(reader.Bytes(Sha256::kSize)).value_or(Sha256{});
    manifest.externals.push_back(external);
  }
  if (!reader.ok) return DamagedRow("commit " + std::to_string(sequence) + " of '" + std::string(repository) + "'");
  return manifest;
}

std::string EncodeHead(const RefChange& change) {
  std::string value(change.target.Raw());
  AppendNumber(value, change.sequence);
  return value;
}

absl::StatusOr<Head> DecodeHead(std::string_view key, std::string_view value) {
  const std::size_t zero = key.find('\0');
  Reader reader{value};
  Head head;
  head.repository = key.substr(0, zero);
  if (zero != std::string_view::npos) head.ref = key.substr(zero + 1);
  head.target = reader.ObjectId();
  head.sequence = reader.Number();
  if (!reader.ok || head.ref.empty()) return DamagedRow("a head");
  return head;
}

}  // namespace greffe::journal_encoding
