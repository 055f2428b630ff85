#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/services/service_fixture.h"
#include "tests/services/webhook_receiver.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

// The base64 of 24 bytes.
constexpr char kSecret[] = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

class WebhooksTest : public ServiceFixture {
 protected:
  void SetUp() override {
    webhook_options_.allow_private = true;
    webhook_options_.attempts = 2;
    webhook_options_.first_retry = std::chrono::milliseconds(1);
    webhook_options_.connect_timeout = std::chrono::milliseconds(30'000);
    webhook_options_.timeout = std::chrono::milliseconds(30'000);
    ServiceFixture::SetUp();
    MakeProject();
  }

  // Another server on the same data.
  void Restart() {
    Stop();
    Start();
  }

  v1::CreateWebhookRequest RequestTo(const std::string& url) const {
    v1::CreateWebhookRequest request;
    request.mutable_webhook()->set_url(url);
    request.mutable_webhook()->set_secret(kSecret);
    return request;
  }
  v1::Webhook Add(const std::string& url) {
    v1::Webhook made = Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, RequestTo(url));
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return made;
  }
  v1::Webhook Get(const std::string& name) {
    v1::GetWebhookRequest request;
    request.set_name(name);
    return Call(*webhooks_, &v1::Webhooks::Stub::GetWebhook, request);
  }
  // Tells bob something.
  void Tell(const std::string& title = "Do it") {
    v1::CreateEntryRequest request;
    request.set_parent("projects/apollo");
    request.mutable_entry()->mutable_action()->set_title(title);
    request.mutable_entry()->mutable_action()->set_owner("bob");
    Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  std::vector<v1::Delivery> Dead(const std::string& parent = "webhooks/-") {
    v1::ListDeadLettersRequest request;
    request.set_parent(parent);
    const auto page = Call(*webhooks_, &v1::Webhooks::Stub::ListDeadLetters, request);
    return {page.deliveries().begin(), page.deliveries().end()};
  }
  std::int64_t Retry(const std::string& name, const std::vector<std::string>& letters = {}) {
    v1::RetryDeadLettersRequest request;
    request.set_parent(name);
    for (const std::string& letter : letters) request.add_names(letter);
    return Call(*webhooks_, &v1::Webhooks::Stub::RetryDeadLetters, request).retried_count();
  }
  // Whether it comes true within a minute.
  static bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      ::usleep(5'000);  // between two looks
    }
    return true;
  }
  bool EventuallyDead(std::size_t count) {
    return Eventually([&] { return Dead().size() == count; });
  }

  WebhookReceiver receiver_{GREFFE_RECEIVER, kSecret};
};

TEST_F(WebhooksTest, ANotificationIsPostedOnceWithASignatureThatOthersVerify) {
  const v1::Webhook made = Add(receiver_.url());
  EXPECT_EQ(made.name(), "webhooks/WHK-0001");
  EXPECT_EQ(made.secret(), kSecret);
  EXPECT_EQ(Get(made.name()).secret(), "") << "it is told once";
  Tell();
  const std::string line = receiver_.NextLine();
  EXPECT_THAT(line, HasSubstr("\"verified\": true"));
  EXPECT_THAT(line, HasSubstr("\"path\": \"/hook\""));
  EXPECT_THAT(line, HasSubstr("\"type\": \"application/json\""));
  EXPECT_THAT(line, HasSubstr("\"type\": \"greffe.assigned\""));
  EXPECT_THAT(line, HasSubstr("\"resource\": \"projects/apollo/actions/ACT-0001\""));
  EXPECT_TRUE(Eventually([&] { return Get(made.name()).waiting_count() == 0; }));
  Restart();
  Tell("Another");
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("Another")) << "the first one did not come again";
}

