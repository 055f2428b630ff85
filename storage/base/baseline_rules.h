// What a baseline may be named and hold, and how two of a document's places in baselines differ. Functions of the
// messages alone.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "greffe/v1/baselines.pb.h"

namespace greffe {

inline constexpr int kMaxBaselineDocuments = 10'000;  // of a list; a folder, a type or a project may hold more

// An id that git takes as the name of a tag. INVALID_ARGUMENT (NAME_INVALID).
absl::Status ValidateBaselineId(std::string_view id, const std::string& field);

// Title, kind, reason, scope, selection. INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateBaseline(const v1::Baseline& baseline, const std::string& field);

// What is asked for, with the defaults in, and nothing else.
v1::Baseline NormalizeBaseline(const v1::Baseline& asked);

// "baselines/<id>": the tag's name in git, and the ref that it is.
std::string BaselineTag(std::string_view id);
std::string BaselineRef(std::string_view id);

// UNSPECIFIED when they are equal. Null: the document is not there; one of them is.
v1::BaselineDifferenceKind DifferenceOf(const v1::BaselineDocument* base, const v1::BaselineDocument* target);

// A RecordKind's `compute`: the tag's name; the documents go, since they have rows of their own in the index.
void CompleteBaseline(google::protobuf::Message& baseline);

}  // namespace greffe
