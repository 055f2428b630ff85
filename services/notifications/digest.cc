#include "services/notifications/digest.h"

#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

constexpr int kMostLines = 1000;

// By kind, in the order of the parts; what is late comes first.
struct Heading {
  v1::NotificationKind kind;
  const char* english;
  const char* french;
};
constexpr std::array<Heading, 11> kHeadings = {{
    {v1::NOTIFICATION_KIND_OVERDUE, "Overdue", "En retard"},
    {v1::NOTIFICATION_KIND_DUE, "Due soon", "Échéances proches"},
    {v1::NOTIFICATION_KIND_REVIEW_ASSIGNED, "Reviews that wait for a decision", "Relectures en attente d'avis"},
    {v1::NOTIFICATION_KIND_SUBMITTED, "Submitted for acceptance", "Remis pour recette"},
    {v1::NOTIFICATION_KIND_APPROVED, "Approved, to be released", "Approuvés, à diffuser"},
    {v1::NOTIFICATION_KIND_ASSIGNED, "Assigned", "Attributions"},
    {v1::NOTIFICATION_KIND_LINK_SUSPECT, "Suspect links", "Liens suspects"},
    {v1::NOTIFICATION_KIND_LOCK_EXPIRING, "Locks about to end", "Réservations bientôt échues"},
    {v1::NOTIFICATION_KIND_REVIEW_ENDED, "Reviews that ended", "Relectures terminées"},
    {v1::NOTIFICATION_KIND_RELEASED, "Released", "Diffusés"},
    {v1::NOTIFICATION_KIND_SUBMISSION_DECIDED, "Accepted or rejected", "Recettes prononcées"},
}};

struct Words {
  const char* nothing;
  const char* due;
  const char* by;
  const char* more;
};
constexpr Words kEnglish = {"Nothing new.", "due ", "by ", " more"};
constexpr Words kFrench = {"Rien de nouveau.", "échéance ", "par ", " de plus"};

// Text that people wrote stays text.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>#|").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

// The resource's name without its project: "reviews/RVW-0001" as "RVW-0001", a version as "SPC-0001/2".
std::string ShortName(const v1::Notification& notification) {
  const std::string& name = notification.resource();
  const std::size_t version = name.find("/versions/", sizeof("projects/") - 1);  // a project may be called so
  if (version == std::string::npos) return LastSegment(name);
  const std::size_t number = name.rfind('/', version - 1) + 1;
  return name.substr(number, version - number) + "/" + name.substr(version + sizeof("/versions/") - 1);
}

std::string Line(const v1::Notification& notification, const Words& words) {
  std::string line = absl::StrCat("- **", ShortName(notification), "** ", Escaped(notification.title()));
  const auto add = [&line](const std::string& lead, const std::string& text) {
    if (!text.empty()) absl::StrAppend(&line, ", ", lead, Escaped(text));
  };
  add(words.due, notification.due_date());
  add("", notification.state());
  const std::string& detail = notification.detail();
  add("", detail.substr(notification.kind() == v1::NOTIFICATION_KIND_LINK_SUSPECT ? detail.rfind('/') + 1 : 0));
  const v1::Principal& actor = notification.actor();
  add(words.by, actor.display_name().empty() ? actor.id() : actor.display_name());
  return line + "\n";
}

}  // namespace

std::string DigestText(const std::vector<v1::Notification>& notifications, const std::string& language,
                       const std::function<std::string(const std::string&)>& title_of) {
  const bool french = language == "fr";
  const Words& words = french ? kFrench : kEnglish;
  if (notifications.empty()) return std::string(words.nothing) + "\n";
  std::map<std::string, std::map<v1::NotificationKind, std::vector<const v1::Notification*>>> projects;
  for (const v1::Notification& notification : notifications) {
    projects[notification.project()][notification.kind()].push_back(&notification);
  }
  std::string text;
  int lines = 0;
  int left_out = 0;
  for (const auto& [project, kinds] : projects) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", "# ", Escaped(title_of(project)), "\n");
    for (const Heading& heading : kHeadings) {
      const auto found = kinds.find(heading.kind);
      if (found == kinds.end()) continue;
      absl::StrAppend(&text, "\n## ", french ? heading.french : heading.english, " (", found->second.size(), ")\n\n");
      for (const v1::Notification* notification : found->second) {
        if (lines == kMostLines) {
          ++left_out;
          continue;
        }
        ++lines;
        text += Line(*notification, words);
      }
    }
  }
  if (left_out > 0) absl::StrAppend(&text, "\n", left_out, words.more, "\n");
  return text;
}

}  // namespace greffe
