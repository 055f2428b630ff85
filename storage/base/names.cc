#include "storage/base/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr char kReason[] = "NAME_INVALID";

// Values in messages are cut so that a hostile name does not fill a log.
std::string Quote(std::string_view value) {
  constexpr std::size_t kShown = 100;
  std::string text = "'" + PrintableUtf8(value.substr(0, kShown)) + "'";
  if (value.size() > kShown) text += "...";
  return text;
}

absl::Status Invalid(const std::string& field, std::string_view value, const std::string& expectation) {
  return InvalidField(field, kReason, absl::StrCat(Quote(value), ": ", expectation));
}

template <typename Allowed>
absl::Status ValidateId(std::string_view id, const std::string& field, std::size_t maximum, Allowed allowed,
                        const std::string& grammar) {
  bool valid = !id.empty() && id.size() <= maximum;
  for (const char c : id) valid = valid && allowed(c);
  return valid ? absl::OkStatus() : Invalid(field, id, grammar);
}

// Cuts `expected` off the front.
bool Take(std::string_view& rest, std::string_view expected) {
  if (rest.substr(0, expected.size()) != expected) return false;
  rest.remove_prefix(expected.size());
  return true;
}

std::string_view TakePart(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest.remove_prefix(part.size());
  return part;
}

absl::StatusOr<VersionName> Parse(std::string_view name, const std::string& field, bool document, bool version) {
  const auto invalid = [&] {
    return Invalid(field, name,
                   document && version ? "expected projects/{project}/documents/{number} or .../versions/{n}"
                   : document          ? "expected projects/{project}/documents/{number}"
                                       : "expected projects/{project}/documents/{number}/versions/{n}");
  };
  std::string_view rest = name;
  VersionName parsed;
  if (!Take(rest, "projects/")) return invalid();
  parsed.project = TakePart(rest);
  if (!Take(rest, "/documents/")) return invalid();
  parsed.number = TakePart(rest);
  GREFFE_RETURN_IF_ERROR(ValidateProjectId(parsed.project, field));
  GREFFE_RETURN_IF_ERROR(ValidateDocumentNumber(parsed.number, field));
  if (rest.empty()) {
    if (!document) return invalid();
    return parsed;
  }
  if (!version) return invalid();
  if (Take(rest, "/revisions/")) {
    parsed.alias = VersionName::Alias::kRevision;
    parsed.revision = rest;
    GREFFE_RETURN_IF_ERROR(ValidateRecordId(rest, field));
    return parsed;
  }
  if (!Take(rest, "/versions/")) return invalid();
  if (rest == "latest" || rest == "released") {
    parsed.alias = rest == "latest" ? VersionName::Alias::kLatest : VersionName::Alias::kReleased;
    return parsed;
  }
  if (rest.empty() || rest.size() > 18 || rest[0] == '0') return invalid();
  for (const char c : rest) {
    if (!absl::ascii_isdigit(c)) return invalid();
    parsed.version = parsed.version * 10 + (c - '0');
  }
  return parsed;
}

}  // namespace

absl::StatusOr<std::string> ParseProjectName(std::string_view name, const std::string& field) {
  std::string_view rest = name;
  if (!Take(rest, "projects/")) return Invalid(field, name, "expected projects/{project}");
  GREFFE_RETURN_IF_ERROR(ValidateProjectId(rest, field));
  return std::string(rest);
}

std::string ProjectName(std::string_view project) { return "projects/" + std::string(project); }

absl::StatusOr<DocumentName> ParseDocumentName(std::string_view name, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(VersionName parsed, Parse(name, field, true, false));
  return DocumentName{std::move(parsed.project), std::move(parsed.number)};
}

std::string FormatDocumentName(std::string_view project, std::string_view number) {
  std::string name;
  name.reserve(20 + project.size() + number.size());
  name += "projects/";
  name += project;
  name += "/documents/";
  name += number;
  return name;
}

absl::StatusOr<VersionName> ParseVersionName(std::string_view name, const std::string& field) {
  return Parse(name, field, false, true);
}

absl::StatusOr<VersionName> ParseDocumentOrVersionName(std::string_view name, const std::string& field) {
  return Parse(name, field, true, true);
}

std::string FormatVersionName(std::string_view project, std::string_view number, std::int64_t version) {
  return FormatDocumentName(project, number) + "/versions/" + std::to_string(version);
}

