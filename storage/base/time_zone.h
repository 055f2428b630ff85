// Names of the IANA time zone database.
#pragma once

#include <string>

namespace greffe {

// True for "UTC" and for what the system's database ($TZDIR, else /usr/share/zoneinfo) has under that name: not for its
// copies with leap seconds ("right/...") nor for what depends on the machine ("localtime"). Reads a file, keeps
// nothing: absl::LoadTimeZone remembers every name that it was ever asked, refused ones too.
bool IsTimeZoneName(const std::string& name);

}  // namespace greffe
