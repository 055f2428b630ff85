// What the programs of tests/bench write, and under which names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace greffe {

// Text that deflates to about half, as specifications do; different for every seed.
std::string Text(std::uint64_t seed, std::size_t size);

// "projects/bench-7"
std::string ProjectOf(int i);
// "REC-0008": the number that the server gives to document 7 of a project.
std::string NumberOf(int i);
// Folders of some dozens, as people keep them. compare.py has the same for git fast-import.
std::string PathOf(int i);

}  // namespace greffe
