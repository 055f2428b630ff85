// The progress report as a text: Markdown, from how a project stood before its days and at their end.
// A function of the messages alone.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "greffe/v1/projects.pb.h"
#include "greffe/v1/reports.pb.h"
#include "storage/base/language.h"
#include "storage/base/progress_lines.h"

namespace greffe {

struct ProgressFacts {
  v1::Project project;  // at the end
  std::string from;     // the first and the last day
  std::string to;
  int due_within_days = 0;
  std::optional<v1::ProjectStatus> before;  // without items; none: there was no project
  v1::ProjectStatus after;                  // with late and due items
  ProgressLines documents;
  std::map<std::string, ProgressLines> records;  // by collection
};

std::string ProgressReportText(const ProgressFacts& facts, Language language);

}  // namespace greffe
