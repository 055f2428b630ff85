// Every view of the project "station" at a moment, as text: two equal texts are the same answers to the same questions.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "greffe/v1/common.pb.h"

namespace greffe {

inline constexpr char kStation[] = "projects/station";

std::string ViewsOf(const std::shared_ptr<grpc::Channel>& channel, const v1::AsOf& as_of);

}  // namespace greffe
