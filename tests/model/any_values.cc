#include "tests/model/any_values.h"

#include "greffe/v1/baselines.pb.h"

namespace greffe::model {

const std::vector<std::string>& Paths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> all = {
        "a.md", "b/c.md", "b/d.md",   "b/e/f.md",   "b",        "B/x.md", "g/h.md",          "g/H.md",
        "k/l",  "k/l/m",  "o/p/q.md", "o/p/r s.md", "O/p/t.md", "A.MD",   "a.md.renditions", "b/c.md.attachments/x"};
    for (int i = 0; i < 60; ++i) all.push_back("n/" + std::to_string(i % 7) + "/" + std::to_string(i) + ".txt");
    return all;
  }();
  return paths;
}

std::string Parent(const Knowledge& known) { return "projects/" + known.project; }

std::string AnyName(Dice& dice, const Knowledge& known) {
  const v1::Document* document = known.AnyDocument(dice);
  if (document == nullptr || dice.OneIn(40))
    return Parent(known) + "/documents/REC-9" + std::to_string(100 + dice.Below(3));
  return document->name();
}

std::string AnyEtag(Dice& dice, const Knowledge& known, const std::string& name) {
  if (!dice.OneIn(3)) return "";
  const auto found = known.documents.find(name);
  if (found == known.documents.end() || dice.OneIn(10)) return std::string(40, '0');
  return dice.OneIn(3) ? found->second.front()->etag() : found->second.back()->etag();
}

v1::AsOf AnyMoment(Dice& dice, const Knowledge& known) {
  v1::AsOf as_of;
  if (known.sequence == 0) return as_of;
  const auto baselines = known.All<v1::Baseline>();
  if (!baselines.empty() && dice.OneIn(6)) {
    as_of.set_baseline(dice.OneIn(30) ? Parent(known) + "/baselines/none" : dice.Of(baselines)->name());
    return as_of;
  }
  const v1::Document* document = known.AnyDocument(dice);
  if (document != nullptr && dice.OneIn(3)) {
    *as_of.mutable_time() = document->update_time();
    if (dice.OneIn(2))
      as_of.mutable_time()->set_nanos((as_of.time().nanos() + 1000 * static_cast<int>(dice.Below(3))) % 1'000'000'000);
    if (dice.OneIn(20)) as_of.mutable_time()->set_seconds(1'000'000'000);  // before the project
    if (dice.OneIn(20)) as_of.mutable_time()->set_seconds(as_of.time().seconds() + 86400);
  } else if (dice.OneIn(3)) {
    as_of.set_sequence(known.sequence + dice.Below(4));  // not there yet, perhaps
  } else {
    as_of.set_sequence(1 + dice.Below(known.sequence));
  }
  return as_of;
}

v1::FileSource AnySource(Dice& dice) {
  v1::FileSource source;
  const std::int64_t text = dice.Below(48);
  for (std::int64_t i = 0; i <= text * text; ++i) source.mutable_data()->append("text " + std::to_string(text) + "\n");
  source.set_media_type("text/plain");
  return source;
}

v1::Document AnyFields(Dice& dice) {
  static const std::vector<std::string> types = {"specification", "specification", "record", "minutes", "unheard-of"};
  v1::Document document;
  document.set_title("Title " + std::to_string(dice.Below(6)));
  document.set_type(types[static_cast<std::size_t>(dice.OneIn(30) ? 4 : dice.Below(4))]);
  document.set_owner(dice.OneIn(2) ? "ada" : "grace");
  if (dice.OneIn(3)) {
    document.add_alternate_numbers(dice.OneIn(6) ? "SPC-000" + std::to_string(1 + dice.Below(9))
                                                 : "ALT-" + std::to_string(dice.Below(30)));
  }
  if (dice.OneIn(2)) (*document.mutable_labels())["phase"] = "l" + std::to_string(dice.Below(3));
  if (dice.OneIn(2)) (*document.mutable_attributes())["discipline"].set_text(dice.OneIn(2) ? "civil" : "process");
  if (dice.OneIn(4)) document.set_confidentiality("internal");
  return document;
}

v1::Document AnyNewDocument(Dice& dice) {
  v1::Document document = AnyFields(dice);
  document.set_path(dice.Of(Paths()));
  return document;
}

std::string AnyPerson(Dice& dice) { return "client-" + std::to_string(dice.Below(8)); }

std::string AnyChosenNumber(Dice& dice) {
  if (!dice.OneIn(4)) return "";
  return (dice.OneIn(3) ? "REC-00" : "SPC-00") + std::to_string(10 + dice.Below(60));
}

std::string AnyVersionName(Dice& dice, const Knowledge& known) {
  const std::string name = AnyName(dice, known);
  if (dice.OneIn(4)) return name + (dice.OneIn(2) ? "/versions/latest" : "/versions/released");
  const auto found = known.documents.find(name);
  if (dice.OneIn(8)) {
    static const std::vector<std::string> codes = {"A", "B", "1.0", "P01", "C01"};
    const std::string last = found == known.documents.end() ? "" : found->second.back()->revision();
    return name + "/revisions/" + (last.empty() || dice.OneIn(3) ? dice.Of(codes) : last);
  }
  const std::int64_t newest = found == known.documents.end() ? 0 : found->second.back()->latest_version().number();
  return name + "/versions/" + std::to_string(1 + (dice.OneIn(3) ? newest : dice.Below(newest + 1)));
}

}  // namespace greffe::model
