// The trace that the fault tests run, and what must be there after some of its steps.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace greffe {

// A document of a step.
struct TraceItem {
  std::string number;
  std::string path;
  std::string content;
};

struct TraceStep {
  enum class Kind {
    kCreateProject,
    kCheckIn,  // one item; registers the document when it is not there
    kBatch,    // several, as one commit
    kLarge,    // one item, by way of an upload
    kRetitle,  // `text` is the title
    kMove,     // `text` is the path
    kWithdraw,
    kReinstate,
    kPack,         // what the journal holds goes into the repository
    kReopen,       // clean stop and start
    kRebuildIndex  // stop, the index is deleted, start
  };
  Kind kind = Kind::kCheckIn;
  std::string project;
  std::vector<TraceItem> items;  // of the other kinds: one with the number alone
  std::string text;

  bool IsWrite() const { return kind < Kind::kPack; }
};

struct TraceDocument {
  std::string path;
  std::string title;
  bool withdrawn = false;
  std::vector<std::string>
      contents;  // by version: what items of steps had as content, best a hash (it is copied a lot)

  friend bool operator==(const TraceDocument&, const TraceDocument&) = default;
};

struct TraceProject {
  std::int64_t sequence = 0;  // commits
  std::map<std::string, TraceDocument> documents;

  friend bool operator==(const TraceProject&, const TraceProject&) = default;
};

using TraceState = std::map<std::string, TraceProject>;

// A step that `state`, which has both projects, allows most of the time. Numbers and paths of new documents are made of
// `index`.
TraceStep MakeStep(int index, const TraceState& state, std::mt19937_64& random);

// Does a write in the model; false, and nothing done, when it must be refused.
bool Apply(const TraceStep& step, TraceState& state);

// What differs, for people; empty when nothing does.
std::string Difference(const TraceState& expected, const TraceState& actual);

}  // namespace greffe
