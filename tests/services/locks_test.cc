#include <gtest/gtest.h>

#include "tests/scenario/fake_clock.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class LocksTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
    principal_ = "ada";
  }

  v1::Lock Lock(std::int64_t seconds = 0, const std::string& reason = "chapter 3") {
    v1::LockDocumentRequest request;
    request.set_name(kSpecification);
    request.set_reason(reason);
    if (seconds > 0) request.mutable_time_to_live()->set_seconds(seconds);
    return Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  }
  v1::Lock Unlock(const std::string& request_id = "") {
    v1::UnlockDocumentRequest request;
    request.set_name(kSpecification);
    request.set_request_id(request_id);
    return Call(*locks_, &v1::Locks::Stub::UnlockDocument, request);
  }
  v1::Lock Force(const std::string& request_id) {
    v1::ForceUnlockDocumentRequest request;
    request.set_name(kSpecification);
    request.set_reason("on leave");
    request.set_request_id(request_id);
    return Call(*locks_, &v1::Locks::Stub::ForceUnlockDocument, request);
  }
  v1::Lock Get() {
    v1::GetLockRequest request;
    request.set_name(std::string(kSpecification) + "/lock");
    return Call(*locks_, &v1::Locks::Stub::GetLock, request);
  }
};

TEST_F(LocksTest, OthersAreToldWhoHasItUntilItIsGivenBack) {
  const v1::Lock lock = Lock();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(lock.holder(), "ada");
  principal_ = "bob";
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
  EXPECT_EQ(Metadata("holder"), "ada");
  EXPECT_FALSE(Metadata("expire_time").empty());
  Lock();
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
  Unlock();
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
  principal_ = "ada";
  auto check_in = Next("SPC-0001", "two");
  check_in.mutable_item()->set_release_lock(true);
  CheckIn(check_in);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Get();
  EXPECT_EQ(Reason(), "LOCK_NOT_FOUND");
  principal_ = "bob";
  CheckIn(Next("SPC-0001", "three"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(LocksTest, OthersDoNotReinstateWhatItsHolderHasWithdrawn) {
  Lock();
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(kSpecification);
  reinstate.set_destination_path("b.md");
  principal_ = "bob";
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  EXPECT_EQ(Reason(), "DOCUMENT_ACTIVE");
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  principal_ = "ada";
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  principal_ = "bob";
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
  EXPECT_EQ(Metadata("holder"), "ada");
  principal_ = "ada";
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate).path(), "b.md");
}

TEST_F(LocksTest, ACheckInThatChangesNothingGivesTheLockBackToo) {
  Lock();
  auto unchanged = Next("SPC-0001", "one");
  unchanged.mutable_item()->set_release_lock(true);
  EXPECT_TRUE(CheckIn(unchanged).unchanged());
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Get();
  EXPECT_EQ(Reason(), "LOCK_NOT_FOUND");
  principal_ = "bob";
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(LocksTest, ALockSurvivesARestartAndIsRenewedByItsHolder) {
  const v1::Lock lock = Lock(60);
  Stop();
  Start();
  EXPECT_EQ(Get().DebugString(), lock.DebugString());
  const v1::Lock renewed = Lock(3600, "");
  EXPECT_EQ(renewed.reason(), "chapter 3");
  EXPECT_EQ(renewed.create_time().seconds(), lock.create_time().seconds());
  EXPECT_GT(renewed.expire_time().seconds(), lock.expire_time().seconds() + 3000);
  v1::ListLocksRequest list;
  list.set_parent("projects/apollo");
  EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::ListLocks, list).locks_size(), 1);
  list.set_holder("bob");
  EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::ListLocks, list).locks_size(), 0);
  EXPECT_TRUE(Unlock("u1").released());
  EXPECT_TRUE(Unlock("u1").released()) << "asked twice, done once";
  Unlock("u2");
  EXPECT_EQ(Reason(), "LOCK_NOT_FOUND");
}

