// Request ids (AIP-155).
#pragma once

#include <string>

namespace greffe::client {

// A new random UUID (version 4).
std::string NewRequestId();

}  // namespace greffe::client
