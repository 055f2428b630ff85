// A project of three months, from kick-off to hand-over, as its people play it through the public API: a pumping
// station with a specification, a test plan, a test report and a manual, two gates and three deliverables.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "tests/scenario/fake_clock.h"

namespace greffe {

// Called at a moment of each day on which something happens: before anything did, or when all of it has.
using Moment = std::function<void(Micros now)>;

void PlayStory(const std::shared_ptr<grpc::Channel>& channel, FakeClock& clock, const Moment& morning,
               const Moment& evening);

}  // namespace greffe
