#include "storage/store/number_reservations.h"

#include <mutex>
#include <set>
#include <utility>

namespace greffe {

struct NumberReservations::State {
  mutable std::mutex mutex;
  std::set<std::pair<std::string, std::string>> held;  // project, number
};

class NumberReservations::Reservation final : public ReservedNumber {
 public:
  Reservation(std::shared_ptr<State> state, std::string project, std::string number)
      : state_(std::move(state)), key_(std::move(project), std::move(number)) {}
  ~Reservation() override {
    const std::lock_guard lock(state_->mutex);
    state_->held.erase(key_);
  }
  const std::string& number() const override { return key_.second; }

 private:
  const std::shared_ptr<State> state_;
  const std::pair<std::string, std::string> key_;
};

NumberReservations::NumberReservations() : state_(std::make_shared<State>()) {}
NumberReservations::~NumberReservations() = default;

std::shared_ptr<const ReservedNumber> NumberReservations::Reserve(const std::string& project,
                                                                  const std::string& number) {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->held.emplace(project, number).second) return nullptr;
  }
  return std::make_shared<Reservation>(state_, project, number);
}

bool NumberReservations::IsReserved(const std::string& project, const std::string& number) const {
  const std::lock_guard lock(state_->mutex);
  return state_->held.contains({project, number});
}

}  // namespace greffe
