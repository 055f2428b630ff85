// What a progress report says in a language; what the project and its people say stays as it is.
#pragma once

#include <vector>

#include "storage/base/language.h"

namespace greffe {

// A section for the changes of a collection.
struct CollectionWords {
  const char* collection;
  const char* heading;
};

// Rows of the figures of a collection; null: no such row.
struct FigureWords {
  const char* collection;
  const char* open;
  const char* late;
};

// $0, $1, ... are filled in.
struct ProgressWords {
  const char* title;
  const char* project;
  const char* stage;
  const char* period;
  const char* from_to;  // days
  const char* light;
  const char* before;
  const char* red;
  const char* amber;
  const char* green;
  const char* key_figures;
  const char* figure_columns;
  const char* documents;
  const char* versions;
  const char* released_documents;
  const char* first_time;
  const char* turnaround;
  const char* budget;
  const char* budget_columns;
  const char* change_columns;
  const char* created;
  const char* at_version;   // number
  const char* new_version;  // from, to
  const char* released;     // number, revision
  const char* obsolete;     // the same
  const char* withdrawn;
  const char* reinstated;
  const char* slip;   // from, to, days
  const char* score;  // from, to
  const char* late;
  const char* due_soon;  // days
  const char* due_columns;
  const char* nothing;
  const char* more;  // count
  const char* colon;
  std::vector<FigureWords> figures;
  std::vector<CollectionWords> collections;  // in the order of the report
};

const ProgressWords& WordsOfProgress(Language language);

}  // namespace greffe
