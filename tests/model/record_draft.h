// What a write puts of records other than documents and what is theirs, on top of a moment; and what the server adds to
// that.
#pragma once

#include <string>
#include <vector>

#include "tests/model/registers.h"
#include "tests/model/rules.h"

namespace greffe::model {

// Those of all kinds that are modelled, but for versions.
const std::vector<const google::protobuf::Descriptor*>& RecordTypes();
// The kind of record that a name is of, by the collection in it; nullptr: of none that is modelled.
const google::protobuf::Descriptor* TypeNamed(const std::string& name);

class RecordDraft {
 public:
  RecordDraft(const Moment& moment, const Made* made) : moment_(moment), made_(made) {}

  // As the draft has it; nullptr: it is not there.
  const Message* Find(const std::string& name) const;
  template <typename Record>
  const Record* Find(const std::string& name) const {
    return dynamic_cast<const Record*>(Find(name));
  }
  // The next id of the kind: `MST-0001`.
  std::string NextId(const google::protobuf::Descriptor& type, const std::string& prefix) const;
  void Put(const Message& record);
  void Delete(const Message& record);

  // Who asks, and on what day; "" where no commit was made yet.
  std::string Caller() const;
  std::string Today() const;
  const Moment& moment() const { return moment_; }
  const Made* made() const { return made_; }

  // The record as it is after the commit, with what the server adds, where the draft puts it; else as it was.
  EntryPtr After(const std::string& name) const;
  // The commit's puts and entries for `expected`.
  void Finish(Expected& expected) const;

 protected:
  std::string Collection(const google::protobuf::Descriptor& type) const;  // `projects/apollo/milestones/`

 private:
  EntryPtr Stamped(const Message& record) const;

  const Moment& moment_;
  const Made* const made_;
  std::vector<EntryPtr> records_;
  std::vector<EntryPtr> deleted_;
};

}  // namespace greffe::model
