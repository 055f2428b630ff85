#include "services/templates/office_archive.h"

#include <zip.h>

#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kInflatedAtOnce = 64 << 10;
constexpr std::int64_t kAnyRatio = 1 << 20;  // bytes up to which a file may be packed as well as it goes

struct FileCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using OpenFile = std::unique_ptr<zip_file_t, FileCloser>;

std::string TextOfError(zip_error_t* error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return PrintableUtf8(text);
}

class LibzipArchive final : public OfficeArchive {
 public:
  ~LibzipArchive() override {
    if (archive_ != nullptr) zip_discard(archive_);
    if (source_ != nullptr) zip_source_free(source_);
  }

  absl::Status Load(std::string_view bytes, const TemplateLimits& limits) {
    zip_error_t error;
    zip_error_init(&error);
    // A copy that libzip owns: what it writes may share a buffer with what it read, and libzip 1.7 frees that one even
    // where it was told that it may not.
    void* const copy = std::malloc(bytes.size());
    if (copy == nullptr) return absl::ResourceExhaustedError("no memory for a template");
    std::memcpy(copy, bytes.data(), bytes.size());
    source_ = zip_source_buffer_create(copy, bytes.size(), 1, &error);
    if (source_ == nullptr) {
      std::free(copy);
      return TemplateDamaged("zip", TextOfError(&error));
    }
    zip_source_keep(source_);  // for Finish
    archive_ = zip_open_from_source(source_, 0, &error);
    if (archive_ == nullptr) {
      zip_source_free(source_);
      return TemplateDamaged("zip", "cannot be opened: " + TextOfError(&error));
    }
    zip_error_fini(&error);
    return Check(limits);
  }

  const std::vector<std::string>& names() const override { return names_; }
  std::int64_t SizeOf(std::size_t index) const override { return sizes_[index]; }

  absl::StatusOr<std::string> Read(std::size_t index) override {
    std::string content;
    content.reserve(static_cast<std::size_t>(sizes_[index]));
    GREFFE_RETURN_IF_ERROR(ReadPieces(index, [&content](std::string_view piece) { content += piece; }));
    return content;
  }

  absl::Status Replace(std::size_t index, std::string content) override {
    contents_.push_back(std::make_unique<std::string>(std::move(content)));
    zip_source_t* const source = zip_source_buffer(archive_, contents_.back()->data(), contents_.back()->size(), 0);
    if (source == nullptr) return Failed(index);
    if (zip_file_replace(archive_, index, source, 0) < 0) {
      zip_source_free(source);
      return Failed(index);
    }
    // The time of the template, and not of this moment: the same input gives the same bytes.
    if (zip_file_set_mtime(archive_, index, times_[index], 0) < 0) return Failed(index);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Finish() override {
    if (zip_close(archive_) < 0) return TemplateDamaged("zip", PrintableUtf8(zip_strerror(archive_)));
    archive_ = nullptr;
    if (zip_source_open(source_) < 0) return SourceFailed();
    std::string bytes;
    const bool sized = zip_source_seek(source_, 0, SEEK_END) == 0;
    const zip_int64_t size = sized ? zip_source_tell(source_) : -1;
    if (size >= 0 && zip_source_seek(source_, 0, SEEK_SET) == 0) {
      bytes.resize(static_cast<std::size_t>(size));
      if (zip_source_read(source_, bytes.data(), bytes.size()) != size) bytes.clear();
    }
    zip_source_close(source_);
    if (bytes.empty()) return SourceFailed();
    return bytes;
  }

 private:
  absl::Status Check(const TemplateLimits& limits) {
    const zip_int64_t count = zip_get_num_entries(archive_, 0);
    if (count > limits.entries) return TemplateTooLarge(absl::StrCat(count, " files"), "entries", limits.entries);
    std::set<std::string> seen;
    std::int64_t total = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
      zip_stat_t stat;
      constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_MTIME;
      if (zip_stat_index(archive_, i, 0, &stat) < 0 || (stat.valid & kNeeded) != kNeeded) {
        return TemplateDamaged(absl::StrCat("file ", i), "has no entry that can be read");
      }
      names_.emplace_back(stat.name);
      times_.push_back(stat.mtime);
      const std::string& name = names_.back();
      if (!IsUtf8(name) || !seen.insert(absl::AsciiStrToLower(name)).second) {
        return TemplateDamaged(name, "two files have this name, or it is not UTF-8");
      }
      if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
        return TemplateDamaged(name, "is encrypted");
      }
      const auto left = static_cast<zip_uint64_t>(limits.unpacked_bytes - total);
      if (stat.size > left) {
        return TemplateTooLarge("'" + PrintableUtf8(name) + "', with the files before it,", "unpacked_bytes",
                                limits.unpacked_bytes);
      }
      sizes_.push_back(static_cast<std::int64_t>(stat.size));
      total += sizes_.back();
      if (sizes_.back() > kAnyRatio && stat.comp_size < stat.size / static_cast<zip_uint64_t>(limits.ratio)) {
        return TemplateTooLarge("what '" + PrintableUtf8(name) + "' unpacks to", "ratio", limits.ratio);
      }
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      GREFFE_RETURN_IF_ERROR(ReadPieces(i, [](std::string_view) {}));
    }
    return absl::OkStatus();
  }

  // The sizes in the directory may be lies: no more is unpacked than they say. The CRC is looked at, at the end.
  template <typename Take>
  absl::Status ReadPieces(std::size_t index, Take take) {
    if (names_[index].ends_with('/')) return absl::OkStatus();
    const OpenFile file(zip_fopen_index(archive_, index, ZIP_FL_UNCHANGED));
    if (file == nullptr) return Failed(index);
    std::string piece(kInflatedAtOnce, '\0');
    std::int64_t size = 0;
    while (true) {
      const zip_int64_t count = zip_fread(file.get(), piece.data(), piece.size());
      if (count < 0) return TemplateDamaged(names_[index], zip_file_strerror(file.get()));
      if (count == 0) break;
      size += count;
      if (size > sizes_[index]) break;
      take(std::string_view(piece).substr(0, static_cast<std::size_t>(count)));
    }
    if (size == sizes_[index]) return absl::OkStatus();
    return TemplateDamaged(names_[index], absl::StrCat("is not of the ", sizes_[index], " bytes that it should have"));
  }

  absl::Status Failed(std::size_t index) const {
    return TemplateDamaged(names_[index], PrintableUtf8(zip_strerror(archive_)));
  }
  absl::Status SourceFailed() const { return absl::InternalError("the filled file cannot be read back"); }

  zip_source_t* source_ = nullptr;
  zip_t* archive_ = nullptr;
  std::vector<std::string> names_;
  std::vector<std::int64_t> sizes_;
  std::vector<std::int64_t> times_;
  std::vector<std::unique_ptr<std::string>> contents_;  // of replaced files, until Finish
};

}  // namespace

absl::StatusOr<std::unique_ptr<OfficeArchive>> OfficeArchive::Open(std::string_view bytes,
                                                                   const TemplateLimits& limits) {
  auto archive = std::make_unique<LibzipArchive>();
  GREFFE_RETURN_IF_ERROR(archive->Load(bytes, limits));
  return archive;
}

}  // namespace greffe
