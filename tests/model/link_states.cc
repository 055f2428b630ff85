#include "tests/model/link_states.h"

#include <algorithm>

#include "tests/model/record_draft.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

// The project as it is with what a commit puts.
class Afterwards {
 public:
  Afterwards(const Moment& moment, const std::vector<Put>& puts) : moment_(moment), puts_(puts) {}

  const Message* Find(const google::protobuf::Descriptor* kind, const std::string& name) const {
    const auto put = std::find_if(puts_.rbegin(), puts_.rend(),
                                  [&](const Put& one) { return one.kind() == kind && one.name == name; });
    return put == puts_.rend() ? moment_.Find(kind, name) : put->resource.get();
  }

  LinkEnd FindEnd(const std::string& name) const {
    if (name.find("/documents/") == std::string::npos) {
      const auto* type = TypeNamed(name);
      const Message* record = type == nullptr ? nullptr : Find(type, name);
      return record == nullptr ? LinkEnd() : LinkEnd{true, false, Text(*record, "etag")};
    }
    const std::string document_name = DocumentNameIn(name);
    const auto* document = static_cast<const v1::Document*>(Find(v1::Document::descriptor(), document_name));
    if (document == nullptr) return {};
    const bool withdrawn = document->state() == v1::DOCUMENT_STATE_WITHDRAWN;
    if (name == document_name) return {true, withdrawn, document->latest_version().manifest_sha256()};
    const auto* version = static_cast<const v1::Version*>(Find(v1::Version::descriptor(), name));
    return version == nullptr ? LinkEnd() : LinkEnd{true, withdrawn, version->manifest_sha256()};
  }

 private:
  const Moment& moment_;
  const std::vector<Put>& puts_;
};

v1::LinkState StateOfEnd(const LinkEnd& end, const std::string& pinned) {
  if (!end.exists || end.withdrawn) return v1::LINK_STATE_BROKEN;
  return end.hash == pinned ? v1::LINK_STATE_VALID : v1::LINK_STATE_SUSPECT;
}

}  // namespace

LinkEnd FindLinkEnd(const Moment& moment, const std::string& name) { return Afterwards(moment, {}).FindEnd(name); }

void FollowLinks(const Moment& moment, const Made& made, Expected& expected) {
  const Afterwards afterwards(moment, expected.puts);
  std::vector<Put> followed;
  for (const v1::Link* before : moment.All<v1::Link>()) {
    if (afterwards.Find(v1::Link::descriptor(), before->name()) != before) continue;  // the commit puts it itself
    auto link = std::make_shared<v1::Link>(*before);
    link->set_from_state(StateOfEnd(afterwards.FindEnd(link->from()), link->from_hash()));
    link->set_to_state(StateOfEnd(afterwards.FindEnd(link->to()), link->to_hash()));
    link->set_state(std::max(link->from_state(), link->to_state()));
    if (link->from_state() == before->from_state() && link->to_state() == before->to_state()) continue;
    if (link->state() != before->state()) {
      *link->mutable_state_time() = made.change.effective_time();
      v1::ChangeEntry& entry = expected.entries.emplace_back();
      entry.set_resource(link->name());
      entry.set_kind(v1::CHANGE_KIND_LINK_STATE_CHANGED);
      entry.set_state(ShortName(*StateOf(*link)));
    }
    followed.push_back({link->name(), link});
  }
  expected.puts.insert(expected.puts.end(), followed.begin(), followed.end());
}

}  // namespace greffe::model
