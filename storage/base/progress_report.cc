#include "storage/base/progress_report.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "storage/base/amounts.h"
#include "storage/base/markdown.h"
#include "storage/base/names.h"
#include "storage/base/progress_words.h"
#include "storage/base/traffic_light.h"

namespace greffe {
namespace {

std::string Signed(std::int64_t number) { return (number > 0 ? "+" : "") + std::to_string(number); }

class Report {
 public:
  Report(const ProgressFacts& facts, Language language)
      : facts_(facts), language_(language), words_(WordsOfProgress(language)) {}

  std::string Write() {
    WriteHead();
    WriteFigures();
    WriteBudget();
    if (!WriteChanges()) absl::StrAppend(&text_, "\n", words_.nothing, "\n");
    WriteItems(words_.late, facts_.after.late(), &v1::CollectionFigures::late_count);
    WriteItems(absl::Substitute(words_.due_soon, facts_.due_within_days), facts_.after.due_soon(),
               &v1::CollectionFigures::due_soon_count);
    return std::move(text_);
  }

 private:
  using Row = std::vector<std::string>;

  void Heading(const std::string& heading) { absl::StrAppend(&text_, "\n## ", heading, "\n\n"); }

  void Line(const char* name, const std::string& value) {
    absl::StrAppend(&text_, "- ", name, words_.colon, value, "\n");
  }

  // A heading and a table of the first of `count` rows; nothing without rows.
  void Table(const std::string& heading, std::string_view columns, const std::vector<Row>& rows, std::int64_t count) {
    if (rows.empty()) return;
    Heading(heading);
    AppendTableHead(text_, columns);
    for (const Row& row : rows) AppendTableRow(text_, row);
    const std::int64_t more = count - static_cast<std::int64_t>(rows.size());
    if (more > 0) absl::StrAppend(&text_, "\n", absl::Substitute(words_.more, more), "\n");
  }
  void Table(const std::string& heading, std::string_view columns, const std::vector<Row>& rows) {
    Table(heading, columns, rows, static_cast<std::int64_t>(rows.size()));
  }

  std::string Light(v1::TrafficLight light) const {
    switch (light) {
      case v1::TRAFFIC_LIGHT_RED:
        return words_.red;
      case v1::TRAFFIC_LIGHT_AMBER:
        return words_.amber;
      default:
        return words_.green;
    }
  }

  void WriteHead() {
    const v1::Project& project = facts_.project;
    absl::StrAppend(&text_, "# ", words_.title, words_.colon, EscapeMarkdown(project.title()), "\n\n");
    Line(words_.project, EscapeMarkdown(project.code().empty() ? LastSegment(project.name()) : project.code()));
    if (!project.stage().empty()) Line(words_.stage, EscapeMarkdown(project.stage()));
    Line(words_.period, absl::Substitute(words_.from_to, facts_.from, facts_.to));
    std::string light = "**" + Light(facts_.after.light()) + "**";
    if (facts_.before && facts_.before->light() != facts_.after.light()) {
      absl::StrAppend(&light, " (", words_.before, words_.colon, Light(facts_.before->light()), ")");
    }
    Line(words_.light, light);
    for (const v1::StatusReason& reason : facts_.after.reasons()) {
      absl::StrAppend(&text_, "  - ", Light(reason.light()), ", ", ReasonText(reason, language_), "\n");
    }
  }

  void WriteFigures() {
    const v1::StatusFigures& after = facts_.after.figures();
    const v1::StatusFigures& before = facts_.before ? facts_.before->figures() : v1::StatusFigures::default_instance();
    std::vector<Row> rows;
    const auto add = [&rows](const char* name, std::int64_t then, std::int64_t now) {
      if (then != 0 || now != 0) {
        rows.push_back({name, std::to_string(then), std::to_string(now), then == now ? "" : Signed(now - then)});
      }
    };
    add(words_.documents, before.document_count(), after.document_count());
    add(words_.versions, before.version_count(), after.version_count());
    add(words_.released_documents, before.released_count(), after.released_count());
    for (const FigureWords& figure : words_.figures) {
      const v1::CollectionFigures& then = FiguresOf(before, figure.collection);
      const v1::CollectionFigures& now = FiguresOf(after, figure.collection);
      if (figure.open != nullptr) add(figure.open, then.open_count(), now.open_count());
      if (figure.late != nullptr) add(figure.late, then.late_count(), now.late_count());
    }
    const auto add_text = [&](const char* name, bool known_then, const std::string& then, bool known,
                              const std::string& now) {
      if (known) rows.push_back({name, known_then ? then : "", now, ""});
    };
    const auto percent = [](double part) { return std::to_string(static_cast<int>(part * 100 + 0.5)) + " %"; };
    add_text(words_.first_time, before.decided_deliverable_count() > 0, percent(before.first_time_acceptance()),
             after.decided_deliverable_count() > 0, percent(after.first_time_acceptance()));
    add_text(words_.turnaround, before.decided_review_count() > 0,
             DecimalText(before.review_turnaround_hours() / 24, language_), after.decided_review_count() > 0,
             DecimalText(after.review_turnaround_hours() / 24, language_));
    Table(words_.key_figures, words_.figure_columns, rows);
  }

  void WriteBudget() {
    std::vector<Row> rows;
    for (const v1::BudgetFigures& budget : facts_.after.figures().budgets()) {
      // Of nothing spent, or planned, there is none.
      const auto index = [&](double value, const std::string& whole) {
        return value == 0 && IsZeroAmount(whole) ? std::string("-") : DecimalText(value, language_);
      };
      Row row = {budget.currency()};
      for (const std::string& amount :
           {budget.planned(), budget.committed(), budget.actual(), budget.forecast(), budget.variance()}) {
        row.push_back(DecimalText(amount, language_));
      }
      row.push_back(index(budget.cpi(), budget.actual()));
      row.push_back(index(budget.spi(), budget.planned_value()));
      rows.push_back(std::move(row));
    }
    Table(words_.budget, words_.budget_columns, rows);
  }

  // Whether there was anything to tell.
  bool WriteLines(const char* heading, const ProgressLines& lines) {
    std::vector<Row> rows;
    for (const ProgressLine& line : lines.shown) rows.push_back({line.id, line.title, line.changes});
    Table(heading, words_.change_columns, rows, lines.count);
    return lines.count > 0;
  }

  // Whether anything changed.
  bool WriteChanges() {
    bool changed = WriteLines(words_.documents, facts_.documents);
    for (const CollectionWords& collection : words_.collections) {
      const auto found = facts_.records.find(collection.collection);
      if (found != facts_.records.end()) changed = WriteLines(collection.heading, found->second) || changed;
    }
    return changed;
  }

  // `counted` tells how many there are in all.
  void WriteItems(const std::string& heading, const google::protobuf::RepeatedPtrField<v1::DueItem>& items,
                  std::int64_t (v1::CollectionFigures::*counted)() const) {
    std::int64_t count = 0;
    for (const v1::CollectionFigures& of : facts_.after.figures().collections()) count += (of.*counted)();
    std::vector<Row> rows;
    for (const v1::DueItem& item : items) {
      rows.push_back({item.due_date(), LastSegment(item.name()), item.title(), item.owner()});
    }
    Table(heading, words_.due_columns, rows, count);
  }

  const ProgressFacts& facts_;
  const Language language_;
  const ProgressWords& words_;
  std::string text_;
};

}  // namespace

std::string ProgressReportText(const ProgressFacts& facts, Language language) {
  return Report(facts, language).Write();
}

}  // namespace greffe