absl::StatusOr<ChildName> ParseChildName(std::string_view name, std::string_view collection, const std::string& field) {
  std::string_view rest = name;
  ChildName child;
  const std::string expected = "expected projects/{project}/" + std::string(collection) + "/{id}";
  if (!Take(rest, "projects/")) return Invalid(field, name, expected);
  child.project = TakePart(rest);
  if (!Take(rest, "/") || !Take(rest, collection) || !Take(rest, "/")) return Invalid(field, name, expected);
  child.id = rest;
  GREFFE_RETURN_IF_ERROR(ValidateProjectId(child.project, field));
  GREFFE_RETURN_IF_ERROR(ValidateImportSourceId(child.id, field));
  return child;
}

absl::Status ValidateProjectId(std::string_view id, const std::string& field) {
  const std::string grammar =
      "a project id is 1 to 63 characters of a-z, 0-9 and '-', begins with a letter or digit and does not end with '-'";
  GREFFE_RETURN_IF_ERROR(ValidateId(
      id, field, 63, [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; }, grammar));
  if (id.front() == '-' || id.back() == '-') return Invalid(field, id, grammar);
  return absl::OkStatus();
}

namespace {

// Of document numbers and record ids: what can be a file's name everywhere.
absl::Status ValidateNumber(std::string_view number, const std::string& field, const std::string& what) {
  const auto alphanumeric = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isupper(c) || absl::ascii_isdigit(c);
  };
  const std::string grammar =
      what +
      " is 1 to 64 characters of A-Z, a-z, 0-9, '-', '_' and '.', begins and ends with a letter "
      "or digit and has no '..'";
  GREFFE_RETURN_IF_ERROR(ValidateId(
      number, field, 64, [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; }, grammar));
  if (!alphanumeric(number.front()) || !alphanumeric(number.back()) || number.find("..") != std::string_view::npos) {
    return Invalid(field, number, grammar);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateDocumentNumber(std::string_view number, const std::string& field) {
  return ValidateNumber(number, field, "a document number");
}

absl::Status ValidateRecordId(std::string_view id, const std::string& field) {
  return ValidateNumber(id, field, "an id");
}

absl::Status ValidateNewRecordId(std::string_view id, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateRecordId(id, field));
  return IsDeviceName(id) ? Invalid(field, id, "is a device on Windows, which no file can be called")
                          : absl::OkStatus();
}

absl::Status ValidateAlternateNumber(std::string_view number, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(number, field, 1, 128));
  if (number.front() == ' ' || number.back() == ' ') {
    return Invalid(field, number, "an alternate number neither begins nor ends with a space");
  }
  return absl::OkStatus();
}

absl::Status ValidatePrincipalId(std::string_view id, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(id, field, 1, kMaxPrincipalId));
  if (id.find_first_of("<>") != std::string_view::npos) {
    return Invalid(field, id, "a principal id has no '<' and no '>'");
  }
  // Commits trim it.
  if (id.front() == ' ' || id.back() == ' ') {
    return Invalid(field, id, "a principal id neither begins nor ends with a space");
  }
  return absl::OkStatus();
}

absl::Status ValidateRequestId(std::string_view id, const std::string& field) {
  if (id.empty()) return absl::OkStatus();
  return ValidateId(
      id, field, 64,
      [](char c) { return absl::ascii_islower(c) || absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '-'; },
      "a request id is 1 to 64 letters, digits and '-'");
}

absl::Status ValidateImportSourceId(std::string_view id, const std::string& field) {
  return ValidateId(
      id, field, 64,
      [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.' || c == '_'; },
      "an id is 1 to 64 characters of a-z, 0-9, '-', '.' and '_'");
}

absl::Status ValidateText(std::string_view text, const std::string& field, int minimum, int maximum, bool multiline) {
  int characters = 0;
  for (std::string_view rest = text; !rest.empty(); ++characters) {
    const std::optional<char32_t> c = TakeCodePoint(rest);
    if (!c) return InvalidField(field, "TEXT_INVALID", absl::StrCat(Quote(text), ": is not UTF-8"));
    const bool control = *c < 0x20 || (*c >= 0x7f && *c < 0xa0);
    if (control && !(multiline && (*c == '\n' || *c == '\t' || *c == '\r'))) {
      return InvalidField(field, "TEXT_INVALID", absl::StrCat(Quote(text), ": has a control character"));
    }
  }
  if (characters < minimum || characters > maximum) {
    return InvalidField(
        field, "TEXT_INVALID",
        absl::StrCat(Quote(text), ": has ", characters, " characters; allowed are ", minimum, " to ", maximum));
  }
  return absl::OkStatus();
}

}  // namespace greffe
