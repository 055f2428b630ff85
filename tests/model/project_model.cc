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
  return after == found->second.begin() ? nullptr : Frozen(std::prev(after)->resource.get());
}

const google::protobuf::Message* Moment::Frozen(const google::protobuf::Message* resource) const {
  if (frozen_ == nullptr) return resource;
  if (const auto* document = dynamic_cast<const v1::Document*>(resource)) {
    const auto found = frozen_->find(document->name());
    return found == frozen_->end() ? nullptr : found->second.get();
  }
  const auto* version = dynamic_cast<const v1::Version*>(resource);
  if (version == nullptr) return resource;
  const auto found = frozen_->find(version->name().substr(0, version->name().rfind("/versions/")));
  const bool is_in = found != frozen_->end() && found->second->latest_version().number() == version->number();
  return is_in ? resource : nullptr;
}

Moment Moment::Frozen(const std::vector<v1::BaselineDocument>& documents) const {
  auto frozen = std::make_shared<FrozenDocuments>();
  for (const v1::BaselineDocument& one : documents) {
    const std::string name = "projects/" + project_->id() + "/documents/" + one.number();
    auto document = std::make_shared<v1::Document>(*Find<v1::Document>(name));
    *document->mutable_latest_version() = *Find<v1::Version>(name + "/versions/" + std::to_string(one.version()));
    if (document->released_version() != one.version()) document->clear_released_version();
    (*frozen)[name] = std::move(document);
  }
  Moment moment(*project_, sequence_);
  moment.frozen_ = std::move(frozen);
  return moment;
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

std::vector<std::string> Moment::NamesOf(const google::protobuf::Descriptor* kind) const {
  std::vector<std::string> names;
  const auto& histories = project_->histories_;
  for (auto entry = histories.lower_bound({kind, ""}); entry != histories.end() && entry->first.first == kind;
       ++entry) {
    if (entry->second.front().sequence <= sequence_) names.push_back(entry->first.second);
  }
  return names;
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
  if (as_of.has_baseline()) {
    const auto* baseline = Find<v1::Baseline>(as_of.baseline());
    if (baseline != nullptr) {
      const auto& all = Find<v1::ListBaselineDocumentsResponse>(as_of.baseline())->documents();
      return Moment(*project_, baseline->frozen_sequence()).Frozen({all.begin(), all.end()});
    }
    const bool is_own = as_of.baseline().starts_with("projects/" + project_->id() + "/baselines/");
    refusals.insert(is_own ? "NOT_FOUND RECORD_NOT_FOUND" : "INVALID_ARGUMENT FIELD_INVALID");
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
  for (const Put& put : puts) histories_[{put.kind(), put.name}].push_back({change.sequence(), put.resource});
  changes_.push_back(std::move(change));
  makers_.push_back(std::move(maker));
}

}  // namespace greffe::model
