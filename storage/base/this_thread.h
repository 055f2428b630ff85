// What a thread of ours tells the system of itself.
#pragma once

namespace greffe {

// Up to 15 characters, as `top -H` and profilers show them.
void NameThisThread(const char* name);

// For work that nobody waits for: others of this machine come first. Linux keeps such a priority for each thread.
void YieldToOthers();

}  // namespace greffe
