#include "storage/store/unnamed_contents.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/file_stamp.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/git/loose_places.h"
#include "storage/index/project_view.h"
#include "storage/store/upload_sessions.h"

namespace greffe {
namespace {

constexpr int kPage = 1000;

// Uploads whose files lie in the places of their contents, by the oids of these.
using Suspects = std::map<std::string, std::vector<std::string>>;

absl::Status AcquitVersions(const ProjectView& view, const std::string& number, Suspects& suspects) {
  std::string after;
  do {
    GREFFE_ASSIGN_OR_RETURN(const VersionPage page, view.ListVersions(number, kPage, after));
    for (const std::string& row : page.versions) {
      v1::Version version;
      if (!version.ParseFromString(row)) return Damaged("index", "a version of '" + number + "' cannot be read");
      suspects.erase(version.main_file().oid());
      for (const v1::File& companion : version.companions()) suspects.erase(companion.oid());
    }
    after = page.next;
  } while (!after.empty() && !suspects.empty());
  return absl::OkStatus();
}

// Those that a version has: what lies there took the place of the same bytes.
absl::Status Acquit(const ProjectView& view, Suspects& suspects) {
  std::string after;
  do {
    GREFFE_ASSIGN_OR_RETURN(const DocumentPage page, view.ListDocuments({}, {}, kPage, after));
    for (const v1::Document& document : page.documents) {
      GREFFE_RETURN_IF_ERROR(AcquitVersions(view, LastSegment(document.name()), suspects));
    }
    after = page.next;
  } while (!after.empty() && !suspects.empty());
  return absl::OkStatus();
}

LoosePlaces PlacesOf(const ObjectSource& objects, const std::string& project) {
  return LoosePlaces(objects.RepositoryPath(project) + "/objects");
}

absl::StatusOr<bool> IsIndexed(const Journal& journal, const Index& index, const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, journal.ReadHead(project, kMainRef));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, index.FindMark(project));
  return head && mark && mark->commit == head->target;
}

}  // namespace

absl::Status TakeBackUnnamedContents(const Journal& journal, const Index& index, const ObjectSource& objects,
                                     const Uploads& uploads) {
  GREFFE_ASSIGN_OR_RETURN(const auto rows, journal.ScanState(Uploads::State::kRows, "", 1 << 30));
  std::map<std::string, Suspects> projects;
  for (const auto& [key, row] : rows) {
    const std::optional<Uploads::State::Session> session = Uploads::State::Load(row);
    const std::string name = key.substr(sizeof Uploads::State::kRows - 1);
    const std::size_t slash = name.find('/');
    if (!session || !session->upload.complete() || slash == std::string::npos) continue;
    const std::string project = name.substr(0, slash);
    const std::string file = uploads.FilePath(project, name.substr(slash + 1));
    const std::optional<Oid> oid = Oid::FromHex(session->oid);
    if (!oid) continue;
    const FileStamp place = StampOf(PlacesOf(objects, project).PathOf(*oid));
    if (place != FileStamp{} && place == StampOf(file)) projects[project][session->oid].push_back(file);
  }
  for (auto& [project, suspects] : projects) {
    GREFFE_ASSIGN_OR_RETURN(const bool is_indexed, IsIndexed(journal, index, project));
    if (!is_indexed) continue;
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, ProjectView::Open(index, project));
    GREFFE_RETURN_IF_ERROR(Acquit(view, suspects));
    for (const auto& [oid, files] : suspects) {
      for (const std::string& file : files) PlacesOf(objects, project).TakeBack(file, *Oid::FromHex(oid));
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
