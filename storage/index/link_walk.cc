#include "storage/index/link_walk.h"

#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

LinkWalk::LinkWalk(const Index& index, std::string_view project, std::int64_t sequence)
    : index_(index), project_(project), sequence_(sequence), row_(index.state_->NewIterator(nullptr)) {}
LinkWalk::~LinkWalk() = default;

absl::Status LinkWalk::Links(std::string_view subject, const Visit& visit) const {
  std::string prefix = keys::Point(keys::kLink, project_, subject);
  prefix += '\0';
  return Walk(prefix, prefix.size(), visit);
}

absl::Status LinkWalk::Links(std::string_view subject, LinkSide side, const Visit& visit) const {
  const std::string prefix = keys::LinkSidePrefix(project_, subject, static_cast<char>(side));
  return Walk(prefix, prefix.size() - 1, visit);
}

absl::Status LinkWalk::Walk(const std::string& prefix, std::size_t side, const Visit& visit) const {
  std::string key;
  LinkRow link;
  const bool there = !passed_.empty() && passed_ <= prefix && row_->Valid() && ToView(row_->key()) >= prefix;
  passed_.clear();
  if (!there) row_->Seek(prefix);
  while (row_->Valid() && ToView(row_->key()).starts_with(prefix)) {
    key = keys::WithoutSequence(ToView(row_->key()));
    if (keys::SequenceOf(ToView(row_->key())) > sequence_) {
      row_->Seek(keys::AtSequence(key, sequence_));
      continue;
    }
    if (!row_->value().empty()) {
      GREFFE_RETURN_IF_ERROR(index_.state_->CheckRow(link.Decode(ToView(row_->value()))));
      const std::string_view id = NumberOfOrder(std::string_view(key).substr(0, key.size() - 1));
      if (!visit(static_cast<LinkSide>(key[side]), id, link)) return absl::OkStatus();
    }
    row_->Next();
    if (row_->Valid() && keys::WithoutSequence(ToView(row_->key())) == key) {
      row_->Seek(keys::AtSequence(key, 0) + '\0');  // past its oldest row
    }
  }
  passed_ = keys::PrefixEnd(prefix);
  return index_.state_->Check(row_->status());
}

}  // namespace greffe
