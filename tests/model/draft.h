// What a write puts, act by act, on top of a moment; and what the server adds to that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "greffe/v1/contents.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/rules.h"

namespace greffe::model {

std::string NumberOf(const v1::Document& document);
// The id of the record's blob.
std::string EtagOf(const google::protobuf::Message& record);
// The project's record as it was, without what the moment adds; nullptr: none.
const v1::Project* ProjectOf(const Moment& moment);
// The project as a read at that moment answers it.
v1::Project ProjectAnswer(const Moment& moment);

class Draft {
 public:
  Draft(const Moment& moment, const Made* made) : moment_(moment), made_(made) {}

  const v1::Document* Find(const std::string& name) const;
  const v1::Document* FindNumber(const std::string& number) const;
  bool HasNumber(const std::string& number) const;  // alternate numbers too
  // "" for a type that is not there.
  std::string PrefixOf(const std::string& type) const;
  std::string NextNumber(const std::string& prefix);

  // Why this document cannot be put: what it newly wants and others have.
  std::set<std::string> Clashes(const v1::Document& document) const;
  void PutDocument(v1::Document document);
  // The document with `version`, which has files and a comment, as its next one. False: nothing new.
  bool PutVersion(v1::Document document, v1::Version version, bool allow_identical, std::set<std::string>& refusals);
  // Takes a version to a state; `document` must be put afterwards.
  void PutState(v1::Document& document, v1::Version version, v1::VersionState state, const std::string& comment);
  void PutReview(v1::Review review);
  // Ends the review that is open of the document's latest version, if one is; `document` must be put afterwards.
  void VoidReview(v1::Document& document, const std::string& reason);
  void PutContent(const std::string& sha256, const std::string& data);

  // The documents as they are after the commit, in the order of their first put; with the output-only fields where a
  // commit was made.
  std::vector<v1::Document> Documents() const;
  // The reviews likewise.
  std::vector<v1::Review> Reviews() const;
  // The commit's puts and entries for `expected`.
  void Finish(Expected& expected) const;

 private:
  std::vector<const v1::Document*> All() const;
  void Stamp(v1::Document& document) const;
  void Stamp(v1::Review& review) const;

  const Moment& moment_;
  const Made* const made_;
  std::vector<v1::Document> documents_;
  std::vector<std::shared_ptr<google::protobuf::Message>> records_;  // versions and reviews, as they were put
  std::map<std::string, int> given_;                                 // the largest number given so far, by prefix
  std::map<std::string, std::string> contents_;
};

// A call about one document that exists: fills `refusals` where it is not there, withdrawn although it may not be, or
// has another etag.
const v1::Document* Open(const Draft& draft, const Moment& moment, const std::string& name, const std::string& etag,
                         bool may_be_withdrawn, std::set<std::string>& refusals);

// Registers a document; the number, or "" with `refusals`.
std::string Create(Draft& draft, const Moment& moment, v1::Document document, const std::string& chosen,
                   const std::string& caller, std::set<std::string>& refusals);

}  // namespace greffe::model
