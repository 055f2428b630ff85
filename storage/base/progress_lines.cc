#include "storage/base/progress_lines.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/risks.pb.h"
#include "storage/base/names.h"
#include "storage/base/progress_words.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string TextIn(const Message& record, const char* name) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : FieldTexts(record, *field).front();
}

template <typename Record>
void AddSlips(const Message* before, const Message& after, const ProgressWords& words,
              std::vector<std::string>& changes) {
  const auto& slips = static_cast<const Record&>(after).slips();
  const int known = before == nullptr ? 0 : static_cast<const Record&>(*before).slips_size();
  for (int i = known; i < slips.size(); ++i) {
    const v1::DateChange& slip = slips[i];
    if (slip.days() == 0) continue;
    const std::string days = (slip.days() > 0 ? "+" : "") + std::to_string(slip.days());
    std::string text = absl::Substitute(words.slip, slip.from(), slip.to().empty() ? "-" : slip.to(), days);
    if (!slip.reason().empty()) absl::StrAppend(&text, words.colon, slip.reason());
    changes.push_back(std::move(text));
  }
}

void AddState(const Message* before, const Message& after, Language language, std::vector<std::string>& changes) {
  const ProgressWords& words = WordsOfProgress(language);
  const std::string now = StateText(after);
  const std::string then = before == nullptr ? "" : StateText(*before);
  if (now == then) return;
  std::string text = before == nullptr ? absl::StrCat(words.created, words.colon, StateWord(now, language))
                                       : absl::StrCat(StateWord(then, language), " → ", StateWord(now, language));
  const std::string outcome = TextIn(after, "outcome");
  if (!outcome.empty()) absl::StrAppend(&text, " (", outcome, ")");
  changes.push_back(std::move(text));
}

}  // namespace

ProgressLine LineOf(const v1::Document* before, const v1::Document& after, Language language) {
  const ProgressWords& words = WordsOfProgress(language);
  const v1::Document& former = before == nullptr ? v1::Document::default_instance() : *before;
  std::vector<std::string> changes;
  const std::int64_t then = former.latest_version().number();
  const std::int64_t now = after.latest_version().number();
  if (before == nullptr) {
    changes.push_back(words.created);
    if (now > 0) changes.push_back(absl::Substitute(words.at_version, now));
  } else if (now > then) {
    changes.push_back(absl::Substitute(words.new_version, then, now));
  }
  // Each release has a code of its own, that of an older version too.
  if (after.released_version() > 0 && after.revision() != former.revision()) {
    changes.push_back(absl::Substitute(words.released, after.released_version(), after.revision()));
  }
  if (former.released_version() > 0 && after.released_version() == 0) {
    changes.push_back(absl::Substitute(words.obsolete, former.released_version(), former.revision()));
  }
  const bool withdrawn = after.state() == v1::DOCUMENT_STATE_WITHDRAWN;
  if (withdrawn && former.state() != v1::DOCUMENT_STATE_WITHDRAWN) changes.push_back(words.withdrawn);
  if (!withdrawn && former.state() == v1::DOCUMENT_STATE_WITHDRAWN) changes.push_back(words.reinstated);
  return {LastSegment(after.name()), after.title(), absl::StrJoin(changes, "; ")};
}

ProgressLine LineOf(const Message* before, const Message& after, Language language) {
  const ProgressWords& words = WordsOfProgress(language);
  std::vector<std::string> changes;
  AddState(before, after, language, changes);
  if (after.GetDescriptor() == v1::Deliverable::descriptor()) AddSlips<v1::Deliverable>(before, after, words, changes);
  if (after.GetDescriptor() == v1::Milestone::descriptor()) AddSlips<v1::Milestone>(before, after, words, changes);
  if (after.GetDescriptor() == v1::Risk::descriptor()) {
    const int score = static_cast<const v1::Risk&>(after).score();
    const int former = before == nullptr ? 0 : static_cast<const v1::Risk&>(*before).score();
    if (score != former) changes.push_back(absl::Substitute(words.score, former, score));
  }
  return {LastSegment(NameOf(after)), TextIn(after, "title"), absl::StrJoin(changes, "; ")};
}

}  // namespace greffe
