#include "tests/model/project_model.h"

#include <algorithm>
#include <tuple>

namespace greffe::model {
namespace {

bool NotAfter(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return std::tuple(a.seconds(), a.nanos()) <= std::tuple(b.seconds(), b.nanos());
}

}  // namespace

const google::protobuf::Message* Moment::Find(const google::protobuf::Descriptor* kind, const std::string& name) const {
  const auto found = project_->histories_.find({kind, name});
  if (found == project_->histories_.end()) return nullptr;
  const auto after = std::upper_bound(found->second.begin(), found->second.end(), sequence_,
                                      [](std::int64_t at, const auto& entry) { return at < entry.sequence; });
  return after == found->second.begin() ? nullptr : std::prev(after)->resource.get();
}

std::vector<const google::protobuf::Message*> Moment::All(const google::protobuf::Descriptor* kind) const {
  std::vector<const google::protobuf::Message*> all;
  const auto& histories = project_->histories_;
  for (auto entry = histories.lower_bound({kind, ""}); entry != histories.end() && entry->first.first == kind;
       ++entry) {
    if (const auto* resource = Find(kind, entry->first.second)) all.push_back(resource);
  }
  return all;
}

std::vector<const google::protobuf::Message*> Moment::HistoryOf(const google::protobuf::Descriptor* kind,
                                                                const std::string& name) const {
  std::vector<const google::protobuf::Message*> history;
  const auto found = project_->histories_.find({kind, name});
  if (found == project_->histories_.end()) return history;
  for (const auto& entry : found->second) {
    if (entry.sequence <= sequence_) history.push_back(entry.resource.get());
  }
  return history;
}

std::optional<Moment> Moment::At(const v1::AsOf& as_of, std::set<std::string>& refusals) const {
  if (!exists()) {
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    return std::nullopt;
  }
  if (as_of.has_sequence()) {
    if (as_of.sequence() <= sequence_) return Moment(*project_, as_of.sequence());
    refusals.insert("OUT_OF_RANGE SEQUENCE_UNKNOWN");
    return std::nullopt;
  }
  if (as_of.has_time()) {
    const auto end = project_->changes_.begin() + sequence_;
    const auto after =
        std::upper_bound(project_->changes_.begin(), end, as_of.time(),
                         [](const auto& time, const auto& change) { return !NotAfter(change.effective_time(), time); });
    if (after != project_->changes_.begin()) return Moment(*project_, after - project_->changes_.begin());
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    return std::nullopt;
  }
  return *this;
}

std::int64_t Moment::MadeBy(const std::string& request_id) const {
  const auto found = project_->requests_.find(request_id);
  return found != project_->requests_.end() && found->second <= sequence_ ? found->second : 0;
}

const v1::Change& Moment::change() const { return project_->change(sequence_); }

void ProjectModel::Add(v1::Change change, Call maker, const std::vector<Put>& puts) {
  requests_[change.request_id()] = change.sequence();
  for (const Put& put : puts)
    histories_[{put.resource->GetDescriptor(), put.name}].push_back({change.sequence(), put.resource});
  changes_.push_back(std::move(change));
  makers_.push_back(std::move(maker));
}

}  // namespace greffe::model
