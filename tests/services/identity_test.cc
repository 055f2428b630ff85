#include "services/access/identity.h"

#include <gtest/gtest.h>

namespace greffe {
namespace {

std::string FullNameOf(const std::string& gecos) { return PrincipalOfUser("ada", gecos, 1000).display_name(); }

TEST(IdentityTest, AUsersNameIsTheFirstPartOfThePasswdEntry) {
  EXPECT_EQ(FullNameOf("Ada Lovelace,Room 1,555-1815,,"), "Ada Lovelace");
  EXPECT_EQ(FullNameOf(" H\xc3\xa9l\xc3\xa8ne "), "H\xc3\xa9l\xc3\xa8ne");
  EXPECT_EQ(PrincipalOfUser("ada", "Ada", 1000).id(), "ada");
}

TEST(IdentityTest, ANameThatCannotBeOneGivesWayToTheLogin) {
  EXPECT_EQ(FullNameOf(""), "ada");
  EXPECT_EQ(FullNameOf(",,,"), "ada");
  EXPECT_EQ(FullNameOf("H\xe9l\xe8ne,Room 1"), "ada") << "ISO 8859-1";
  EXPECT_EQ(FullNameOf("Ada\x1b[31m Lovelace"), "ada");
  EXPECT_EQ(FullNameOf("Ada\nGreffe-Sequence: 1"), "ada");
  EXPECT_EQ(FullNameOf("Ada\xc2\x85"), "ada") << "a control character beyond ASCII";
  EXPECT_EQ(FullNameOf(std::string(201, 'a')), "ada");
}

TEST(IdentityTest, ALoginThatCannotBeAPrincipalGivesWayToTheUid) {
  EXPECT_EQ(PrincipalOfUser("", "", 1000).id(), "uid-1000");
  EXPECT_EQ(PrincipalOfUser("a<b>", "Ada", 1000).id(), "uid-1000");
  EXPECT_EQ(PrincipalOfUser("\xe9", "", 1000).display_name(), "uid-1000");
}

}  // namespace
}  // namespace greffe
