#include "storage/base/acceptance_record.h"

#include "absl/strings/str_cat.h"
#include "storage/base/markdown.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

// What the record says in a language; what the project and its people say stays as it is.
struct Words {
  const char* title;
  const char* project;
  const char* deliverable;
  const char* submitted;
  const char* accepted_on;
  const char* by;
  const char* outcome;
  const char* accepted;
  const char* accepted_with_reservations;
  const char* versions;
  const char* version_columns;
  const char* criteria;
  const char* no_criteria;
  const char* reservations;
  const char* no_reservations;
  const char* reservation_columns;
  const char* remarks;
  const char* colon;
};

constexpr Words kEnglish = {
    "Acceptance record",
    "Project",
    "Deliverable",
    "Submitted",
    "Accepted",
    "by",
    "Outcome",
    "accepted",
    "accepted with reservations",
    "Versions",
    "| Document | Version | Revision | Title | SHA-256 of the manifest |",
    "Acceptance criteria",
    "None were agreed.",
    "Reservations",
    "None.",
    "| Action | Reservation | Owner | Due |",
    "Remarks",
    ": ",
};

constexpr Words kFrench = {
    "Procès-verbal de recette",
    "Projet",
    "Livrable",
    "Remis",
    "Recette prononcée",
    "par",
    "Décision",
    "accepté",
    "accepté avec réserves",
    "Versions",
    "| Document | Version | Révision | Titre | SHA-256 du manifeste |",
    "Critères d'acceptation",
    "Aucun n'a été convenu.",
    "Réserves",
    "Aucune.",
    "| Action | Réserve | Responsable | Échéance |",
    "Observations",
    "\u00a0: ",  // a no-break space before the colon
};

const Words& WordsOf(Language language) { return language == Language::kFrench ? kFrench : kEnglish; }

std::string PersonText(const v1::Principal& person) {
  if (person.display_name().empty()) return EscapeMarkdown(person.id());
  return EscapeMarkdown(person.display_name()) + " (" + EscapeMarkdown(person.id()) + ")";
}

void AppendVersions(std::string& text, const v1::Submission& submission, const Words& words) {
  absl::StrAppend(&text, "\n## ", words.versions, "\n\n");
  AppendTableHead(text, words.version_columns);
  for (const v1::SubmittedVersion& version : submission.versions()) {
    const std::string& name = version.version();
    const std::string document = name.substr(0, name.rfind("/versions/"));
    AppendTableRow(text, {LastSegment(document), LastSegment(name), version.revision(), version.title(),
                          version.manifest_sha256()});
  }
}

void AppendReservations(std::string& text, const std::vector<v1::Action>& reservations, const Words& words) {
  absl::StrAppend(&text, "\n## ", words.reservations, "\n\n");
  if (reservations.empty()) {
    absl::StrAppend(&text, words.no_reservations, "\n");
    return;
  }
  AppendTableHead(text, words.reservation_columns);
  for (const v1::Action& action : reservations) {
    AppendTableRow(text, {LastSegment(action.name()), action.title(), action.owner(), action.due_date()});
  }
}

}  // namespace

std::string AcceptanceRecordTitle(const v1::Deliverable& deliverable, Language language) {
  const Words& words = WordsOf(language);
  return absl::StrCat(words.title, words.colon, deliverable.title());
}

std::string AcceptanceRecordText(const v1::Project& project, const v1::Deliverable& deliverable,
                                 const v1::Principal& acceptor, const std::vector<v1::Action>& reservations,
                                 Language language) {
  const Words& words = WordsOf(language);
  const v1::Submission& submission = *deliverable.submissions().rbegin();
  const v1::Acceptance& acceptance = submission.acceptance();
  const std::string project_id = LastSegment(project.name());
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    absl::StrAppend(&text, "- ", name, words.colon, value, "\n");
  };
  absl::StrAppend(&text, "# ", EscapeMarkdown(AcceptanceRecordTitle(deliverable, language)), "\n\n");
  line(words.project,
       EscapeMarkdown(project.code().empty() ? project_id : project.code()) + ", " + EscapeMarkdown(project.title()));
  line(words.deliverable, EscapeMarkdown(LastSegment(deliverable.name())) + ", " + EscapeMarkdown(deliverable.title()));
  line(words.submitted, submission.date() + ", " + words.by + " " + EscapeMarkdown(submission.principal()));
  line(words.accepted_on, acceptance.date() + ", " + words.by + " " + PersonText(acceptor));
  line(words.outcome,
       std::string("**") + (reservations.empty() ? words.accepted : words.accepted_with_reservations) + "**");
  AppendVersions(text, submission, words);
  absl::StrAppend(&text, "\n## ", words.criteria, "\n\n");
  for (const std::string& criterion : deliverable.acceptance_criteria()) {
    absl::StrAppend(&text, "- ", EscapeMarkdown(criterion), "\n");
  }
  if (deliverable.acceptance_criteria().empty()) absl::StrAppend(&text, words.no_criteria, "\n");
  AppendReservations(text, reservations, words);
  if (!acceptance.comment().empty()) {
    absl::StrAppend(&text, "\n## ", words.remarks, "\n\n", EscapeMarkdown(acceptance.comment()), "\n");
  }
  return text;
}

}  // namespace greffe