TEST_F(WebhooksTest, EachWayToFailIsNamedAndEndsInADeadLetterThatCanBeRetried) {
  const v1::Webhook made = Add(receiver_.url());
  struct Case {
    const char* mode;
    const char* reason;
    int status;
  };
  std::size_t dead = 0;
  for (const Case& c :
       {Case{"fail", "STATUS", 503}, Case{"redirect", "REDIRECTED", 307}, Case{"garbage", "ANSWER_INVALID", 0},
        Case{"cut", "ANSWER_INVALID", 200}, Case{"headers", "ANSWER_INVALID", 200}}) {
    ASSERT_TRUE(receiver_.SetMode(c.mode));
    Tell(c.mode);
    ASSERT_TRUE(EventuallyDead(++dead)) << c.mode;
    const v1::Delivery letter = Dead().back();
    EXPECT_EQ(letter.notification().title(), c.mode);
    ASSERT_EQ(letter.attempts_size(), 2) << c.mode;
    EXPECT_EQ(letter.attempt_count(), 2);
    for (const v1::DeliveryAttempt& attempt : letter.attempts()) {
      EXPECT_EQ(attempt.reason(), c.reason) << c.mode << ": " << attempt.description();
      EXPECT_EQ(attempt.http_status(), c.status) << c.mode;
      EXPECT_FALSE(attempt.description().empty());
    }
    const std::string first = receiver_.NextLine();
    EXPECT_THAT(first, HasSubstr(c.mode));
    EXPECT_THAT(first, Not(HasSubstr("elsewhere")));
    const std::string id = first.substr(first.find("\"id\""), 45);
    EXPECT_THAT(receiver_.NextLine(), HasSubstr(id)) << "another attempt has the same id";
  }
  EXPECT_EQ(Get(made.name()).failure().reason(), "ANSWER_INVALID");

  Restart();
  EXPECT_EQ(Dead().size(), dead) << "they stay";
  EXPECT_EQ(Retry(made.name(), {"webhooks/WHK-0001/deliveries/999"}), 0);
  EXPECT_EQ(Reason(), "DELIVERY_NOT_FOUND");
  ASSERT_TRUE(receiver_.SetMode("ok"));
  EXPECT_EQ(Retry(made.name(), {Dead()[0].name()}), 1);
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"title\": \"fail\""));
  EXPECT_EQ(Retry(made.name()), static_cast<std::int64_t>(dead) - 1);
  for (std::size_t i = 1; i < dead; ++i) EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"verified\": true"));
  EXPECT_TRUE(Eventually([&] { return Get(made.name()).waiting_count() == 0; }));
  EXPECT_EQ(Get(made.name()).dead_count(), 0);
  EXPECT_FALSE(Get(made.name()).has_failure());
}

TEST_F(WebhooksTest, ABodyWithoutEndIsCutAndTheStatusCounts) {
  const v1::Webhook made = Add(receiver_.url());
  ASSERT_TRUE(receiver_.SetMode("endless"));
  Tell();
  receiver_.NextLine();
  EXPECT_TRUE(Eventually([&] { return Get(made.name()).waiting_count() == 0; }));
  EXPECT_EQ(Get(made.name()).dead_count(), 0);
}

TEST_F(WebhooksTest, AReceiverThatHangsKeepsNoOtherOneWaiting) {
  Stop();
  webhook_options_.timeout = std::chrono::milliseconds(2'000);
  Start();
  WebhookReceiver hanging(GREFFE_RECEIVER, kSecret);
  ASSERT_TRUE(hanging.SetMode("hang"));
  const v1::Webhook first = Add(hanging.url());
  Add(receiver_.url());
  Tell("One");
  hanging.NextLine();
  Tell("Two");
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("One"));
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("Two"));
  ASSERT_TRUE(Eventually([&] { return Get(first.name()).has_failure(); }));
  EXPECT_EQ(Get(first.name()).failure().reason(), "TIMEOUT") << Get(first.name()).failure().description();
}

