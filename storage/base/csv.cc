#include "storage/base/csv.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"

namespace greffe {
namespace {

constexpr std::string_view kFormulaStarts = "=+-@\t\r";

class CsvParser {
 public:
  CsvParser(std::string_view bytes, char delimiter, const CsvLimits& limits)
      : bytes_(bytes), delimiter_(delimiter), limits_(limits) {}

  absl::StatusOr<std::vector<CsvRow>> Parse() {
    while (at_ < bytes_.size()) {
      if (static_cast<int>(rows_.size()) == limits_.rows) {
        return TooLarge(absl::StrCat("more than ", limits_.rows - 1, " rows below the headings"));
      }
      GREFFE_RETURN_IF_ERROR(TakeRow());
    }
    return std::move(rows_);
  }

 private:
  static absl::Status TooLarge(const std::string& what) { return InvalidField("data", "TABLE_TOO_LARGE", what); }

  absl::Status TakeRow() {
    row_ = CsvRow();
    row_.row = static_cast<int>(rows_.size()) + 1;
    row_.line = line_;
    while (true) {
      if (static_cast<int>(row_.cells.size()) == limits_.columns) {
        return TooLarge(absl::StrCat("row ", row_.row, " has more than ", limits_.columns, " columns"));
      }
      if (++cells_ > limits_.cells) return TooLarge(absl::StrCat("more than ", limits_.cells, " cells"));
      GREFFE_ASSIGN_OR_RETURN(std::string cell, TakeCell());
      row_.cells.push_back(std::move(cell));
      if (at_ == bytes_.size()) break;
      if (bytes_[at_] == delimiter_) {
        ++at_;
        continue;
      }
      TakeLineEnd();
      break;
    }
    rows_.push_back(std::move(row_));
    return absl::OkStatus();
  }

  void TakeLineEnd() {
    if (bytes_[at_] == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  bool AtCellEnd() const {
    return at_ == bytes_.size() || bytes_[at_] == delimiter_ || bytes_[at_] == '\r' || bytes_[at_] == '\n';
  }

  absl::StatusOr<std::string> TakeCell() {
    std::string cell;
    if (at_ < bytes_.size() && bytes_[at_] == '"') {
      GREFFE_RETURN_IF_ERROR(TakeQuoted(cell));
      if (!AtCellEnd()) Blame("text follows a closing quote");
    }
    while (!AtCellEnd()) {
      if (bytes_[at_] == '"') Blame("a quote stands inside a cell that does not begin with one");
      cell += bytes_[at_++];
    }
    return cell;
  }

  absl::Status TakeQuoted(std::string& cell) {
    const int opened = line_;
    ++at_;
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '"') {
        ++at_;
        if (at_ == bytes_.size() || bytes_[at_] != '"') return absl::OkStatus();
        cell += '"';
        ++at_;
      } else if (c == '\r' || c == '\n') {
        TakeLineEnd();
        cell += '\n';
      } else {
        cell += c;
        ++at_;
      }
    }
    return InvalidField("data", "QUOTE_UNCLOSED",
                        absl::StrCat("row ", row_.row, ", column ", row_.cells.size() + 1,
                                     ": the quote that opens in line ", opened, " is never closed"),
                        {{"row", std::to_string(row_.row)}, {"line", std::to_string(opened)}});
  }

  void Blame(const std::string& finding) {
    if (!row_.fault) row_.fault = {static_cast<int>(row_.cells.size()), "QUOTE_MISPLACED", finding};
  }

  const std::string_view bytes_;
  const char delimiter_;
  const CsvLimits limits_;
  std::size_t at_ = 0;
  int line_ = 1;
  int cells_ = 0;
  CsvRow row_;
  std::vector<CsvRow> rows_;
};

}  // namespace

absl::StatusOr<std::vector<CsvRow>> ParseCsv(std::string_view bytes, char delimiter, const CsvLimits& limits) {
  return CsvParser(bytes, delimiter, limits).Parse();
}

char DetectDelimiter(std::string_view& bytes) {
  constexpr std::string_view kDelimiters = ",;\t";
  constexpr std::string_view kSays = "sep=";
  if (bytes.starts_with(kSays) && bytes.size() > kSays.size()) {
    const char said = bytes[kSays.size()];
    std::string_view rest = bytes.substr(kSays.size() + 1);
    const std::size_t before = rest.size();
    if (rest.starts_with('\r')) rest.remove_prefix(1);
    if (rest.starts_with('\n')) rest.remove_prefix(1);
    if (kDelimiters.find(said) != std::string_view::npos && (rest.empty() || rest.size() < before)) {
      bytes = rest;
      return said;
    }
  }
  std::array<int, kDelimiters.size()> counts = {};
  bool quoted = false;
  for (const char c : bytes) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\r' || c == '\n') break;
    if (const std::size_t found = kDelimiters.find(c); found != std::string_view::npos) ++counts[found];
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return kDelimiters[best];
}

std::string AsInCell(const std::string& text) { return absl::StrReplaceAll(text, {{"\r\n", "\n"}, {"\r", "\n"}}); }

void AppendCsvRow(const std::vector<std::string>& cells, char delimiter, std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += delimiter;
    const std::string& cell = cells[i];
    // Whatever a reader might take for a delimiter, so that a wrong guess does not move cells.
    const bool quote = cell.find_first_of(",;\t\"\r\n") != std::string::npos;
    if (!quote) {
      out += cell;
      continue;
    }
    out += '"';
    for (const char c : cell) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += "\r\n";
}

std::string GuardFormula(std::string text) {
  if (text.empty()) return text;
  const bool formula = kFormulaStarts.find(text[0]) != std::string_view::npos;
  const bool guarded =
      text[0] == '\'' && text.size() > 1 && (text[1] == '\'' || kFormulaStarts.find(text[1]) != std::string_view::npos);
  if (formula || guarded) text.insert(0, 1, '\'');
  return text;
}

std::string WithoutGuard(std::string text) {
  if (text.size() > 1 && text[0] == '\'' &&
      (text[1] == '\'' || kFormulaStarts.find(text[1]) != std::string_view::npos)) {
    text.erase(0, 1);
  }
  return text;
}

}  // namespace greffe
