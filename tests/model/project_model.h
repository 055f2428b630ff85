// What a project must be at each of its sequences: the states that replaying the change feed's requests gives. Knows no
// kind of resource; the rules (rules.h) do.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/changes.pb.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/documents.pb.h"
#include "tests/model/call.h"

namespace greffe::model {

class ProjectModel;

// The documents that a baseline froze, each with the version that shows as its latest, by name.
using FrozenDocuments = std::map<std::string, std::shared_ptr<const v1::Document>>;

// The project after the commit `sequence`; 0: before it was there.
class Moment {
 public:
  Moment(const ProjectModel& project, std::int64_t sequence) : project_(&project), sequence_(sequence) {}

  const ProjectModel& project() const { return *project_; }
  std::int64_t sequence() const { return sequence_; }
  bool exists() const { return sequence_ > 0; }
  // As a baseline froze it: of documents and versions it has those of the baseline alone.
  bool is_frozen() const { return frozen_ != nullptr; }
  Moment Frozen(const std::vector<v1::BaselineDocument>& documents) const;

  // The resource of that name as it was; nullptr: not there yet, or of another kind.
  template <typename Resource>
  const Resource* Find(const std::string& name) const {
    return static_cast<const Resource*>(Find(Resource::descriptor(), name));
  }
  const google::protobuf::Message* Find(const google::protobuf::Descriptor* kind, const std::string& name) const;
  // All of one kind, by name.
  template <typename Resource>
  std::vector<const Resource*> All() const;
  std::vector<const google::protobuf::Message*> All(const google::protobuf::Descriptor* kind) const;
  // Of all of one kind that are there, or were once.
  std::vector<std::string> NamesOf(const google::protobuf::Descriptor* kind) const;
  // The resource after each commit that put it, oldest first.
  std::vector<const google::protobuf::Message*> HistoryOf(const google::protobuf::Descriptor* kind,
                                                          const std::string& name) const;

  // The moment that a read with this as_of sees from here; nullopt: it is refused as `refusal` says.
  std::optional<Moment> At(const v1::AsOf& as_of, std::set<std::string>& refusals) const;
  // The sequence of the commit that a request with this id made, up to here; 0: none.
  std::int64_t MadeBy(const std::string& request_id) const;
  const v1::Change& change() const;  // the one that led here

 private:
  friend class ProjectModel;
  using Key = std::pair<const google::protobuf::Descriptor*, std::string>;

  // As the baseline has it; the resource itself where this is no baseline's moment, or it is of another kind.
  const google::protobuf::Message* Frozen(const google::protobuf::Message* resource) const;

  const ProjectModel* project_;
  std::int64_t sequence_;
  std::shared_ptr<const FrozenDocuments> frozen_;  // nullptr: the moment is no baseline's
};

// A resource after a commit.
struct Put {
  std::string name;
  std::shared_ptr<const google::protobuf::Message> resource;   // nullptr: it is not there any more
  const google::protobuf::Descriptor* deleted_kind = nullptr;  // then

  const google::protobuf::Descriptor* kind() const {
    return resource == nullptr ? deleted_kind : resource->GetDescriptor();
  }
};

class ProjectModel {
 public:
  explicit ProjectModel(std::string id) : id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  std::int64_t sequence() const { return static_cast<std::int64_t>(changes_.size()); }
  Moment Newest() const { return {*this, sequence()}; }
  Moment At(std::int64_t sequence) const { return {*this, sequence}; }
  const v1::Change& change(std::int64_t sequence) const { return changes_[static_cast<std::size_t>(sequence - 1)]; }
  // The call that made the commit.
  const Call& maker(std::int64_t sequence) const { return makers_[static_cast<std::size_t>(sequence - 1)]; }

  // The next commit, the call that made it, and what it put.
  void Add(v1::Change change, Call maker, const std::vector<Put>& puts);

 private:
  friend class Moment;
  struct Entry {
    std::int64_t sequence;
    std::shared_ptr<const google::protobuf::Message> resource;
  };

  const std::string id_;
  std::vector<v1::Change> changes_;
  std::vector<Call> makers_;
  std::map<std::string, std::int64_t> requests_;
  std::map<Moment::Key, std::vector<Entry>> histories_;  // by kind and name, oldest first
};

template <typename Resource>
std::vector<const Resource*> Moment::All() const {
  std::vector<const Resource*> all;
  for (const auto* resource : All(Resource::descriptor())) all.push_back(static_cast<const Resource*>(resource));
  return all;
}

}  // namespace greffe::model
