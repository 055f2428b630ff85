// Large contents that got their place in a repository by a check-in that a killed process did not append.
#pragma once

#include "absl/status/status.h"
#include "storage/index/index.h"
#include "storage/journal/journal.h"
#include "storage/store/object_source.h"
#include "storage/store/uploads.h"

namespace greffe {

// Takes each complete upload's content out of its place, if its very file lies there and no version has it. Of projects
// whose index is not at the journal's head nobody knows, and theirs stay. At a start, when the index has caught up.
absl::Status TakeBackUnnamedContents(const Journal& journal, const Index& index, const ObjectSource& objects,
                                     const Uploads& uploads);

}  // namespace greffe
