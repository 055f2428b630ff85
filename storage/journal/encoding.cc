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
  // How many things follow, each of which takes some bytes.
  std::int64_t Count() {
    const std::int64_t count = Number();
    if (count < 0 || static_cast<std::size_t>(count) > rest.size()) ok = false;
    return ok ? count : 0;
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

std::string EncodeManifest(const JournalCommit& commit) {
  std::string row;
  row.reserve(64 + 49 * commit.objects.size() + 60 * commit.externals.size());
  row += commit.commit.Raw();
  AppendNumber(row, commit.record_time);
  AppendNumber(row, static_cast<std::int64_t>(commit.objects.size()));
  for (const JournalObject& object : commit.objects) {
    row += object.oid.Raw();
    row += static_cast<char>(object.object.type);
    row += object.predecessor.Raw();
    AppendNumber(row, static_cast<std::int64_t>(object.object.data.size()));
  }
  AppendNumber(row, static_cast<std::int64_t>(commit.externals.size()));
  for (const ExternalObject& external : commit.externals) {
    row += external.oid.Raw();
    AppendNumber(row, external.size);
    row += external.sha256.Raw();
  }
  return row;
}

absl::StatusOr<Manifest> DecodeManifest(std::string_view repository, Sequence sequence, std::string_view row) {
  Reader reader{row};
  Manifest manifest;
  manifest.sequence = sequence;
  manifest.commit = reader.ObjectId();
  manifest.record_time = reader.Number();
  const std::int64_t objects = reader.Count();
  manifest.objects.reserve(static_cast<std::size_t>(objects));
  for (std::int64_t i = 0; reader.ok && i < objects; ++i) {
    ObjectPlace place;
    place.oid = reader.ObjectId();
    const std::string_view type = reader.Bytes(1);
    place.type = static_cast<ObjectType>(type.empty() ? 0 : type[0]);
    place.predecessor = reader.ObjectId();
    place.size = static_cast<std::size_t>(reader.Number());
    manifest.objects.push_back(place);
  }
  const std::int64_t externals = reader.Count();
  for (std::int64_t i = 0; reader.ok && i < externals; ++i) {
    ExternalObject external;
    external.oid = reader.ObjectId();
    external.size = reader.Number();
    external.sha256 = Sha256::FromRaw(reader.Bytes(Sha256::kSize)).value_or(Sha256{});
    manifest.externals.push_back(external);
  }
  for (ObjectPlace& place : manifest.objects) {
    place.offset = row.size() - reader.rest.size();
    manifest.bytes += static_cast<std::int64_t>(reader.Bytes(place.size).size());
  }
  if (!reader.ok || !reader.rest.empty()) {
    return DamagedRow("commit " + std::to_string(sequence) + " of '" + std::string(repository) + "'");
  }
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
