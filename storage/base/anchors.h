// What of a text can be linked with: headings and requirement ids, by a project's rule.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/trace.pb.h"

namespace re2 {
class RE2;
}

namespace greffe {

inline constexpr int kMaxAnchors = 2000;                  // of one document
inline constexpr std::size_t kMaxScannedBytes = 1 << 20;  // of a text; a longer one has no anchors

// A rule that is valid, ready for many texts. Thread-safe.
class AnchorFinder {
 public:
  explicit AnchorFinder(const v1::TraceRule& rule);
  ~AnchorFinder();

  // Whether the rule asks for any anchors at all.
  bool active() const { return headings_ || requirements_ != nullptr; }

  // 16 hexadecimal digits that stand for what the rule finds.
  const std::string& digest() const { return digest_; }

  // In the order of the text. Front matter and fenced code have no headings; what is not UTF-8 has no anchors.
  std::vector<v1::Anchor> Find(std::string_view text) const;

 private:
  const bool headings_;
  const std::string digest_;
  std::unique_ptr<const re2::RE2> requirements_;
};

// Whether texts of documents of that type are looked at.
bool IsTraced(const v1::TraceRule& rule, std::string_view document_type);

// INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateTraceRule(const v1::Project& project, const std::string& field);

}  // namespace greffe
