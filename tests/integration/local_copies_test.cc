// People who fetch a folder, work in it, and put it back, each in a copy of their own.
#include <string>

#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;

class LocalCopiesTest : public CommandLineTest {
 protected:
  // In the folder of the local files.
  ShellResult Here(const std::string& arguments) {
    return Shell("cd " + directory_.path() + "/files && " GREFFE_BIN "/greffe --server " + server_.address() +
                 " --project apollo --principal ann " + arguments);
  }
  void ExpectDone(const std::string& arguments) {
    const ShellResult result = Here(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
  }
  std::string DocumentCount() {
    return Shell("cd / && " GREFFE_BIN "/greffe --server " + server_.address() +
                 " --project apollo project show --output json | grep -o '\"documentCount\":\"[0-9]*\"'")
        .output;
  }
};

TEST_F(LocalCopiesTest, CompanionsOfWhateverVersionBecomeNoDocuments) {
  Write("specs/a.md", "one\n");
  Write("a.pdf", "pdf\n");
  Write("b.pdf", "another\n");
  ExpectDone("put specs/a.md --type specification --rendition a.pdf");
  ExpectDone("get specs/");
  const std::string count = DocumentCount();
  Write("specs/a.md", "two\n");
  const ShellResult second = Here("put specs/");
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("specs/a.md: version 2 has no a.pdf, as version 1 has"));
  Write("specs/a.md", "three\n");
  const ShellResult third = Here("put specs/");
  EXPECT_EQ(third.exit_code, 0) << third.output;
  EXPECT_THAT(third.output, HasSubstr("0 created, 1 checked in, 0 unchanged"));
  EXPECT_EQ(DocumentCount(), count);
  ExpectDone("put specs/a.md --rendition a.pdf --allow-identical");

  // The latest version has another one than the folder: what is new goes in all the same.
  ExpectDone("put specs/a.md --rendition b.pdf --allow-identical");
  Write("specs/a.md", "six\n");
  Write("specs/new.md", "new\n");
  const ShellResult sixth = Here("put specs/");
  EXPECT_EQ(sixth.exit_code, 0) << sixth.output;
  EXPECT_THAT(sixth.output, HasSubstr("1 created, 1 checked in"));
  Output("withdraw SPC-0001", "bob");
  const ShellResult last = Here("put specs/");
  EXPECT_EQ(last.exit_code, 4) << last.output;
  EXPECT_THAT(last.output, HasSubstr("1 COMPANION, 1 DOCUMENT_WITHDRAWN"));
  EXPECT_THAT(last.output, HasSubstr("0 created, 0 checked in, 1 unchanged"));
}

TEST_F(LocalCopiesTest, WhatOthersWithdrewStaysSo) {
  Write("specs/a.md", "a\n");
  Write("specs/b.md", "b\n");
  Write("specs/c.md", "c\n");
  ExpectDone("put specs/ --type specification");
  ExpectDone("get specs/");
  Output("withdraw SPC-0002", "bob");
  Output("withdraw SPC-0003", "bob");
  const std::string count = DocumentCount();
  for (const std::string what : {"specs/", "specs/b.md", ". --output json"}) {
    const ShellResult put = Here("put " + what);
    EXPECT_EQ(put.exit_code, 4) << put.output;
    EXPECT_THAT(put.output, HasSubstr("greffe reinstate SPC-0002 brings that back"));
    EXPECT_THAT(put.output, HasSubstr("DOCUMENT_WITHDRAWN"));
  }
  EXPECT_EQ(DocumentCount(), count);
  ExpectDone("reinstate SPC-0002");
  Write("specs/c.md", "something else of that name\n");
  const ShellResult put = Here("put specs/");
  EXPECT_EQ(put.exit_code, 0) << put.output;
  EXPECT_THAT(put.output, HasSubstr("1 created, 0 checked in, 2 unchanged"));
  ExpectSound();
}

TEST_F(LocalCopiesTest, WhatGoesWhereStandardOutputGoesIsTheContentAlone) {
  Write("a.md", "one\n");
  ExpectDone("put a.md");
  const std::string greffe = GREFFE_BIN "/greffe --server " + server_.address() + " --project apollo --principal ann ";
  const std::string get = greffe + "get a.md -o /dev/stdout; " + greffe + "get a.md -o /dev/stdout --output json; ";
  const std::string folder = "cd " + directory_.path() + "/files && ";
  EXPECT_EQ(Shell(folder + "{ echo head; " + get + "} > all && cat all").output, "head\none\none\n");
  EXPECT_EQ(Shell(folder + "{ " + get + "} | cat").output, "one\none\n");
}

}  // namespace
}  // namespace greffe