TEST_F(LocksTest, AForcedReleaseIsInTheHistoryWithItsReason) {
  Lock();
  principal_ = "pmo";
  v1::ForceUnlockDocumentRequest request;
  request.set_name(kSpecification);
  Call(*locks_, &v1::Locks::Stub::ForceUnlockDocument, request);
  EXPECT_EQ(Field(), "reason");
  request.set_reason("ada is on leave");
  EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::ForceUnlockDocument, request).holder(), "ada");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ListChangesRequest changes;
  changes.set_parent("projects/apollo");
  changes.set_after_sequence(2);
  const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, changes);
  ASSERT_EQ(page.changes_size(), 1);
  EXPECT_EQ(page.changes(0).author().id(), "pmo");
  EXPECT_EQ(page.changes(0).entries(0).kind(), v1::CHANGE_KIND_LOCK_FORCED);
  v1::FlushRepositoriesRequest flush;
  flush.set_parent("projects/-");
  Call(*admin_, &v1::Admin::Stub::FlushRepositories, flush);
  const std::string log =
      Shell("git -C " + directory_.path() + "/data/repositories/apollo.git log -1 --format=%B main").output;
  EXPECT_NE(log.find("ada is on leave"), std::string::npos) << log;
}

TEST_F(LocksTest, ALockThatIsOverKeepsNobodyOut) {
  v1::LockDocumentRequest request;
  request.set_name(kSpecification);
  request.mutable_time_to_live()->set_seconds(0);
  Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  EXPECT_EQ(Field(), "time_to_live");
  request.mutable_time_to_live()->set_seconds(31 * 24 * 3600);
  Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  EXPECT_EQ(Field(), "time_to_live");
  request.mutable_time_to_live()->set_seconds(INT64_MAX);
  request.mutable_time_to_live()->set_nanos(1);
  Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  EXPECT_EQ(Field(), "time_to_live");
  v1::Lock lock = Lock(1);
  EXPECT_TRUE(IsInForce(lock, ToMicros(lock.expire_time()) - 1));
  EXPECT_FALSE(IsInForce(lock, ToMicros(lock.expire_time())));
}

TEST_F(LocksTest, ARequestIdIsItsCallersAlone) {
  v1::LockDocumentRequest request;
  request.set_name(kSpecification);
  request.set_request_id("r-1");
  const v1::Lock lock = Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::LockDocument, request).DebugString(), lock.DebugString());
  principal_ = "bob";
  Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

TEST_F(LocksTest, ARepeatedRequestIsAnsweredAsBeforeWhateverCameAfterIt) {
  v1::LockDocumentRequest request;
  request.set_name(kSpecification);
  request.set_request_id("r-1");
  const v1::Lock lock = Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  const v1::Lock given_back = Unlock("r-2");
  principal_ = "bob";
  const v1::Lock of_other = Lock(60);
  principal_ = "eve";
  const v1::Lock forced = Force("r-3");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(forced.holder(), "bob");
  principal_ = "ada";
  for (const bool restarted : {false, true}) {
    if (restarted) {
      Stop();
      Start();
    }
    EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::LockDocument, request).DebugString(), lock.DebugString());
    EXPECT_EQ(Unlock("r-2").DebugString(), given_back.DebugString());
    principal_ = "eve";
    EXPECT_EQ(Force("r-3").DebugString(), forced.DebugString());
    principal_ = "ada";
    Get();
    EXPECT_EQ(Reason(), "LOCK_NOT_FOUND") << "nothing was done again";
  }
}

TEST_F(LocksTest, ARequestIdWithAnotherContentIsRefused) {
  CheckIn(NewAt("b.md", "one"));
  v1::LockDocumentRequest request;
  request.set_name(kSpecification);
  request.set_reason("chapter 3");
  request.set_request_id("r-1");
  const v1::Lock lock = Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto refused = [&](const v1::LockDocumentRequest& other) {
    Call(*locks_, &v1::Locks::Stub::LockDocument, other);
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << other.ShortDebugString();
    EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
  };
  for (const bool restarted : {false, true}) {
    if (restarted) {
      Stop();
      Start();
    }
    v1::LockDocumentRequest other = request;
    other.set_reason("chapter 4");
    refused(other);
    other = request;
    other.mutable_time_to_live()->set_seconds(60);
    refused(other);
    other = request;
    other.set_name("projects/apollo/documents/SPC-0002");
    refused(other);
    Unlock("r-1");
    EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
    EXPECT_EQ(Get().DebugString(), lock.DebugString());
    EXPECT_EQ(Call(*locks_, &v1::Locks::Stub::LockDocument, request).DebugString(), lock.DebugString());
  }
}

