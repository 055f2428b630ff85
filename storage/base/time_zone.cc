#include "storage/base/time_zone.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>

namespace greffe {
namespace {

constexpr std::size_t kMaxZoneName = 64;

// No dots: a name cannot leave the database's folder.
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
         c == '-' || c == '+';
}

bool DependsOnMachine(std::string_view name) {
  return name == "localtime" || name == "posixrules" || name.starts_with("right/") || name.starts_with("posix/");
}

}  // namespace

bool IsTimeZoneName(const std::string& name) {
  if (name == "UTC") return true;
  if (name.empty() || name.size() > kMaxZoneName || name.front() == '/' || name.find("//") != std::string::npos ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter) || DependsOnMachine(name)) {
    return false;
  }
  const char* folder = std::getenv("TZDIR");
  std::ifstream file(std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") + "/" + name, std::ios::binary);
  std::array<char, 4> magic{};
  file.read(magic.data(), magic.size());
  return file.gcount() == 4 && std::string_view(magic.data(), magic.size()) == "TZif";
}

}  // namespace greffe
