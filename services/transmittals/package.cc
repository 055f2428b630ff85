#include "services/transmittals/package.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "services/call/wanted.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"

namespace greffe {
namespace {

constexpr std::int64_t kReadAtOnce = std::int64_t{1} << 20;
constexpr char kFiles[] = "files/";

}  // namespace

absl::StatusOr<std::unique_ptr<TransmittalPackage>> TransmittalPackage::Open(const Store& store,
                                                                             const ProjectView& view,
                                                                             const v1::Transmittal& transmittal,
                                                                             CrcTable& crcs,
                                                                             std::function<bool()> gone) {
  auto package =
      std::unique_ptr<TransmittalPackage>(new TransmittalPackage(store, view.project(), crcs, std::move(gone)));
  const std::string id = LastSegment(transmittal.name());
  package->folder_ = id + "/";
  package->file_name_ = id + ".zip";
  package->time_ = ToMicros(transmittal.create_time());
  v1::Transmittal dispatch = transmittal;
  dispatch.clear_acknowledgements();
  std::string sums;
  std::vector<std::pair<std::string, v1::File>> files;
  for (const v1::TransmittalItem& item : transmittal.items()) {
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(item.version()));
    GREFFE_ASSIGN_OR_RETURN(const v1::Version version, view.GetVersion(name.number, name.version));
    if (version.manifest_sha256() != item.manifest_sha256()) {
      return Damaged(item.version(), "it is not what '" + transmittal.name() + "' sent");
    }
    files.emplace_back(kFiles + item.path(), version.main_file());
    for (const v1::File& file : version.companions()) files.emplace_back(kFiles + ContentPath(item.path(), file), file);
  }
  for (const auto& [path, file] : files) sums += file.sha256() + "  " + path + "\n";
  package->AddText("transmittal.json", ToCanonicalJson(dispatch));
  package->AddText("SHA256SUMS", std::move(sums));
  for (const auto& [path, file] : files) package->AddFile(path, file);
  package->LayOut();
  return package;
}

void TransmittalPackage::AddText(std::string name, std::string text) {
  Member& member = members_.emplace_back();
  member.entry.name = folder_ + std::move(name);
  member.entry.size = static_cast<std::int64_t>(text.size());
  member.text = std::move(text);
}

void TransmittalPackage::AddFile(std::string name, const v1::File& file) {
  Member& member = members_.emplace_back();
  member.entry.name = folder_ + std::move(name);
  member.entry.size = file.size();
  member.file = file;
}

void TransmittalPackage::LayOut() {
  std::vector<ZipEntry> entries;
  for (Member& member : members_) {
    member.entry.offset = size_;
    size_ += static_cast<std::int64_t>(ZipHeader(member.entry, time_).size());
    member.begin = size_;
    size_ += member.entry.size;
    entries.push_back(member.entry);
  }
  directory_begin_ = size_;
  size_ += static_cast<std::int64_t>(ZipDirectory(entries, time_, directory_begin_).size());
  // The texts, the directory, a content's reader, and what a CRC is made of.
  held_ = size_ - directory_begin_ + 2 * kReadAtOnce;
  for (const Member& member : members_) held_ += static_cast<std::int64_t>(member.text.size());
}

absl::StatusOr<std::int64_t> TransmittalPackage::Read(std::int64_t offset, std::int64_t length, char* buffer,
                                                      std::int64_t turn) {
  turn_ = turn;
  std::int64_t done = 0;
  while (done < length) {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t read, ReadPart(offset + done, length - done, buffer + done));
    if (read == 0) break;
    done += read;
  }
  return done;
}

absl::StatusOr<std::int64_t> TransmittalPackage::ReadPart(std::int64_t offset, std::int64_t length, char* buffer) {
  const auto copy = [&](const std::string& text, std::int64_t begin) {
    const std::int64_t count = std::min(length, static_cast<std::int64_t>(text.size()) - (offset - begin));
    std::memcpy(buffer, text.data() + (offset - begin), static_cast<std::size_t>(count));
    return count;
  };
  if (offset >= directory_begin_) {
    if (directory_.empty()) {
      std::vector<ZipEntry> entries;
      for (Member& member : members_) {
        GREFFE_ASSIGN_OR_RETURN(const bool known, ComputeCrc(member));
        if (!known) return 0;
        entries.push_back(member.entry);
      }
      directory_ = ZipDirectory(entries, time_, directory_begin_);
    }
    return copy(directory_, directory_begin_);
  }
  // The last one whose header begins at or before.
  Member& member = *std::prev(
      std::upper_bound(members_.begin(), members_.end(), offset,
                       [](std::int64_t position, const Member& other) { return position < other.entry.offset; }));
  if (offset < member.begin) {
    GREFFE_ASSIGN_OR_RETURN(const bool known, ComputeCrc(member));
    if (!known) return 0;
    return copy(ZipHeader(member.entry, time_), member.entry.offset);
  }
  const std::int64_t count = std::min(length, member.begin + member.entry.size - offset);
  GREFFE_RETURN_IF_ERROR(ReadContent(member, offset - member.begin, count, buffer));
  return count;
}

absl::StatusOr<bool> TransmittalPackage::ComputeCrc(Member& member) {
  if (member.has_crc) return true;
  const std::string& sha256 = member.file.sha256();  // "" of a text
  if (const std::optional<std::uint32_t> known = crcs_.Find(sha256)) {
    member.entry.crc32 = *known;
    member.has_crc = true;
    return true;
  }
  std::string piece;
  while (member.crc_read < member.entry.size) {
    if (turn_ <= 0) return false;
    // Who gave up may come again at once: this one must not keep a thread from those.
    GREFFE_RETURN_IF_ERROR(CheckWanted(gone_));
    const std::int64_t length = std::min(kReadAtOnce, member.entry.size - member.crc_read);
    piece.resize(static_cast<std::size_t>(length));
    GREFFE_RETURN_IF_ERROR(ReadContent(member, member.crc_read, length, piece.data()));
    member.entry.crc32 = ExtendCrc32(member.entry.crc32, piece);
    member.crc_read += length;
    turn_ -= length;
  }
  member.has_crc = true;
  if (!sha256.empty()) crcs_.Keep(sha256, member.entry.crc32);
  return true;
}

absl::Status TransmittalPackage::ReadContent(Member& member, std::int64_t offset, std::int64_t length, char* buffer) {
  if (member.file.oid().empty()) {
    std::memcpy(buffer, member.text.data() + offset, static_cast<std::size_t>(length));
    return absl::OkStatus();
  }
  if (open_member_ != &member) {
    open_member_ = nullptr;
    GREFFE_ASSIGN_OR_RETURN(reader_, store_.OpenContent(project_, member.file));
    open_member_ = &member;
  }
  return reader_->Read(offset, length, buffer);
}

}  // namespace greffe
