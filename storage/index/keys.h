// Keys of the index, as FORMAT.md lists them. Each begins with one byte that says what the row is.
//
// Column family `rows` keeps history: keys end in the sequence, inverted, so that the newest row at or before a moment
// is the first one at or after a seek. Column family `current` keeps the newest state, for point look-ups on the write
// path. Numbers are big-endian; parts end in a zero byte, which no name contains.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace greffe::keys {

// --- Column family `rows`.
inline constexpr char kProject = 'p';    // p project 0 ~sequence             -> Project
inline constexpr char kDocument = 'd';   // d project 0 order 0 number 0 ~seq -> Document
inline constexpr char kVersion = 'v';    // v project 0 number 0 ~n           -> Version
inline constexpr char kChange = 'c';     // c project 0 sequence              -> counts, Change
inline constexpr char kTime = 't';       // t project 0 effective sequence    -> ""
inline constexpr char kPath = 'f';       // f project 0 path 0 ~sequence      -> number, or "" when given up
inline constexpr char kAlternate = 'a';  // a project 0 alternate 0 ~sequence -> number, or ""
inline constexpr char kRevision = 'r';   // r project 0 number 0 code 0 ~sequence -> varint: the version that has it
inline constexpr char kPosting = 'x';    // x project 0 field 0 value 0 order 0 number 0 ~seq -> "1", or "" when left;
                                         // field "<collection>:<field>" and an id instead of a number for records
inline constexpr char kRecord = 'e';     // e project 0 collection 0 order 0 id 0 ~seq -> RecordRow, or "" when deleted
inline constexpr char kLink = 'l';       // l project 0 subject 0 side order 0 id 0 ~seq -> LinkRow, or "" when it left
inline constexpr char kTally = 's';      // s project 0 topic 0 ~sequence       -> Tally
inline constexpr char kFrozen = 'b';     // b project 0 baseline 0 order 0 number -> BaselineDocument; never changes
inline constexpr char kRecorded = 'g';   // g record_time project             -> sequence

// --- Column family `current`.
inline constexpr char kMark = 'm';              // m project            -> ProjectMark
inline constexpr char kCurrentProject = 'P';    // P project            -> Project
inline constexpr char kCurrentDocument = 'D';   // D project 0 number   -> Document
inline constexpr char kCurrentRecord = 'E';     // E project 0 collection 0 id -> RecordRow
inline constexpr char kPathClaim = 'C';         // C project 0 folded   -> number
inline constexpr char kFolder = 'F';            // F project 0 folded   -> count, spelling
inline constexpr char kCurrentAlternate = 'A';  // A project 0 number   -> number
inline constexpr char kCurrentRevision = 'V';   // V project 0 number 0 code -> varint: the version that has it
inline constexpr char kCounter = 'N';           // N project 0 prefix   -> counter
inline constexpr char kRequest = 'R';           // R project 0 id       -> sequence, digest
inline constexpr char kCurrentLink = 'L';       // L project 0 subject 0 side id -> LinkRow
inline constexpr char kLinkCount = 'K';         // K project 0 subject  -> varint: links that end there
inline constexpr char kLinkKey = 'U';           // U project 0 LinkKey  -> id of the link
inline constexpr char kCurrentTally = 'S';      // S project 0 topic    -> Tally
inline constexpr char kImportSource = 'I';      // I project 0 source   -> ImportSource

void AppendBigEndian(std::string& key, std::int64_t number);
std::int64_t ReadBigEndian(std::string_view eight_bytes);

// `kind project 0`: what all rows of a kind begin with.
std::string ProjectPrefix(char kind, std::string_view project);
// `kind project 0 part`: a point key, or with a zero byte behind it the prefix of a versioned one.
std::string Point(char kind, std::string_view project, std::string_view part);

// `prefix ~sequence`; seeking to it gives the newest row of `prefix` at or before that sequence.
std::string AtSequence(std::string prefix, std::int64_t sequence);
// The sequence at a versioned key's end.
std::int64_t SequenceOf(std::string_view versioned_key);
// The key without it.
std::string_view WithoutSequence(std::string_view versioned_key);

std::string DocumentPrefix(std::string_view project, std::string_view number);  // d ... number 0
std::string VersionKey(std::string_view project, std::string_view number, std::int64_t version);
std::string ChangeKey(std::string_view project, std::int64_t sequence);
std::string TimeKey(std::string_view project, std::int64_t effective_time, std::int64_t sequence);
std::string PathPrefix(std::string_view project, std::string_view path);            // f ... path 0
std::string AlternatePrefix(std::string_view project, std::string_view alternate);  // a ... alternate 0
// r project 0 number 0 code 0
std::string RevisionPrefix(std::string_view project, std::string_view number, std::string_view revision);
std::string CurrentRevisionKey(std::string_view project, std::string_view number, std::string_view revision);
// A value as it stands in the key of a posting: its bytes 0 and 1 escaped, in the same order as values are.
std::string PostingValue(std::string_view value);
// x project 0 field 0 value 0.
std::string PostingPrefix(std::string_view project, std::string_view field, std::string_view value);
std::string RecordPrefix(std::string_view project, std::string_view collection, std::string_view id);
std::string CurrentRecordKey(std::string_view project, std::string_view collection, std::string_view id);
// `e project 0 collection 0`: what all records of a collection begin with.
std::string CollectionPrefix(std::string_view project, std::string_view collection);
// `b project 0 baseline 0`: the documents of a baseline; a number's order follows.
std::string FrozenPrefix(std::string_view project, std::string_view baseline);
// `x project 0 field 0`: all values of a field.
std::string PostingFieldPrefix(std::string_view project, std::string_view field);
// l project 0 subject 0 side: all links of a subject by that end.
std::string LinkSidePrefix(std::string_view project, std::string_view subject, char side);
std::string LinkPrefix(std::string_view project, std::string_view subject, char side, std::string_view id);
// L project 0 subject 0: all links of a subject.
std::string CurrentLinkPrefix(std::string_view project, std::string_view subject);
std::string CurrentLinkKey(std::string_view project, std::string_view subject, char side, std::string_view id);
std::string TallyPrefix(std::string_view project, std::string_view topic);  // s ... topic 0
std::string RecordedKey(std::int64_t record_time);

// The least key above every key with `prefix`.
std::string PrefixEnd(std::string prefix);

void AppendVarint(std::string& value, std::uint64_t number);
// Cuts it off `value`; nullopt when it is not there.
std::optional<std::uint64_t> TakeVarint(std::string_view& value);

}  // namespace greffe::keys
