#include "storage/index/row_cache.h"

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "rocksdb/cache.h"
#include "storage/base/fault_switch.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxRowBytes = std::size_t{64} << 10;

void Free(const rocksdb::Slice&, void* row) { delete static_cast<std::string*>(row); }

}  // namespace

RowCache::RowCache(std::int64_t bytes) : rows_(rocksdb::NewLRUCache(static_cast<std::size_t>(bytes))) {}
RowCache::~RowCache() = default;

std::size_t RowCache::PartOf(std::string_view key) {
  return absl::Hash<absl::string_view>()(absl::string_view(key.data(), key.size())) % kParts;
}

bool RowCache::Find(std::string_view key, std::string& row) const {
  rocksdb::Cache::Handle* held = rows_->Lookup(ToSlice(key));
  if (held == nullptr) return false;
  row = *static_cast<const std::string*>(rows_->Value(held));
  rows_->Release(held);
  return true;
}

std::uint64_t RowCache::Now(std::string_view key) const {
  const Part& part = parts_[PartOf(key)];
  const std::lock_guard lock(part.mutex);
  return part.changes;
}

void RowCache::Keep(std::string_view key, const std::string& row, std::uint64_t since) {
  if (row.size() > kMaxRowBytes) return;
  Part& part = parts_[PartOf(key)];
  auto copy = std::make_unique<std::string>(row);
  const std::size_t bytes = sizeof(std::string) + copy->capacity();
  const std::lock_guard lock(part.mutex);
  if (part.changes != since || (part.under_way > 0 && !FaultIsOn("written-row-kept"))) return;
  // Takes the row, whatever it returns.
  rows_->Insert(ToSlice(key), copy.release(), bytes, &Free).PermitUncheckedError();
}

RowCache::Writing::Writing(RowCache& cache, const std::vector<std::string_view>& keys) : cache_(cache) {
  for (const std::string_view key : keys) parts_ |= std::uint64_t{1} << PartOf(key);
  Begin();
  if (FaultIsOn("row-not-forgotten")) return;
  for (const std::string_view key : keys) cache_.rows_->Erase(ToSlice(key));
}

RowCache::Writing::Writing(RowCache& cache) : cache_(cache), parts_(~std::uint64_t{0}) {
  Begin();
  // One by one: to erase all at once leaves those that are being read just then.
  std::vector<std::string> keys;
  cache_.rows_->ApplyToAllEntries([&keys](const rocksdb::Slice& key, void*, std::size_t,
                                          rocksdb::Cache::DeleterFn) { keys.push_back(key.ToString()); },
                                  {});
  for (const std::string& key : keys) cache_.rows_->Erase(key);
}

void RowCache::Writing::Begin() {
  for (std::size_t i = 0; i < kParts; ++i) {
    if ((parts_ >> i & 1) == 0) continue;
    Part& part = cache_.parts_[i];
    const std::lock_guard lock(part.mutex);
    ++part.changes;
    ++part.under_way;
  }
}

RowCache::Writing::~Writing() {
  for (std::size_t i = 0; i < kParts; ++i) {
    if ((parts_ >> i & 1) == 0) continue;
    Part& part = cache_.parts_[i];
    const std::lock_guard lock(part.mutex);
    ++part.changes;
    --part.under_way;
  }
}

}  // namespace greffe
