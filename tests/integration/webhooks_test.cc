// A server that is killed over and over while a receiver fails: each notification is told once, and delivered once the
// receiver is back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/integration/server_process.h"
#include "tests/services/webhook_receiver.h"

namespace greffe {
namespace {

using testing::HasSubstr;

constexpr char kSecret[] = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

// How often `what` is in `text`.
int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(WebhooksTest, NothingIsLostOrToldTwiceByServersThatAreKilledWhileTheReceiverFails) {
  TemporaryDirectory directory;
  WebhookReceiver receiver(GREFFE_SOURCE "/tests/services/webhook_receiver.py", kSecret);
  ASSERT_TRUE(receiver.SetMode("fail"));
  ServerProcess server(directory.path());
  const std::vector<std::string> options = {
      "--webhooks-first-retry-ms", "50",   "--webhooks-longest-retry-seconds",   "1",
      "--webhooks-attempts",       "1000", "--webhooks-allow-private-addresses", "1"};
  ASSERT_TRUE(server.Start(options)) << server.log();
  std::ofstream(directory.path() + "/secret") << kSecret << "\n";
  server.Cli("project create apollo --title Apollo");
  EXPECT_THAT(server.Cli("webhook create " + receiver.url() + " --secret-file " + directory.path() + "/secret").output,
              HasSubstr("WHK-0001"));
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    const std::string title = "job-" + std::to_string(round);
    const ShellResult made = server.Cli("--project apollo action add \"" + title + "\" --owner bob");
    ASSERT_EQ(made.exit_code, 0) << made.output;
    // Whatever it is just doing.
    while (true) {
      const std::string line = receiver.NextLine();
      ASSERT_NE(line, "");
      EXPECT_THAT(line, HasSubstr("\"verified\": true"));
      if (line.find(title) != std::string::npos) break;
    }
    server.Kill();
    if (round + 1 == kRounds) {
      ASSERT_TRUE(receiver.SetMode("ok"));
    }
    ASSERT_TRUE(server.Start(options)) << server.log();
  }
  int left = kRounds;
  while (left > 0) {
    const std::string line = receiver.NextLine();
    ASSERT_NE(line, "") << left << " never came";
    if (line.find("\"mode\": \"ok\"") != std::string::npos) --left;
  }
  const std::string inbox = server.Cli("--principal bob inbox ls --all --output json").output;
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_EQ(Count(inbox, "\"title\":\"job-" + std::to_string(round)), 1) << inbox;
  }
  EXPECT_THAT(server.Cli("--principal bob inbox digest").output, HasSubstr("## Assigned (4)"));
  EXPECT_THAT(server.Cli("--principal bob inbox ack --all").output, HasSubstr("acknowledged  4  unread  0"));
  EXPECT_EQ(server.Stop(), 0) << server.log();
}

}  // namespace
}  // namespace greffe
