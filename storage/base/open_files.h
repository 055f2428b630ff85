// How many files this process may have open.
#pragma once

#include <sys/resource.h>

namespace greffe {

// As many as the hard limit says: connections and packs are open files. The soft limit is often 1,024, for the sake of
// programs that use select().
inline void RaiseOpenFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace greffe
