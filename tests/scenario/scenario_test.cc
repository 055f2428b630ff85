// Every view of a project of three months, at every evening on which something happened: as it was answered then, so it
// is answered afterwards, also by an index made anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "greffe/v1/registers.grpc.pb.h"
#include "services/server/server.h"
#include "tests/scenario/caller.h"
#include "tests/scenario/fake_clock.h"
#include "tests/scenario/inboxes.h"
#include "tests/scenario/story.h"
#include "tests/scenario/views.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class ScenarioTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override { Stop(); }

  void Start() {
    ServerConfig config;
    config.data = directory_.path() + "/data";
    config.listen = "127.0.0.1:0";
    config.store.directory = config.data;
    config.store.reserve_bytes = 0;
    config.notify.sweep = std::chrono::milliseconds(20);
    auto server = Server::Start(config, &clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    waiter_ = std::thread([this] { EXPECT_TRUE(server_->Wait().ok()); });
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  }
  // "2026-01-20 morning", of one of the story's two moments of a day.
  std::string MomentText(Micros now) {
    const absl::CivilSecond paris = absl::ToCivilSecond(absl::FromUnixMicros(now), paris_);
    return absl::FormatCivilTime(absl::CivilDay(paris)) + (paris.hour() < 12 ? " morning" : " evening");
  }

  void Stop() {
    if (server_ == nullptr) return;
    channel_.reset();
    server_->RequestStop();
    waiter_.join();
    server_.reset();
  }

  TemporaryDirectory directory_;
  const absl::TimeZone paris_ = [] {
    absl::TimeZone zone;
    absl::LoadTimeZone("Europe/Paris", &zone);
    return zone;
  }();
  FakeClock clock_{FakeClock::MorningOf(2026, 1, 2)};
  std::unique_ptr<Server> server_;
  std::thread waiter_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ScenarioTest, EveryEveningIsAnsweredAsItWasAlsoByAnIndexMadeAnew) {
  struct Answered {
    Micros evening;
    std::string views;
  };
  std::vector<Answered> then;
  const Moment morning = [](Micros) {};
  PlayStory(channel_, clock_, morning, [&](Micros now) { then.push_back({now, ViewsOf(channel_, v1::AsOf())}); });
  ASSERT_EQ(then.size(), 14u);
  ASSERT_FALSE(HasFailure());
  for (std::size_t i = 1; i < then.size(); ++i) EXPECT_NE(then[i].views, then[i - 1].views) << i;
  for (const bool anew : {false, true}) {
    if (anew) {
      Stop();
      std::filesystem::remove_all(directory_.path() + "/data/index");
      Start();
    }
    for (const Answered& answered : then) {
      v1::AsOf as_of;
      *as_of.mutable_time() = ToTimestamp(answered.evening);
      EXPECT_EQ(ViewsOf(channel_, as_of), answered.views) << "anew: " << anew << ", evening " << answered.evening;
    }
  }
  Stop();
  const std::string repository = directory_.path() + "/data/repositories/station.git";
  EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
  EXPECT_EQ(Shell("git -C " + repository + " tag -l").output, "baselines/gate-1\nbaselines/hand-over\n");
}

