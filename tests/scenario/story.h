// A project of three months, from kick-off to hand-over, as its people play it through the public API: a pumping
// station with a specification, a test plan, a test report and a manual, two gates and three deliverables.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "tests/scenario/fake_clock.h"

namespace greffe {

// Called at the evening of each day on which something happened.
using Evening = std::function<void(Micros now)>;

void PlayStory(const std::shared_ptr<grpc::Channel>& channel, FakeClock& clock, const Evening& evening);

}  // namespace greffe
