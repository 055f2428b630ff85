// What the names of versions mean: by number, `latest`, `released`, and by revision code.
#pragma once

#include <cstdint>
#include <string>

#include "greffe/v1/documents.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/project_model.h"

namespace greffe::model {

std::string VersionName(const v1::Document& document, std::int64_t number);
// That of the document, of the name of a version; that of a document itself stays as it is.
std::string DocumentNameIn(const std::string& version_name);
// Whether the name tells the version by its number.
bool TellsNumber(const std::string& version_name);

// The version that has the revision code; nullptr: none.
const v1::Version* FindRevision(const Moment& moment, const v1::Document& document, const std::string& code);

// The version that a name tells; or why there is none.
struct FoundVersion {
  std::string refusal;
  const v1::Version* version = nullptr;
};
FoundVersion FindVersion(const Moment& moment, const v1::Document& document, const std::string& name);

}  // namespace greffe::model
