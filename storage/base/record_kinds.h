// The kinds of records that a project keeps beside its own record and its documents: versions that are more than
// drafts, reviews, deliverables, ... Each is a message with option `record`, which names its collection; everything
// that a record goes through (tree, commit, index, lists, change feed) is the same for all of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace greffe {

using RecordPtr = std::shared_ptr<google::protobuf::Message>;

struct RecordKind {
  std::string collection;                       // "reviews"
  const google::protobuf::Message* prototype;   // its default instance
  void (*compute)(google::protobuf::Message&);  // fills output-only fields that the record alone gives; may be null

  RecordPtr New() const { return RecordPtr(prototype->New()); }
};

// By collection, in byte order.
const std::vector<RecordKind>& RecordKinds();
// nullptr when there is none.
const RecordKind* FindRecordKind(std::string_view collection);
// The kind of a message that has one; anything else is a mistake of the program.
const RecordKind& KindOf(const google::protobuf::Descriptor& descriptor);
template <typename Message>
const RecordKind& KindOf() {
  static const RecordKind& kind = KindOf(*Message::descriptor());
  return kind;
}

// A record's place among the records of all projects.
struct RecordName {
  std::string project;
  std::string collection;
  std::string id;
};

// `projects/{p}/{collection}/{id}` -> its parts; for versions, whose names are `.../documents/{number}/versions/{n}`,
// the id is "<number>/<n>". INVALID_ARGUMENT (NAME_INVALID) naming `field` for a name that is no record's of `kind`.
absl::StatusOr<RecordName> ParseRecordName(const RecordKind& kind, std::string_view name,
                                           const std::string& field = "name");
// The same for any kind; NAME_INVALID for projects, documents and unknown collections.
absl::StatusOr<RecordName> ParseRecordName(std::string_view name, const std::string& field = "name");
// The part of `projects/{p}/{collection}/...` that says what kind of thing it is ("documents" of a version, too), valid
// as long as `name`; "": there is none. What a project is called says nothing.
std::string_view CollectionOf(std::string_view name);
std::string FormatRecordName(std::string_view project, std::string_view collection, std::string_view id);

// The record's `name` field.
std::string NameOf(const google::protobuf::Message& record);
void SetName(google::protobuf::Message& record, const std::string& name);

// Takes away all that callers may not set: output-only fields, and those that the server sets.
void ClearServerFields(google::protobuf::Message& record);

// Takes away all that the server fills in on answer, and what this program does not know: the record as git keeps it.
void ClearOutputFields(google::protobuf::Message& record);

}  // namespace greffe
