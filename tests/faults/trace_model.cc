#include "tests/faults/trace_model.h"

#include <algorithm>

namespace greffe {
namespace {

using Kind = TraceStep::Kind;

std::string Text(int step, std::size_t size, std::mt19937_64& random) {
  std::string text = "Step " + std::to_string(step) + "\n";
  while (text.size() < size) text += std::to_string(random() % 100'000) + (random() % 9 == 0 ? "\n" : " pump ");
  return text;
}

}  // namespace

TraceStep MakeStep(int index, const TraceState& state, std::mt19937_64& random) {
  TraceStep step;
  step.project = random() % 3 == 0 ? "borealis" : "apollo";
  const auto& documents = state.at(step.project).documents;
  const auto new_item = [&](int part, std::size_t size) {
    const std::string name = "SPC-" + std::to_string(10'000 + 10 * index + part);
    return TraceItem{name, "folder " + std::to_string(random() % 4) + "/" + name + ".md", Text(index, size, random)};
  };
  const auto any_item = [&](int part, std::size_t size) {
    TraceItem item = new_item(part, size);
    if (documents.empty() || random() % 3 == 0) return item;
    const auto& [number, document] = *std::next(documents.begin(), static_cast<long>(random() % documents.size()));
    return TraceItem{number, document.path, item.content};
  };
  const auto chance = random() % 100;
  if (chance < 45) {
    step.kind = Kind::kCheckIn;
    step.items = {any_item(0, 200 + random() % 6000)};
  } else if (chance < 55) {
    step.kind = Kind::kBatch;
    for (int part = 0; part < 3; ++part) step.items.push_back(new_item(part, 300));
  } else if (chance < 60) {
    step.kind = Kind::kLarge;
    step.items = {any_item(0, 1'300'000)};
  } else if (chance < 84 && !documents.empty()) {
    constexpr Kind kKinds[] = {Kind::kRetitle, Kind::kMove, Kind::kWithdraw, Kind::kReinstate};
    step.kind = kKinds[random() % 4];
    step.items = {any_item(0, 1)};
    step.text = step.kind == Kind::kMove ? "moved/" + std::to_string(index) + ".md" : "Title " + std::to_string(index);
  } else if (chance < 96) {
    step.kind = Kind::kPack;
  } else {
    step.kind = chance < 98 ? Kind::kReopen : Kind::kRebuildIndex;
  }
  return step;
}

bool Apply(const TraceStep& step, TraceState& state) {
  if (step.kind == Kind::kCreateProject) {
    const bool made = state.try_emplace(step.project).second;
    if (made) state[step.project].sequence = 1;
    return made;
  }
  const auto found = state.find(step.project);
  if (found == state.end()) return false;
  TraceProject project = found->second;
  for (const TraceItem& item : step.items) {
    const bool checks_in = step.kind == Kind::kCheckIn || step.kind == Kind::kBatch || step.kind == Kind::kLarge;
    const auto there = project.documents.find(item.number);
    if (!checks_in && there == project.documents.end()) return false;
    // Numbers are in the paths, and a document that comes for the second time is where it was: no paths clash.
    TraceDocument& document = checks_in ? project.documents[item.number] : there->second;
    if (document.withdrawn != (step.kind == Kind::kReinstate)) return false;
    if (checks_in) {
      if (document.contents.empty()) {
        document.path = item.path;
        document.title = item.number;
      }
      document.contents.push_back(item.content);
    } else if (step.kind == Kind::kRetitle) {
      document.title = step.text;
    } else if (step.kind == Kind::kMove) {
      document.path = step.text;
    } else {
      document.withdrawn = step.kind == Kind::kWithdraw;
    }
  }
  ++project.sequence;
  found->second = std::move(project);
  return true;
}

std::string Difference(const TraceState& expected, const TraceState& actual) {
  std::string text;
  for (const auto& [name, project] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end()) {
      text += "project " + name + " is not there\n";
      continue;
    }
    if (found->second.sequence != project.sequence) {
      text += name + " is at " + std::to_string(found->second.sequence) + ", not at " +
              std::to_string(project.sequence) + "\n";
    }
    for (const auto& [number, document] : project.documents) {
      const auto other = found->second.documents.find(number);
      if (other == found->second.documents.end()) {
        text += name + " " + number + " is not there\n";
      } else if (!(other->second == document)) {
        text += name + " " + number + " has " + std::to_string(other->second.contents.size()) + " versions at \"" +
                other->second.path + "\", title \"" + other->second.title + "\"; expected " +
                std::to_string(document.contents.size()) + " at \"" + document.path + "\", \"" + document.title +
                "\"\n";
      }
    }
    for (const auto& [number, document] : found->second.documents) {
      if (!project.documents.contains(number)) text += name + " " + number + " should not be there\n";
    }
  }
  for (const auto& [name, project] : actual) {
    if (!expected.contains(name)) text += "project " + name + " should not be there\n";
  }
  return text;
}

}  // namespace greffe
