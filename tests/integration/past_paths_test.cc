// Paths with --as-of: they mean what lay there then.
#include <string>

#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

using PastPathsTest = CommandLineTest;

TEST_F(PastPathsTest, MeanTheDocumentThatLayThereThen) {
  Output("project update --file " + Write("rule.json", R"({"traceRule": {"headings": true}})"));
  Output("put " + Write("a.md", "# Alpha\n") + " --to spec.md --type specification");
  Output("put " + Write("b.md", "# Beta\n") + " --to draft.md --type specification");
  Output("put " + Write("t.md", "{{ alpha }}\n") + " --to form.md --type template");
  Output("put " + Write("u.md", "{{ beta }}\n") + " --to other.md --type template");
  Output("put " + Write("p.md", "how to test\n") + " --type procedure");
  Output("trace link PRC-0001 verifies SPC-0001");
  Output("review open SPC-0001 --reviewer bob");
  Output("template new TPL-0001 made.md --type minutes --field alpha=x");
  Output("put " + Write("t.md", "{{ alpha }} again\n") + " --document TPL-0001");
  // Now each lies where the other one lay.
  for (const char* move : {"SPC-0001 old.md", "SPC-0002 spec.md", "TPL-0001 past.md", "TPL-0002 form.md"}) {
    Output(std::string("mv ") + move);
  }
  const std::string then = " --as-of 11";
  Output("baseline create G2 -m 'Gate 2' --document spec.md" + then);
  ExpectInOutput("baseline files G2", "SPC-0001");
  EXPECT_THAT(Output("baseline files G2"), Not(HasSubstr("SPC-0002")));
  ExpectInOutput("trace impact spec.md" + then, "PRC-0001");
  ExpectInOutput("trace ls spec.md" + then, "LNK-0001");
  ExpectInOutput("trace anchors spec.md" + then, "alpha");
  ExpectInOutput("review ls --document spec.md" + then, "RVW-0001");
  ExpectInOutput("template fields form.md --title T" + then, "TPL-0001 version 2");
  ExpectInOutput("template outdated form.md" + then, "MIN-0001");
  // Without a moment, that which lies there now.
  EXPECT_THAT(Output("trace impact spec.md"), Not(HasSubstr("PRC-0001")));
  ExpectInOutput("template fields form.md --title T", "TPL-0002 version 1");
}

}  // namespace
}  // namespace greffe
