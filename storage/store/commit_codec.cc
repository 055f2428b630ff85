#include "storage/store/commit_codec.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr char kSequence[] = "Greffe-Sequence";
constexpr char kTime[] = "Greffe-Time";
constexpr char kEffectiveTime[] = "Greffe-Effective-Time";
constexpr char kProject[] = "Greffe-Project";
constexpr char kDocument[] = "Greffe-Document";
constexpr char kVersion[] = "Greffe-Version";
constexpr char kRecord[] = "Greffe-Record";
constexpr char kTag[] = "Greffe-Tag";
constexpr char kLockForced[] = "Greffe-Lock-Forced";
constexpr char kRequestId[] = "Greffe-Request-Id";
constexpr char kImport[] = "Greffe-Import";
constexpr char kImportedBy[] = "Greffe-Imported-By";

std::string FormatTime(Micros time) { return google::protobuf::util::TimeUtil::ToString(ToTimestamp(time)); }

std::optional<Micros> ParseTime(const std::string& text) {
  google::protobuf::Timestamp timestamp;
  if (!google::protobuf::util::TimeUtil::FromString(text, &timestamp)) return std::nullopt;
  return ToMicros(timestamp);
}

std::int64_t ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? number : 0;
}

// "a b" -> {"a", "b"}.
std::pair<std::string, std::string> SplitAtSpace(const std::string& text) {
  const std::size_t space = text.rfind(' ');
  if (space == std::string::npos) return {text, ""};
  return {text.substr(0, space), text.substr(space + 1)};
}

// Names of users were not checked once; what is no text would be a row that is not read again.
std::string Text(const std::string& text) { return IsUtf8(text) ? text : PrintableUtf8(text); }

}  // namespace

Signature ServerSignature(Micros time) { return {"Greffe", "greffe", time / 1'000'000, 0}; }

Signature SignatureOf(const v1::Principal& principal, Micros time) {
  return {principal.display_name().empty() ? principal.id() : principal.display_name(), principal.id(),
          time / 1'000'000, 0};
}

CommitObject MakeCommit(const CommitIntent& intent) {
  CommitObject commit;
  commit.tree = intent.tree;
  if (!intent.parent.IsZero()) commit.parents.push_back(intent.parent);
  commit.committer = ServerSignature(intent.record_time);
  if (intent.import) {
    const ImportOrigin& import = *intent.import;
    std::int64_t seconds = import.author_time / 1'000'000;
    commit.author = {import.author.display_name(), import.author.id(), seconds, import.author_utc_offset_minutes};
  } else {
    commit.author = SignatureOf(intent.principal, intent.record_time);
  }
  Trailers trailers;
  if (intent.project_record) trailers.emplace_back(kProject, intent.project_record->Hex());
  for (const auto& document : intent.documents) {
    trailers.emplace_back(kDocument, document.number + " " + document.record.Hex());
    if (document.new_version > 0)
      trailers.emplace_back(kVersion, absl::StrCat(document.number, "/", document.new_version));
  }
  for (const ChangedRecord& record : intent.records) {
    trailers.emplace_back(kRecord, record.collection + "/" + record.id + " " + record.blob.Hex());
  }
  for (const TagMark& tag : intent.tags) trailers.emplace_back(kTag, tag.name + " " + tag.object.Hex());
  for (const std::string& number : intent.forced_locks) trailers.emplace_back(kLockForced, number);
  if (intent.request) trailers.emplace_back(kRequestId, intent.request->id + " " + intent.request->digest);
  if (intent.import) {
    trailers.emplace_back(kImport, intent.import->source + " " + intent.import->source_commit);
    trailers.emplace_back(kImportedBy, intent.principal.id());
  }
  trailers.emplace_back(kSequence, std::to_string(intent.sequence));
  trailers.emplace_back(kTime, FormatTime(intent.record_time));
  if (intent.effective_time != intent.record_time) {
    trailers.emplace_back(kEffectiveTime, FormatTime(intent.effective_time));
  }
  commit.message = FormatMessage(intent.subject, intent.body, trailers);
  return commit;
}

absl::StatusOr<CommitFacts> ReadCommitFacts(std::string_view project, const Oid& oid, const CommitObject& commit,
                                            ChangedRecords& records) {
  const auto foreign = [&](const std::string& finding) {
    return Error(
        absl::StatusCode::kDataLoss, "COMMIT_FOREIGN",
        "commit " + oid.Hex() + " of project '" + std::string(project) + "' was not made by Greffe: " + finding);
  };
  const ParsedMessage message = ParseMessage(commit.message);
  CommitFacts facts;
  facts.project = project;
  v1::Change& change = facts.change;
  change.set_commit(oid.Hex());
  change.set_subject(Text(message.subject));
  change.mutable_author()->set_id(Text(commit.author.email));
  change.mutable_author()->set_display_name(Text(commit.author.name));
  std::optional<Micros> record_time;
  std::optional<Micros> effective_time;
  for (const auto& [key, value] : message.trailers) {
    if (!IsUtf8(value)) return foreign("its trailer " + PrintableUtf8(key) + " is no text");
    if (key == kSequence) {
      change.set_sequence(ParseNumber(value));
    } else if (key == kTime) {
      record_time = ParseTime(value);
    } else if (key == kEffectiveTime) {
      effective_time = ParseTime(value);
    } else if (key == kProject) {
      records.project = Oid::FromHex(value);
      if (!records.project) return foreign("its trailer " + key + " is '" + value + "'");
    } else if (key == kDocument) {
      const auto [number, blob] = SplitAtSpace(value);
      const std::optional<Oid> record = Oid::FromHex(blob);
      if (!record) return foreign("its trailer " + key + " is '" + value + "'");
      records.documents.emplace_back(number, *record);
    } else if (key == kRecord) {
      const auto [place, blob] = SplitAtSpace(value);
      const std::size_t slash = place.find('/');
      const std::optional<Oid> record = Oid::FromHex(blob);
      if (!record || slash == std::string::npos) return foreign("its trailer " + key + " is '" + value + "'");
      records.records.push_back({place.substr(0, slash), place.substr(slash + 1), *record});
    } else if (key == kTag) {
      const auto [name, hex] = SplitAtSpace(value);
      const std::optional<Oid> object = Oid::FromHex(hex);
      if (!object) return foreign("its trailer " + key + " is '" + value + "'");
      facts.tags.push_back({name, *object});
    } else if (key == kLockForced) {
      facts.forced_locks.push_back(value);
    } else if (key == kRequestId) {
      const auto [id, digest] = SplitAtSpace(value);
      facts.request = RequestMark{id, digest};
    } else if (key == kImport) {
      const auto [source, source_commit] = SplitAtSpace(value);
      facts.import = ImportMark{source, source_commit};
      change.set_imported(true);
    }
  }
  if (change.sequence() < 1) return foreign("it has no sequence");
  if (!record_time) return foreign("it has no time");
  *change.mutable_record_time() = ToTimestamp(*record_time);
  *change.mutable_effective_time() = ToTimestamp(effective_time.value_or(*record_time));
  *change.mutable_author_time() =
      change.imported() ? ToTimestamp(commit.author.seconds * 1'000'000) : change.record_time();
  return facts;
}

std::int64_t SequenceOfCommit(const CommitObject& commit) {
  return ParseNumber(FindTrailer(ParseMessage(commit.message).trailers, kSequence).value_or(""));
}

}  // namespace greffe
