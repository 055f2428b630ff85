// What greffed's allocator (jemalloc) does with memory.
#include <sched.h>

#include <algorithm>

namespace {

// Arenas, of two digits, are filled in at the end.
char settings[] =
    // Pieces of uploads and downloads go back to the system when they are freed: kept, they came to over 100 MiB.
    "oversize_threshold:1048576,"
    // Smaller ones are kept for five minutes, large free ranges are split for them, and a thread of jemalloc's gives
    // them back: memory that is new costs a page fault for each 4 KiB, which was a fifth of a check-in's processor time
    // where faults are dear.
    "lg_extent_max_active_fit:20,dirty_decay_ms:300000,background_thread:true,"
    "narenas:00";

// What one thread frees of an arena is at hand for the next of that arena alone. jemalloc has four for each processor,
// and then the blocks of the databases' memory, which whatever thread writes asks for, were new ones mostly: 2.8 page
// faults a check-in. One for four processors costs a sixth less of a check-in and a quarter less of memory; threads
// keep small pieces of their own all the same.
void CountArenas(int, char**, char**) {
  cpu_set_t processors;
  const int count = sched_getaffinity(0, sizeof(processors), &processors) == 0 ? CPU_COUNT(&processors) : 1;
  const int arenas = std::clamp(count / 4, 1, 99);
  char* const digits = settings + sizeof(settings) - 3;
  digits[0] = static_cast<char>('0' + arenas / 10);
  digits[1] = static_cast<char>('0' + arenas % 10);
}

}  // namespace

extern "C" {
// jemalloc reads it with the first allocation (see its manual), before any library has begun.
const char* malloc_conf = settings;
__attribute__((section(".preinit_array"), used)) void (*const count_arenas)(int, char**, char**) = CountArenas;
}
