#include "tests/model/lock_operations.h"

#include <iterator>

#include "greffe/v1/locks.pb.h"
#include "tests/model/any_values.h"

namespace greffe::model {
namespace {

// A document that somebody has, most often.
std::string AnyLocked(Dice& dice, const Knowledge& known) {
  if (known.locked.empty() || dice.OneIn(10)) return AnyName(dice, known);
  return *std::next(known.locked.begin(), dice.Below(static_cast<std::int64_t>(known.locked.size())));
}

}  // namespace

Request LockDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::LockDocumentRequest>();
  request->set_name(AnyName(dice, known));
  if (dice.OneIn(2)) request->set_reason("Reason " + std::to_string(dice.Below(4)));
  return request;
}

Request UnlockDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::UnlockDocumentRequest>();
  request->set_name(AnyLocked(dice, known));
  return request;
}

Request ForceUnlockDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ForceUnlockDocumentRequest>();
  request->set_name(AnyLocked(dice, known));
  request->set_reason("Away");
  return request;
}

Request GetLock(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetLockRequest>();
  request->set_name(AnyLocked(dice, known) + "/lock");
  return request;
}

Request ListLocks(Dice&, const Knowledge& known) {
  auto request = std::make_shared<v1::ListLocksRequest>();
  request->set_parent(Parent(known));
  request->set_page_size(1000);
  return request;
}

}  // namespace greffe::model