TEST_F(WebhooksTest, AnAddressOfTheServersOwnNetworkIsRefusedUnlessItIsAllowed) {
  Stop();
  webhook_options_.allow_private = false;
  Start();
  const v1::Webhook made = Add(receiver_.url());
  Add("http://localhost:" + receiver_.port() + "/");
  Tell();
  ASSERT_TRUE(EventuallyDead(2));
  for (const v1::Delivery& letter : Dead()) {
    EXPECT_EQ(letter.attempts(0).reason(), "ADDRESS_REFUSED") << letter.DebugString();
  }
  Stop();
  webhook_options_.allow_private = true;
  Start();
  EXPECT_EQ(Retry(made.name()), 1);
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"verified\": true")) << "the first that it had";
}

// The first IPv4 address of an interface that is not 127.*; "": there is none.
std::string OwnAddress() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return "";
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  for (const ifaddrs* own = first; own != nullptr; own = own->ifa_next) {
    if (own->ifa_addr == nullptr || own->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(own->ifa_addr)->sin_addr, text, sizeof text);
    if (!std::string_view(text).starts_with("127.")) return text;
  }
  return "";
}

TEST_F(WebhooksTest, TheServersMachineIsRefusedByItsOtherAddressesToo) {
  const std::string own = OwnAddress();
  if (own.empty()) GTEST_SKIP() << "this machine has no address of a network";
  Stop();
  webhook_options_.allow_private = false;
  Start();
  WebhookReceiver receiver(GREFFE_RECEIVER, kSecret, own);
  const v1::Webhook made = Add(receiver.url());
  Add("http://[::ffff:" + own + "]:" + receiver.port() + "/hook");
  Tell();
  ASSERT_TRUE(EventuallyDead(2));
  for (const v1::Delivery& letter : Dead()) {
    EXPECT_EQ(letter.attempts(0).reason(), "ADDRESS_REFUSED") << letter.DebugString();
  }
  Stop();
  webhook_options_.allow_private = true;
  Start();
  EXPECT_EQ(Retry(made.name()), 1);
  EXPECT_THAT(receiver.NextLine(), HasSubstr("\"verified\": true")) << "the first that it had";
}

TEST_F(WebhooksTest, NobodyThereAndAddressesOfTheMachineryAreNamed) {
  Add("http://127.0.0.1:1/");
  Tell();
  ASSERT_TRUE(EventuallyDead(1));
  EXPECT_EQ(Dead()[0].attempts(0).reason(), "NOT_REACHED");
  const v1::Webhook refused = Add("http://169.254.169.254/latest/meta-data");
  Add("http://[fe80::1]/");
  Add("http://[::ffff:169.254.169.254]/");
  Tell();
  ASSERT_TRUE(EventuallyDead(5));
  for (const v1::Delivery& letter : Dead()) {
    const bool local = letter.name().starts_with("webhooks/WHK-0001/");
    EXPECT_EQ(letter.attempts(0).reason(), local ? "NOT_REACHED" : "ADDRESS_REFUSED") << letter.DebugString();
  }
  v1::DeleteWebhookRequest remove;
  remove.set_name(refused.name());
  Call(*webhooks_, &v1::Webhooks::Stub::DeleteWebhook, remove);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Dead().size(), 4u);
  Call(*webhooks_, &v1::Webhooks::Stub::DeleteWebhook, remove);
  EXPECT_EQ(Reason(), "WEBHOOK_NOT_FOUND");
}

TEST_F(WebhooksTest, OnlyWhatIsWantedIsPostedAndAPausedOneWaits) {
  v1::CreateWebhookRequest request = RequestTo(receiver_.url("/ada"));
  request.mutable_webhook()->set_recipient("ada");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  request = RequestTo(receiver_.url("/released"));
  request.mutable_webhook()->add_kinds(v1::NOTIFICATION_KIND_RELEASED);
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  MakeProject("zeus");
  request = RequestTo(receiver_.url("/zeus"));
  request.mutable_webhook()->set_project("projects/zeus");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  request = RequestTo(receiver_.url("/paused"));
  request.mutable_webhook()->set_paused(true);
  const v1::Webhook paused = Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  Add(receiver_.url("/all"));
  Tell();
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"path\": \"/all\""));
  EXPECT_EQ(Get(paused.name()).waiting_count(), 1);
  Restart();
  v1::UpdateWebhookRequest resume;
  resume.mutable_webhook()->set_name(paused.name());
  resume.mutable_update_mask()->add_paths("paused");
  Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, resume);
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"path\": \"/paused\""));
}

