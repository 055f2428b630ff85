#include <algorithm>

#include "storage/base/errors.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxCopy = 0xffff;
constexpr std::size_t kMaxInsert = 0x7f;

void AppendSize(std::string& out, std::size_t size) {
  while (size >= 0x80) {
    out += static_cast<char>(size | 0x80);
    size >>= 7;
  }
  out += static_cast<char>(size);
}

void AppendCopy(std::string& out, std::size_t offset, std::size_t size) {
  while (size > 0) {
    const std::size_t piece = std::min(size, kMaxCopy);
    const std::size_t command = out.size();
    out += '\0';
    unsigned char flags = 0x80;
    for (int i = 0; i < 4; ++i) {
      const auto byte = static_cast<char>(offset >> (8 * i));
      if (byte == 0) continue;
      out += byte;
      flags |= static_cast<unsigned char>(1 << i);
    }
    for (int i = 0; i < 2; ++i) {
      const auto byte = static_cast<char>(piece >> (8 * i));
      if (byte == 0) continue;
      out += byte;
      flags |= static_cast<unsigned char>(0x10 << i);
    }
    out[command] = static_cast<char>(flags);
    offset += piece;
    size -= piece;
  }
}

void AppendInsert(std::string& out, std::string_view data) {
  while (!data.empty()) {
    const std::string_view piece = data.substr(0, kMaxInsert);
    out += static_cast<char>(piece.size());
    out += piece;
    data.remove_prefix(piece.size());
  }
}

bool TakeSize(std::string_view& delta, std::size_t& size) {
  size = 0;
  for (int shift = 0; shift < 63 && !delta.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(delta.front());
    delta.remove_prefix(1);
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

std::string MakeDelta(std::string_view base, std::string_view target) {
  // Git's copy offsets have 32 bits.
  if (base.size() > 0xffffffff || target.empty()) return {};
  const std::size_t shorter = std::min(base.size(), target.size());
  const auto prefix = static_cast<std::size_t>(
      std::mismatch(base.begin(), base.begin() + static_cast<std::ptrdiff_t>(shorter), target.begin()).first -
      base.begin());
  std::size_t suffix = 0;
  while (suffix < shorter - prefix && base[base.size() - 1 - suffix] == target[target.size() - 1 - suffix]) ++suffix;
  const std::size_t inserted = target.size() - prefix - suffix;
  if (inserted + 24 > target.size() - target.size() / 4) return {};
  std::string delta;
  delta.reserve(inserted + 64);
  AppendSize(delta, base.size());
  AppendSize(delta, target.size());
  AppendCopy(delta, 0, prefix);
  AppendInsert(delta, target.substr(prefix, inserted));
  AppendCopy(delta, base.size() - suffix, suffix);
  return delta;
}

absl::StatusOr<std::string> ApplyDelta(std::string_view base, std::string_view delta) {
  const auto damaged = [] { return Damaged("delta", "it does not fit its base"); };
  std::size_t base_size = 0;
  std::size_t target_size = 0;
  if (!TakeSize(delta, base_size) || !TakeSize(delta, target_size) || base_size != base.size()) return damaged();
  if (target_size > static_cast<std::size_t>(kMaxPackedObjectBytes)) return damaged();
  std::string target;
  target.reserve(std::min<std::size_t>(target_size, 64 << 20));
  while (!delta.empty()) {
    const auto command = static_cast<unsigned char>(delta.front());
    delta.remove_prefix(1);
    if (command == 0) return damaged();
    if ((command & 0x80) == 0) {
      if (delta.size() < command) return damaged();
      target += delta.substr(0, command);
      delta.remove_prefix(command);
    } else {
      std::size_t offset = 0;
      std::size_t size = 0;
      for (int i = 0; i < 7; ++i) {
        if ((command & (1 << i)) == 0) continue;
        if (delta.empty()) return damaged();
        const std::size_t byte = static_cast<unsigned char>(delta.front());
        delta.remove_prefix(1);
        (i < 4 ? offset : size) |= byte << (8 * (i < 4 ? i : i - 4));
      }
      if (size == 0) size = 0x10000;
      if (offset > base.size() || size > base.size() - offset) return damaged();
      target += base.substr(offset, size);
    }
    if (target.size() > target_size) return damaged();
  }
  if (target.size() != target_size) return damaged();
  return target;
}

}  // namespace greffe
