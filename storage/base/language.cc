#include "storage/base/language.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

struct FrenchWord {
  std::string_view state;
  const char* word;
};

// By state, in byte order. What a word goes with (un livrable, une action) is not known here: it stands for itself.
constexpr FrenchWord kFrench[] = {
    {"ABORTED", "abandonné"},
    {"ACCEPTED", "accepté"},
    {"ACCEPTED_WITH_RESERVATIONS", "accepté avec réserves"},
    {"ACHIEVED", "atteint"},
    {"ACTIVE", "actif"},
    {"APPLIED", "appliqué"},
    {"APPROVED", "approuvé"},
    {"APPROVED_WITH_COMMENTS", "approuvé avec observations"},
    {"ARCHIVED", "archivé"},
    {"ASSESSED", "évalué"},
    {"BROKEN", "rompu"},
    {"CANCELLED", "annulé"},
    {"CLOSED", "clos"},
    {"COMPLETED", "terminé"},
    {"DEFERRED", "différé"},
    {"DISMISSED", "écarté"},
    {"DONE", "fait"},
    {"DRAFT", "brouillon"},
    {"HELD", "tenu"},
    {"IDENTIFIED", "identifié"},
    {"IMPLEMENTED", "mis en œuvre"},
    {"IN_ASSESSMENT", "en évaluation"},
    {"IN_PROGRESS", "en cours"},
    {"IN_REVIEW", "en revue"},
    {"MINUTES_APPROVED", "compte rendu approuvé"},
    {"MISSED", "manqué"},
    {"OBSOLETE", "obsolète"},
    {"OCCURRED", "survenu"},
    {"OPEN", "ouvert"},
    {"PLANNED", "prévu"},
    {"PROPOSED", "proposé"},
    {"RECEIVED", "reçu"},
    {"RECORDED", "consigné"},
    {"REJECTED", "rejeté"},
    {"RELEASED", "diffusé"},
    {"RESOLVED", "résolu"},
    {"RETIRED", "retiré"},
    {"REVISE_AND_RESUBMIT", "à reprendre"},
    {"SENT", "envoyé"},
    {"SUBMITTED", "soumis"},
    {"SUPERSEDED", "remplacé"},
    {"SUSPECT", "suspect"},
    {"TAKEN", "pris"},
    {"TREATED", "traité"},
    {"VALID", "valide"},
    {"VALIDATED", "validé"},
    {"VOIDED", "sans objet"},
    {"WITHDRAWN", "retiré"},
};

}  // namespace

absl::StatusOr<Language> ParseLanguage(const std::string& language, const std::string& field) {
  if (language.empty() || language == "en") return Language::kEnglish;
  if (language == "fr") return Language::kFrench;
  return InvalidField(field, "LANGUAGE_UNKNOWN", "'" + PrintableUtf8(language.substr(0, 40)) + "': expected en or fr");
}

std::string DecimalText(double value, Language language) {
  return DecimalText(absl::StrFormat("%.2f", value), language);
}

std::string DecimalText(std::string number, Language language) {
  if (language == Language::kFrench) std::replace(number.begin(), number.end(), '.', ',');
  return number;
}

std::string StateWord(const std::string& state, Language language) {
  if (language == Language::kFrench) {
    for (const FrenchWord& french : kFrench) {
      if (french.state == state) return french.word;
    }
  }
  std::string word = absl::AsciiStrToLower(state);
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

}  // namespace greffe
