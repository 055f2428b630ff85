// Document numbers that are held while what will get them is made outside of its act, in memory alone.
#pragma once

#include <memory>
#include <string>

namespace greffe {

// A number that is held until this goes away. Any thread may let it go.
class ReservedNumber {
 public:
  virtual ~ReservedNumber() = default;
  virtual const std::string& number() const = 0;
};

// Thread-safe. What it gave may outlive it.
class NumberReservations {
 public:
  NumberReservations();
  ~NumberReservations();

  // nullptr: it is held already.
  std::shared_ptr<const ReservedNumber> Reserve(const std::string& project, const std::string& number);
  bool IsReserved(const std::string& project, const std::string& number) const;

 private:
  struct State;
  class Reservation;
  const std::shared_ptr<State> state_;
};

}  // namespace greffe