TEST_F(ScenarioTest, PeopleAreToldWhatConcernsThemAndNothingTwice) {
  // Mornings bring what the days bring, evenings what the day's work did.
  const std::map<std::string, std::vector<std::string>> expected = {
      {"2026-01-05 evening",
       {"marie DUE meetings/MTG-0001 2026-01-05", "paul ASSIGNED actions/ACT-0001",
        "paul ASSIGNED deliverables/DLV-0001", "paul ASSIGNED deliverables/DLV-0002",
        "paul ASSIGNED deliverables/DLV-0003", "paul ASSIGNED risks/RISK-0001", "tom ASSIGNED actions/ACT-0002"}},
      {"2026-01-12 morning", {"marie OVERDUE meetings/MTG-0001 2026-01-05", "paul DUE actions/ACT-0001 2026-01-19"}},
      {"2026-01-20 morning", {"marie OVERDUE actions/ACT-0001 2026-01-19", "paul OVERDUE actions/ACT-0001 2026-01-19"}},
      {"2026-01-20 evening",
       {"lea DUE reviews/RVW-0001 2026-01-27", "lea REVIEW_ASSIGNED reviews/RVW-0001 2026-01-27",
        "marie DUE reviews/RVW-0001 2026-01-27", "paul DUE reviews/RVW-0001 2026-01-27",
        "paul REVIEW_ASSIGNED reviews/RVW-0001 2026-01-27", "tom DUE reviews/RVW-0001 2026-01-27",
        "tom REVIEW_ASSIGNED reviews/RVW-0001 2026-01-27"}},
      {"2026-01-28 morning",
       {"lea OVERDUE reviews/RVW-0001 2026-01-27", "marie OVERDUE reviews/RVW-0001 2026-01-27",
        "paul OVERDUE reviews/RVW-0001 2026-01-27", "tom DUE actions/ACT-0002 2026-02-01",
        "tom OVERDUE reviews/RVW-0001 2026-01-27"}},
      {"2026-01-28 evening", {"marie REVIEW_ENDED reviews/RVW-0001", "paul REVIEW_ENDED reviews/RVW-0001"}},
      {"2026-01-30 morning", {"paul DUE deliverables/DLV-0001 2026-02-06"}},
      {"2026-01-30 evening",
       {"lea DUE reviews/RVW-0002 2026-02-06", "lea REVIEW_ASSIGNED reviews/RVW-0002 2026-02-06",
        "marie DUE reviews/RVW-0002 2026-02-06", "paul DUE reviews/RVW-0002 2026-02-06",
        "paul LINK_SUSPECT links/LNK-0001", "paul LINK_SUSPECT links/LNK-0002",
        "paul REVIEW_ASSIGNED reviews/RVW-0002 2026-02-06", "tom DUE reviews/RVW-0002 2026-02-06",
        "tom REVIEW_ASSIGNED reviews/RVW-0002 2026-02-06"}},
      {"2026-02-04 morning", {"marie OVERDUE actions/ACT-0002 2026-02-01", "tom OVERDUE actions/ACT-0002 2026-02-01"}},
      {"2026-02-04 evening",
       {"marie APPROVED documents/SPC-0001/versions/2", "marie DUE meetings/MTG-0002 2026-02-04",
        "marie REVIEW_ENDED reviews/RVW-0002", "paul APPROVED documents/SPC-0001/versions/2",
        "paul RELEASED documents/SPC-0001/versions/2", "paul REVIEW_ENDED reviews/RVW-0002",
        "tom ASSIGNED issues/ISS-0001"}},
      {"2026-02-10 morning",
       {"marie DUE milestones/G1 2026-02-13", "marie OVERDUE deliverables/DLV-0001 2026-02-06",
        "marie OVERDUE meetings/MTG-0002 2026-02-04", "paul DUE risks/RISK-0001 2026-02-15",
        "paul OVERDUE deliverables/DLV-0001 2026-02-06"}},
      {"2026-02-10 evening",
       {"client SUBMITTED deliverables/DLV-0001", "paul ASSIGNED actions/ACT-0003",
        "paul SUBMISSION_DECIDED deliverables/DLV-0001", "paul SUBMITTED deliverables/DLV-0001"}},
      {"2026-02-13 morning", {"marie DUE milestones/G1 2026-02-13"}},
      {"2026-02-13 evening", {"marie DUE transmittals/TRM-0001 2026-02-20"}},
      {"2026-02-20 morning",
       {"marie DUE transmittals/TRM-0001 2026-02-20", "marie OVERDUE risks/RISK-0001 2026-02-15",
        "paul DUE actions/ACT-0003 2026-02-27", "paul OVERDUE risks/RISK-0001 2026-02-15",
        "tom DUE issues/ISS-0001 2026-02-25"}},
      {"2026-02-20 evening", {"marie DUE changeRequests/CR-0001 2026-02-27"}},
      {"2026-03-02 morning",
       {"marie OVERDUE actions/ACT-0003 2026-02-27", "marie OVERDUE changeRequests/CR-0001 2026-02-27",
        "marie OVERDUE issues/ISS-0001 2026-02-25", "marie OVERDUE risks/R-12 2026-02-28",
        "marie OVERDUE risks/RISK-0002 2026-03-01", "marie OVERDUE transmittals/TRM-0001 2026-02-20",
        "paul OVERDUE actions/ACT-0003 2026-02-27", "tom OVERDUE issues/ISS-0001 2026-02-25"}},
      {"2026-03-02 evening", {"paul LINK_SUSPECT links/LNK-0001"}},
      {"2026-03-10 evening", {"paul RELEASED documents/SPC-0001/versions/3"}},
      {"2026-03-26 morning",
       {"marie DUE milestones/G2 2026-03-31", "paul DUE deliverables/DLV-0002 2026-03-30",
        "paul DUE deliverables/DLV-0003 2026-03-27"}},
      {"2026-03-26 evening",
       {"client SUBMITTED deliverables/DLV-0002", "paul SUBMISSION_DECIDED deliverables/DLV-0002",
        "paul SUBMITTED deliverables/DLV-0002"}},
      {"2026-03-31 morning",
       {"marie DUE milestones/G2 2026-03-31", "marie OVERDUE deliverables/DLV-0002 2026-03-30",
        "marie OVERDUE deliverables/DLV-0003 2026-03-27", "paul OVERDUE deliverables/DLV-0002 2026-03-30",
        "paul OVERDUE deliverables/DLV-0003 2026-03-27"}},
      {"2026-03-31 evening",
       {"client SUBMITTED deliverables/DLV-0002", "paul SUBMISSION_DECIDED deliverables/DLV-0002",
        "paul SUBMITTED deliverables/DLV-0002"}},
      {"2026-04-02 morning", {"marie OVERDUE milestones/G2 2026-03-31"}},
      {"2026-04-02 evening",
       {"client SUBMITTED deliverables/DLV-0003", "paul SUBMISSION_DECIDED deliverables/DLV-0003",
        "paul SUBMITTED deliverables/DLV-0003"}},
  };
  Inboxes inboxes;
  const Moment look = [&](Micros now) {
    const auto found = expected.find(MomentText(now));
    const std::vector<std::string> due = found == expected.end() ? std::vector<std::string>() : found->second;
    EXPECT_EQ(inboxes.News(channel_, due), due) << MomentText(now);
  };
  PlayStory(channel_, clock_, look, look);
  for (const bool anew : {false, true}) {
    Stop();
    if (anew) std::filesystem::remove_all(directory_.path() + "/data/index");
    Start();
    // The start's own look at everything comes before the one at this.
    v1::CreateEntryRequest request;
    request.set_parent(kStation);
    request.mutable_entry()->mutable_action()->set_title("Pay the last invoice");
    request.mutable_entry()->mutable_action()->set_owner("tom");
    const v1::Entry made = Caller<v1::Registers>(channel_).Do("marie", &v1::Registers::Stub::CreateEntry, request);
    const std::vector<std::string> assigned = {"tom ASSIGNED " + made.action().name().substr(sizeof(kStation))};
    EXPECT_EQ(inboxes.News(channel_, assigned), assigned) << "anew: " << anew;
  }
}

}  // namespace
}  // namespace greffe
