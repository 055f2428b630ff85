// What a progress report tells of one thing: how it differs at the end of the days from what it was before them.
// Functions of the messages alone.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "greffe/v1/documents.pb.h"
#include "storage/base/language.h"

namespace greffe {

// Of a longer list the first so many lines, and how many more there are.
inline constexpr int kMaxReportLines = 100;

struct ProgressLine {
  std::string id;
  std::string title;
  std::string changes;  // empty: nothing to tell
};

// Those of one section; what is not shown is counted and not kept.
struct ProgressLines {
  std::vector<ProgressLine> shown;
  std::int64_t count = 0;

  void Add(ProgressLine line) {
    if (line.changes.empty()) return;
    if (++count <= kMaxReportLines) shown.push_back(std::move(line));
  }
};

// `before` is null when there was none.
ProgressLine LineOf(const v1::Document* before, const v1::Document& after, Language language);
// The same of a record.
ProgressLine LineOf(const google::protobuf::Message* before, const google::protobuf::Message& after, Language language);

}  // namespace greffe
