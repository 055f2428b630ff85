// What clients have heard of a project: where operations find names, etags and moments to ask with, fresh ones and
// stale ones.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "greffe/v1/contents.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/registers.pb.h"
#include "greffe/v1/review.pb.h"
#include "tests/model/call.h"

namespace greffe::model {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }
  bool OneIn(std::int64_t count) { return Below(count) == 0; }
  template <typename List>
  const auto& Of(const List& list) {
    return list[static_cast<std::size_t>(Below(static_cast<std::int64_t>(list.size())))];
  }
  // More often one of the first, so that the same ones come again.
  template <typename List>
  const auto& EarlyOf(const List& list) {
    return list[static_cast<std::size_t>(Below(1 + Below(static_cast<std::int64_t>(list.size()))))];
  }

 private:
  std::mt19937_64 random_;
};

// Thread-safe.
class Board {
 public:
  struct Knowledge {
    std::string project;             // its id
    std::string caller;              // principal id of who asks with this
    std::int64_t sequence = 0;       // the newest heard of
    std::vector<std::string> etags;  // some of the project, newest last
    std::map<std::string, std::vector<std::shared_ptr<const v1::Document>>>
        documents;  // by name, the last few states heard of, newest last
    // The same of entries of registers.
    std::map<std::string, std::vector<std::shared_ptr<const google::protobuf::Message>>> entries;
    std::map<std::string, std::shared_ptr<const v1::Review>> reviews;  // by name, as heard of last
    // Milestones and what else is planned, by name, as heard of last.
    std::map<std::string, std::shared_ptr<const google::protobuf::Message>> records;
    std::map<std::string, std::shared_ptr<const v1::Version>> latest;  // of documents by their names, as heard of last
    google::protobuf::RepeatedPtrField<v1::DocumentType> types;        // of the project
    struct Table {
      std::string parent;
      std::string data;
    };
    std::deque<std::shared_ptr<const Table>> tables;                      // some that were exported, with ids and etags
    std::set<std::string> locked;                                         // names of documents that somebody had
    std::deque<std::shared_ptr<const google::protobuf::Message>> writes;  // some requests that were made

    // One of the states heard of, most often the newest; nullptr: none.
    const v1::Document* AnyDocument(Dice& dice) const;
    // The records of one kind.
    template <typename Record>
    std::vector<std::shared_ptr<const Record>> All() const {
      std::vector<std::shared_ptr<const Record>> all;
      for (const auto& [name, record] : records) {
        if (auto one = std::dynamic_pointer_cast<const Record>(record)) all.push_back(std::move(one));
      }
      return all;
    }
    // Names of latest versions in that state, as far as is heard.
    std::vector<std::string> LatestIn(v1::VersionState state) const;
  };

  // A copy: what others hear meanwhile does not matter.
  Knowledge Of(const std::string& project, const std::string& caller);
  void Learn(const Call& call);

 private:
  void LearnDocument(Knowledge& knowledge, const v1::Document& document);
  void LearnEntry(Knowledge& knowledge, const v1::Entry& entry);
  void LearnVersion(Knowledge& knowledge, const v1::Version& version);
  void LearnRecord(Knowledge& knowledge, const google::protobuf::Message& record);
  void LearnReview(Knowledge& knowledge, const v1::Review& review);

  Knowledge& Find(const std::string& project);

  std::mutex mutex_;  // of what follows
  std::map<std::string, Knowledge> projects_;
};

}  // namespace greffe::model
