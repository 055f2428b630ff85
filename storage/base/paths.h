// The one judge of paths under which contents lie: a clone must work on Linux, macOS and Windows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

inline constexpr int kMaxPathBytes = 1024;
inline constexpr int kMaxPathPartBytes = 200;
inline constexpr int kMaxPathDepth = 32;

// OK, or INVALID_ARGUMENT (PATH_INVALID) naming `field`, the path, and what is wrong, in metadata `rule` too:
// EMPTY, NOT_UTF8, TOO_LONG, TOO_DEEP, ABSOLUTE, EMPTY_PART, DOT_PART ("." or ".."), CONTROL_CHARACTER (also
// U+007F..9F, bidi and zero-width controls), BACKSLASH, COLON, RESERVED_CHARACTER (< > " | ? *), TRAILING_DOT_OR_SPACE,
// LEADING_SPACE, DEVICE_NAME (CON, PRN, AUX, NUL, COM1-9, LPT1-9, CONIN$, CONOUT$, with any extension, any case,
// superscript digits too), GIT_NAME (.git, git~1 and all that HFS+ or NTFS would take for it: ignorable code points,
// case, trailing dots, streams; .gitmodules and .gitattributes likewise), GREFFE_NAME (.greffe in any such spelling),
// NOT_NFC (Unicode normalisation form other than C), PRIVATE_OR_UNASSIGNED (non-characters, surrogates, U+FFFE and
// such).
absl::Status ValidatePath(std::string_view path, const std::string& field);

// ValidatePath for a single part: a companion's file name.
absl::Status ValidateFileName(std::string_view name, const std::string& field);

// Whether Windows takes a file of that name for a device; see DEVICE_NAME above.
bool IsDeviceName(std::string_view name);

// The path in Unicode NFC; the input when it is not UTF-8 (ValidatePath refuses that).
std::string NormalizePath(std::string_view path);

// What two paths share exactly when a file system that ignores case or normalisation would take them for one: NFKC is
// too much, NFC then full Unicode case folding. Works part by part: FoldPath(a + "/" + b) == FoldPath(a) + "/" +
// FoldPath(b).
std::string FoldPath(std::string_view path);

// "a/b/c" -> {"a", "a/b"}.
std::vector<std::string_view> ParentFolders(std::string_view path);

// "a/b/c" -> "c".
std::string_view LastPart(std::string_view path);

}  // namespace greffe
