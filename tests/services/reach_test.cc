#include "services/webhooks/reach.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>
#include <utility>

namespace greffe {
namespace {

sockaddr_storage AddressOf(const std::string& text) {
  sockaddr_storage address{};
  if (text.find(':') == std::string::npos) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    EXPECT_EQ(::inet_pton(AF_INET, text.c_str(), &v4.sin_addr), 1) << text;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_family = AF_INET6;
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  }
  return address;
}

Reach ReachOfText(const std::string& text) {
  const sockaddr_storage address = AddressOf(text);
  return ReachOf(reinterpret_cast<const sockaddr&>(address));
}

TEST(ReachTest, PublicAddressesArePublic) {
  for (const char* text :
       {"1.1.1.1", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255", "100.63.255.255",
        "100.128.0.0", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "::ffff:0:1.1.1.1"}) {
    EXPECT_EQ(ReachOfText(text), Reach::kPublic) << text;
  }
}

TEST(ReachTest, PrivateNetworksAndThisMachineArePrivate) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.0.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fc00::1",
                           "fd12::1",
                           "fec0::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::10.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "2002:7f00:1::",
                           "::ffff:0:10.0.0.1",
                           "64:ff9b:1::1.1.1.1"}) {
    EXPECT_EQ(ReachOfText(text), Reach::kPrivate) << text;
  }
}

TEST(ReachTest, LinkLocalAndMetadataAddressesAreForNobody) {
  for (const char* text :
       {"169.254.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fe80::1", "fd00:ec2::254",
        "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "fd20:ce::254",
        "::ffff:0:169.254.169.254", "64:ff9b:1::169.254.169.254", "64:ff9b:1:a9fe:a9:fe00::"}) {
    EXPECT_EQ(ReachOfText(text), Reach::kNever) << text;
  }
}

TEST(ReachTest, AnAddressOfAnInterfaceIsOfThisMachineHoweverItIsWritten) {
  // 198.51.100.0/24 and 2001:db8::/32 are for documentation.
  for (const auto& [text, own] :
       {std::pair("127.0.0.1", true), std::pair("::ffff:127.0.0.1", true), std::pair("64:ff9b::127.0.0.1", true),
        std::pair("2002:7f00:1::", true), std::pair("198.51.100.251", false), std::pair("::ffff:198.51.100.251", false),
        std::pair("2001:db8:1234::251", false)}) {
    const sockaddr_storage address = AddressOf(text);
    const absl::StatusOr<bool> found = IsOfThisMachine(reinterpret_cast<const sockaddr&>(address));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, own) << text;
  }
}

}  // namespace
}  // namespace greffe
