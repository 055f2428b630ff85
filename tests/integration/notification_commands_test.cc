// Inboxes, webhooks and the project's rule on the command line.
#include "tests/integration/command_line_fixture.h"
#include "tests/services/webhook_receiver.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kSecret[] = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

class NotificationCommandsTest : public CommandLineTest {
 protected:
  // Returns once the person was told so many things; what they are.
  std::string Watched(const std::string& who, int count) {
    return Output("inbox watch --all --limit " + std::to_string(count), who);
  }
};

TEST_F(NotificationCommandsTest, AnInboxIsListedFollowedSummedUpAndMarkedAsRead) {
  Output("action add 'Order the pump' --owner bob --due 2026-01-31");
  const std::string watched = Watched("bob", 2);
  EXPECT_THAT(watched, HasSubstr("  apollo  assigned  ACT-0001  Order the pump, OPEN\n"));
  EXPECT_THAT(watched, HasSubstr("  apollo  overdue  ACT-0001  Order the pump, due 2026-01-31, OPEN\n"));
  EXPECT_EQ(Output("inbox watch --all --stop-at-end", "bob"), watched);
  EXPECT_THAT(Output("inbox ls"), MatchesRegex("NUMBER  TIME  PROJECT  KIND  RESOURCE  ABOUT  READ *\n"))
      << "ada has nothing";
  EXPECT_THAT(Output("inbox ls --kind overdue", "bob"), Not(HasSubstr("assigned")));
  EXPECT_EQ(Greffe("inbox ls --kind late", "bob").exit_code, 2);
  EXPECT_THAT(Output("inbox ls --limit 1 --output json", "bob"), HasSubstr("\"kind\":\"NOTIFICATION_KIND_OVERDUE\""));

  EXPECT_THAT(Output("inbox digest", "bob"), HasSubstr("# Apollo\n\n## Overdue (1)\n\n- **ACT-0001** Order the pump"));
  EXPECT_THAT(Output("inbox digest --language fr --days 2", "bob"), HasSubstr("## En retard (1)"));
  EXPECT_EQ(Greffe("inbox digest --language de", "bob").exit_code, 2);

  EXPECT_EQ(Greffe("inbox ack", "bob").exit_code, 2) << "which ones?";
  EXPECT_EQ(Greffe("inbox ack 999", "bob").exit_code, 3);
  EXPECT_EQ(Greffe("inbox ack 1", "ada").exit_code, 3) << "it is bob's";
  EXPECT_EQ(Output("inbox ack 1", "bob"), "acknowledged  1  unread  1\n");
  EXPECT_THAT(Output("inbox ls", "bob"), Not(HasSubstr("assigned")));
  EXPECT_THAT(Output("inbox ls --all", "bob"), HasSubstr("assigned"));
  EXPECT_EQ(Output("inbox digest --unread", "bob").find("Assigned"), std::string::npos);
  EXPECT_EQ(Output("inbox ack --all", "bob"), "acknowledged  1  unread  0\n");
  ExpectSound();
}

TEST_F(NotificationCommandsTest, AProjectSaysWhatItsPeopleAreTold) {
  const std::string rule =
      Write("rule.json", R"({"notificationRule": {"dueInDays": [30], "off": ["NOTIFICATION_KIND_ASSIGNED"],
      "also": [{"kind": "NOTIFICATION_KIND_OVERDUE", "principals": ["zoe"], "sponsor": true}]}})");
  const std::string updated = Output("project update --sponsor sam --file " + rule);
  for (const char* line :
       {"Due told   30 days before\n", "Not told   assigned\n", "Told too   overdue: sponsor, zoe\n"}) {
    EXPECT_THAT(updated, HasSubstr(line));
  }
  Output("action add 'Order' --owner bob --due 2026-01-31");
  for (const char* principal : {"bob", "zoe", "sam"}) {
    EXPECT_THAT(Watched(principal, 1), HasSubstr("overdue  ACT-0001")) << principal;
  }
  const std::string wrong = Write("wrong.json", R"({"notificationRule": {"off": ["NOTIFICATION_KIND_RELEASED"]}})");
  EXPECT_EQ(Greffe("project update --file " + wrong).exit_code, 2) << "authors are always told";
}

TEST_F(NotificationCommandsTest, AWebhookIsMadeSeenToAndRemoved) {
  EXPECT_EQ(server_.Stop(), 0) << server_.log();
  const std::vector<std::string> options = {"--webhooks-allow-private-addresses", "1", "--webhooks-attempts", "1"};
  ASSERT_TRUE(server_.Start(options)) << server_.log();
  WebhookReceiver receiver(GREFFE_SOURCE "/tests/services/webhook_receiver.py", kSecret);
  ASSERT_TRUE(receiver.SetMode("fail"));
  const std::string secret = Write("secret", std::string(kSecret) + "\n");
  const std::string made =
      Output("webhook create " + receiver.url() + " --title Board --kind assigned --recipient bob " +
             "--only-project --secret-file " + secret);
  for (const std::string& line :
       {std::string("Webhook    WHK-0001\n"), "Secret     " + std::string(kSecret) + "\n",
        std::string("Kinds      assigned\n"), std::string("Project    apollo\n"), std::string("Recipient  bob\n")}) {
    EXPECT_THAT(made, HasSubstr(line));
  }
  EXPECT_THAT(Output("webhook create https://example.org/ --title Other"), HasSubstr("Secret   whsec_"));
  EXPECT_THAT(Output("webhook show WHK-0001"), Not(HasSubstr("whsec_")));
  EXPECT_THAT(Output("webhook ls"), Not(HasSubstr("whsec_")));
  EXPECT_EQ(Greffe("webhook create ftp://example.org/").exit_code, 2);
  EXPECT_EQ(Greffe("webhook show WHK-0009").exit_code, 3);
  Output("webhook rm WHK-0002");

  Output("action add Order --owner bob");
  EXPECT_THAT(receiver.NextLine(), HasSubstr("\"verified\": true"));
  // The next one is under way only when what became of this one is kept.
  Output("action add Pay --owner bob");
  EXPECT_THAT(receiver.NextLine(), HasSubstr("\"title\": \"Pay\""));
  const std::string dead = Output("webhook dead WHK-0001");
  EXPECT_THAT(dead, HasSubstr("STATUS: the receiver answered 503\n"));
  EXPECT_THAT(dead, HasSubstr("WHK-0001  1 "));
  EXPECT_THAT(Output("webhook ls"), HasSubstr("STATUS"));
  Output("webhook pause WHK-0001");
  EXPECT_EQ(Output("webhook redeliver WHK-0001 1"), "waiting again  1\n");
  EXPECT_THAT(Output("webhook show WHK-0001"), HasSubstr("Paused     yes\n"));
  ASSERT_TRUE(receiver.SetMode("ok"));
  Output("webhook resume WHK-0001");
  EXPECT_THAT(receiver.NextLine(), HasSubstr("\"title\": \"Order\""));
  EXPECT_THAT(Output("webhook rm WHK-0001"), HasSubstr("removed  WHK-0001\n"));
  EXPECT_EQ(Greffe("webhook redeliver WHK-0001").exit_code, 3);
  ExpectSound();
}

}  // namespace
}  // namespace greffe
