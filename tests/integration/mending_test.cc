// A damaged large content, mended under a running server as deploy/OPERATIONS.md tells.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;

class MendingTest : public CommandLineTest {
 protected:
  // Larger than what travels inside a check-in.
  std::string WriteLarge(const std::string& name) {
    std::string content(1'500'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>((i * 2654435761u >> 13) + name[0]);
    return Write(name, content);
  }
  // Where the repository has the content of `file`.
  void Damage(const std::string& file) {
    const ShellResult damaged =
        Shell("oid=$(git hash-object " + file + ") && f=" + server_.repository("apollo") +
              "/objects/$(echo $oid | cut -c 1-2)/$(echo $oid | cut -c 3-) && chmod u+w $f && " +
              "printf Z | dd of=$f bs=1 seek=700000 conv=notrunc status=none");
    ASSERT_EQ(damaged.exit_code, 0) << damaged.output;
  }
  // The commands of the page, of one local file.
  void MendAsThePageTells(const std::string& file) {
    std::ifstream stream(GREFFE_SOURCE "/deploy/OPERATIONS.md");
    const std::string page(std::istreambuf_iterator<char>(stream), {});
    for (const std::string command : {"put FILE --to mending/ --allow-older", "withdraw mending/FILE"}) {
      ASSERT_THAT(page, HasSubstr("\n`greffe " + command + "`\n"));
    }
    Output("put " + file + " --to mending/ --allow-older");
    Output("withdraw mending/" + file.substr(file.rfind('/') + 1));
  }
};

TEST_F(MendingTest, TheSameBytesBringItBackForAllVersionsAndMakeNone) {
  const std::string main = WriteLarge("main.bin");
  const std::string attached = WriteLarge("attached.bin");
  const std::string old = WriteLarge("old.bin");
  Output("put " + main + " --to specs/main.bin --number REC-0001 --rendition " + Write("r.txt", "rendition") +
         " --attachment " + attached);
  Output("put " + old + " --to specs/old.bin --number REC-0002");
  Output("put " + Write("newer.bin", "newer") + " --document REC-0002");
  Output("review open REC-0001 --reviewer bob");
  const std::string before = Output("log REC-0001") + Output("log REC-0002") + Output("review ls");
  struct Lost {
    std::string file;
    std::string read;
  };
  const std::vector<Lost> all = {{main, "get REC-0001"},
                                 {attached, "get REC-0001 --companion attached.bin"},
                                 {old, "get REC-0002 --version 1"},
                                 {main, "get REC-0001"}};  // again
  const std::string out = directory_.path() + "/out";
  for (const Lost& lost : all) {
    Damage(lost.file);
    const ShellResult damaged = Greffe(lost.read + " -o " + out);
    EXPECT_EQ(damaged.exit_code, 1) << lost.read << "\n" << damaged.output;
    MendAsThePageTells(lost.file);
    Output(lost.read + " -o " + out);
    EXPECT_EQ(Shell("cmp " + out + " " + lost.file).exit_code, 0) << lost.read;
  }
  EXPECT_EQ(Output("log REC-0001") + Output("log REC-0002") + Output("review ls"), before);
  ExpectSound();
}

}  // namespace
}  // namespace greffe
