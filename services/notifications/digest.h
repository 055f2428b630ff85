// What a person was told in a time, as text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "greffe/v1/notifications.pb.h"

namespace greffe {

// Markdown in `language`, "en" or "fr": a section a project, in it a part a kind, in it a line a notification, oldest
// first; at most 1,000 lines, the rest is counted. `title_of` tells what a project (`projects/{id}`) is called.
std::string DigestText(const std::vector<v1::Notification>& notifications, const std::string& language,
                       const std::function<std::string(const std::string& project)>& title_of);

}  // namespace greffe