TEST_F(LocksTest, ARequestIdOfALockIsRefusedForACommitAndTheOtherWayRound) {
  v1::LockDocumentRequest lock;
  lock.set_name(kSpecification);
  lock.set_request_id("of-a-lock");
  Call(*locks_, &v1::Locks::Stub::LockDocument, lock);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  auto check_in = Next("SPC-0001", "two");
  check_in.set_request_id("of-a-commit");
  CheckIn(check_in);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto expect_refused = [this] {
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status_.error_message();
    EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
  };
  for (const bool restarted : {false, true}) {
    if (restarted) {
      Stop();
      Start();
    }
    auto commit = Next("SPC-0001", "three");
    commit.set_request_id("of-a-lock");
    CheckIn(commit);
    expect_refused();
    v1::LockDocumentRequest other = lock;
    other.set_request_id("of-a-commit");
    Call(*locks_, &v1::Locks::Stub::LockDocument, other);
    expect_refused();
    Unlock("of-a-commit");
    expect_refused();
  }
  EXPECT_TRUE(Unlock("of-giving-back").released());
  auto commit = Next("SPC-0001", "three");
  commit.set_request_id("of-giving-back");
  CheckIn(commit);
  expect_refused();
  principal_ = "bob";
  CheckIn(commit);
  expect_refused();
}

TEST_F(LocksTest, APartOfASecondIsRoundedUp) {
  v1::LockDocumentRequest request;
  request.set_name(kSpecification);
  request.mutable_time_to_live()->set_nanos(500'000'000);
  const v1::Lock lock = Call(*locks_, &v1::Locks::Stub::LockDocument, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(lock.expire_time().seconds() - lock.create_time().seconds(), 1);
}

class LocksByClockTest : public LocksTest {
 protected:
  void SetUp() override {
    clock_ = &clock_of_test_;
    LocksTest::SetUp();
  }

  FakeClock clock_of_test_{FakeClock::MorningOf(2026, 3, 2)};
};

// Commits do not go back in time with the clock; who waits for a lock does.
TEST_F(LocksByClockTest, ALockLastsAsLongAsItWasAskedForAlsoWhenTheClockWasPutBack) {
  const Micros morning = clock_of_test_.Now();
  clock_of_test_.Set(morning + kMicrosPerDay);
  CheckIn(Next("SPC-0001", "of tomorrow"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  clock_of_test_.Set(morning);
  const v1::Lock lock = Lock(3600);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(ToMicros(lock.expire_time()), morning + Micros{3600} * 1'000'000);
  principal_ = "bob";
  CheckIn(Next("SPC-0001", "of bob"));
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED") << "what is listed holds";
}

TEST_F(LocksByClockTest, AClockThatIsFarAheadForAWhileTakesNoLockAway) {
  CheckIn(NewAt("b.md", "one"));
  const v1::Lock lock = Lock(3600);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  clock_of_test_.Jump(365 * kMicrosPerDay);
  v1::LockDocumentRequest other;
  other.set_name("projects/apollo/documents/SPC-0002");
  Call(*locks_, &v1::Locks::Stub::LockDocument, other);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  v1::UnlockDocumentRequest given_back;
  given_back.set_name(other.name());
  Call(*locks_, &v1::Locks::Stub::UnlockDocument, given_back);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  clock_of_test_.Jump(-365 * kMicrosPerDay);
  EXPECT_EQ(Get().DebugString(), lock.DebugString());
  principal_ = "bob";
  CheckIn(Next("SPC-0001", "of bob"));
  EXPECT_EQ(Reason(), "DOCUMENT_LOCKED");
}

}  // namespace
}  // namespace greffe