TEST_F(WebhooksTest, AnOrderlyStopWaitsForTheAnswerToWhatIsUnderWay) {
  const v1::Webhook slow = Add(receiver_.url("/slow"));
  ASSERT_TRUE(receiver_.SetMode("slow"));
  Tell();
  EXPECT_THAT(receiver_.NextLine(), HasSubstr("\"path\": \"/slow\""));
  Stop();
  Start();
  EXPECT_EQ(Get(slow.name()).waiting_count(), 0);
}

TEST_F(WebhooksTest, WhatIsNoReceiverIsRefusedAndNothingIsKept) {
  for (const char* url :
       {"", "ftp://example.org/", "file:///etc/passwd", "http://", "http://ada:secret@example.org/", "example.org",
        "http://example.org/a b", "gopher://example.org/", "http://example.org:99999/"}) {
    Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, RequestTo(url));
    EXPECT_EQ(Reason(), "URL_INVALID") << url;
    EXPECT_EQ(Field(), "webhook.url") << url;
  }
  v1::CreateWebhookRequest request = RequestTo("https://example.org/");
  request.mutable_webhook()->set_secret("whsec_c2hvcnQ=");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_EQ(Reason(), "SECRET_INVALID");
  EXPECT_THAT(status_.error_message(), Not(HasSubstr("c2hvcnQ")));
  request = RequestTo("https://example.org/");
  request.mutable_webhook()->set_project("projects/none");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  request = RequestTo("https://example.org/");
  request.mutable_webhook()->add_kinds(static_cast<v1::NotificationKind>(99));
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_EQ(Field(), "webhook.kinds[0]");
  EXPECT_EQ(Call(*webhooks_, &v1::Webhooks::Stub::ListWebhooks, v1::ListWebhooksRequest()).webhooks_size(), 0);
}

TEST_F(WebhooksTest, WhatIsKeptForAReceiverIsBoundedAndTheOldestGo) {
  Stop();
  outbox_limits_.deliveries = 3;
  outbox_limits_.webhooks = 1;
  webhook_options_.attempts = 1;
  Start();
  const v1::Webhook made = Add("http://127.0.0.1:1/");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, RequestTo("https://example.org/"));
  EXPECT_EQ(Reason(), "TOO_MANY_WEBHOOKS");
  for (const char* title : {"1", "2", "3"}) Tell(title);
  ASSERT_TRUE(EventuallyDead(3));
  Tell("4");
  ASSERT_TRUE(Eventually([&] { return Get(made.name()).dropped_count() == 1 && Dead().size() == 3; }));
  EXPECT_EQ(Dead().front().notification().title(), "2");
  v1::UpdateWebhookRequest pause;
  pause.mutable_webhook()->set_name(made.name());
  pause.mutable_webhook()->set_paused(true);
  pause.mutable_update_mask()->add_paths("paused");
  Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, pause);
  for (const char* title : {"5", "6", "7", "8"}) Tell(title);
  ASSERT_TRUE(Eventually([&] { return Get(made.name()).dropped_count() == 5; }));
  Restart();
  EXPECT_EQ(Get(made.name()).dropped_count(), 5) << "three dead letters, then what waited longest";
  EXPECT_EQ(Get(made.name()).waiting_count(), 3);
  EXPECT_EQ(Get(made.name()).dead_count(), 0);
}

