#include "storage/base/this_thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace greffe {

void NameThisThread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

void YieldToOthers() {
  constexpr int kNice = 15;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace greffe
