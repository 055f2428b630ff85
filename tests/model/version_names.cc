#include "tests/model/version_names.h"

#include <algorithm>

namespace greffe::model {

std::string VersionName(const v1::Document& document, std::int64_t number) {
  return document.name() + "/versions/" + std::to_string(number);
}

std::string DocumentNameIn(const std::string& version_name) {
  return version_name.substr(0, std::min(version_name.find("/versions/"), version_name.find("/revisions/")));
}

bool TellsNumber(const std::string& version_name) {
  return version_name.find("/versions/") != std::string::npos && !version_name.ends_with("/latest") &&
         !version_name.ends_with("/released");
}

const v1::Version* FindRevision(const Moment& moment, const v1::Document& document, const std::string& code) {
  for (std::int64_t number = 1; number <= document.latest_version().number(); ++number) {
    const auto* version = moment.Find<v1::Version>(VersionName(document, number));
    if (version != nullptr && version->revision() == code) return version;
  }
  return nullptr;
}

FoundVersion FindVersion(const Moment& moment, const v1::Document& document, const std::string& name) {
  const std::string which = name.substr(name.rfind('/') + 1);
  const v1::Version* version = nullptr;
  if (name.find("/revisions/") != std::string::npos) {
    version = FindRevision(moment, document, which);
  } else if (which == "latest") {
    if (!document.has_latest_version()) return {"FAILED_PRECONDITION NO_CONTENT"};
    version = moment.Find<v1::Version>(VersionName(document, document.latest_version().number()));
  } else if (which == "released") {
    if (document.released_version() == 0) return {"FAILED_PRECONDITION NOTHING_RELEASED"};
    version = moment.Find<v1::Version>(VersionName(document, document.released_version()));
  } else {
    version = moment.Find<v1::Version>(name);
  }
  if (version == nullptr) return {"NOT_FOUND VERSION_NOT_FOUND"};
  return {"", version};
}

}  // namespace greffe::model