TEST_F(WebhooksTest, ARequestThatIsRepeatedMakesOneWebhook) {
  v1::CreateWebhookRequest request;
  request.mutable_webhook()->set_url("https://example.org/");
  request.set_request_id("one");
  const v1::Webhook made = Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_THAT(made.secret(), HasSubstr("whsec_")) << "the server drew one";
  Restart();
  EXPECT_EQ(Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request).DebugString(), made.DebugString());
  principal_ = "somebody-else";
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED") << "the secret is for who made it";
  principal_.clear();
  request.mutable_webhook()->set_url("https://example.com/");
  Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request);
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
  request.mutable_webhook()->set_url("https://example.org/");
  v1::UpdateWebhookRequest update;
  update.mutable_webhook()->set_name(made.name());
  update.mutable_webhook()->set_secret(kSecret);
  update.mutable_update_mask()->add_paths("secret");
  EXPECT_EQ(Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, update).secret(), "");
  EXPECT_EQ(Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, request).secret(), "") << "it is another one since";
  v1::ListWebhooksRequest list;
  const auto page = Call(*webhooks_, &v1::Webhooks::Stub::ListWebhooks, list);
  ASSERT_EQ(page.webhooks_size(), 1);
  EXPECT_EQ(page.webhooks(0).secret(), "");
}

TEST_F(WebhooksTest, OneOfAProjectThatIsDamagedCanBePaused) {
  v1::CreateWebhookRequest create = RequestTo("https://example.org/");
  create.mutable_webhook()->set_project(kProject);
  const v1::Webhook made = Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Stop();
  const ShellResult damaged =
      Shell("cd " + directory_.path() + "/data && rm -r index repositories/apollo.git/objects/pack/*");
  ASSERT_EQ(damaged.exit_code, 0) << damaged.output;
  Start();
  v1::GetProjectRequest get;
  get.set_name(kProject);
  Call(*projects_, &v1::Projects::Stub::GetProject, get);
  ASSERT_EQ(status_.error_code(), grpc::StatusCode::DATA_LOSS);
  v1::UpdateWebhookRequest update;
  update.mutable_webhook()->set_name(made.name());
  update.mutable_webhook()->set_paused(true);
  update.mutable_update_mask()->add_paths("paused");
  EXPECT_TRUE(Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, update).paused()) << status_.error_message();
  update.mutable_webhook()->set_project("projects/nobody");
  update.mutable_update_mask()->add_paths("project");
  Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, update);
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  update.mutable_update_mask()->add_paths("paused");
  Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, update);
  EXPECT_EQ(Reason(), "FIELD_MASK_INVALID");
}

TEST_F(WebhooksTest, AnOlderChangeThatIsRepeatedIsNotDoneAgain) {
  v1::CreateWebhookRequest create = RequestTo("https://example.org/");
  create.set_request_id("create");
  const v1::Webhook made = Call(*webhooks_, &v1::Webhooks::Stub::CreateWebhook, create);
  const v1::Webhook other = Add("https://example.org/other");
  const auto retitle = [&](const v1::Webhook& webhook, const std::string& title, const std::string& request_id) {
    v1::UpdateWebhookRequest update;
    update.mutable_webhook()->set_name(webhook.name());
    update.mutable_webhook()->set_title(title);
    update.mutable_update_mask()->add_paths("title");
    update.set_request_id(request_id);
    return Call(*webhooks_, &v1::Webhooks::Stub::UpdateWebhook, update).title();
  };
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(retitle(made, std::to_string(i), "r" + std::to_string(i)), std::to_string(i));
  }
  for (const bool again : {false, true}) {
    if (again) Restart();
    for (const int i : {0, 63}) {
      EXPECT_EQ(retitle(made, std::to_string(i), "r" + std::to_string(i)), "63") << i;
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      retitle(made, "another", "r" + std::to_string(i));
      EXPECT_EQ(Reason(), "REQUEST_ID_REUSED") << i;
      retitle(other, std::to_string(i), "r" + std::to_string(i));
      EXPECT_EQ(Reason(), "REQUEST_ID_REUSED") << i << ", of another webhook";
    }
    retitle(made, "another", "create");
    EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
    EXPECT_EQ(Get(made.name()).title(), "63");
  }
  // No more are known: the oldest is new again.
  EXPECT_EQ(retitle(made, "64", "r64"), "64");
  EXPECT_EQ(retitle(made, "anew", "r0"), "anew");
  EXPECT_EQ(retitle(made, "63", "r63"), "anew");
}

}  // namespace
}  // namespace greffe
