#include "clients/cli/status_print.h"

#include <cstdio>
#include <optional>
#include <string>

#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

const char* LightColour(const std::string& light) {
  if (light == "red") return "31";
  if (light == "amber") return "33";
  return light == "green" ? "32" : nullptr;
}

const v1::CollectionFigures& FiguresOf(const v1::StatusFigures& figures, const std::string& collection) {
  for (const v1::CollectionFigures& of : figures.collections()) {
    if (of.collection() == collection) return of;
  }
  return v1::CollectionFigures::default_instance();
}

std::string DecimalText(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

// Of nothing spent, or planned, there is no index.
bool HasIndex(double index, const std::string& whole) {
  return index != 0 || whole.find_first_of("123456789") != std::string::npos;
}

std::string IndexText(double index, const std::string& whole) {
  return HasIndex(index, whole) ? DecimalText(index) : "-";
}

// "2 late of 7"; "7" when none is; "-" when there is none.
std::string LateText(const v1::StatusFigures& figures, const std::string& collection) {
  const v1::CollectionFigures& of = FiguresOf(figures, collection);
  if (of.states().empty()) return "-";
  const std::string open = std::to_string(of.open_count());
  return of.late_count() == 0 ? open : std::to_string(of.late_count()) + " late of " + open;
}

// The lowest of all currencies.
std::string Lowest(const v1::StatusFigures& figures, double (v1::BudgetFigures::*index)() const,
                   const std::string& (v1::BudgetFigures::*whole)() const) {
  std::optional<double> lowest;
  for (const v1::BudgetFigures& budget : figures.budgets()) {
    const double value = (budget.*index)();
    if (HasIndex(value, (budget.*whole)()) && (!lowest || value < *lowest)) lowest = value;
  }
  return lowest ? DecimalText(*lowest) : "-";
}

// "3 accepted, 2 planned".
template <typename Counts>
std::string CountsText(const Counts& counts) {
  std::string text;
  for (const v1::StateCount& count : counts) {
    std::string state = count.state().empty() ? "not given" : count.state();
    for (char& c : state) c = c == '_' ? ' ' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    text += (text.empty() ? "" : ", ") + std::to_string(count.count()) + " " + state;
  }
  return text;
}

void PrintDocuments(Session& session, const v1::StatusFigures& figures) {
  if (figures.documents().empty()) return;
  Table table({"DOCUMENTS", "STATE", "COUNT"});
  for (const v1::DocumentCount& count : figures.documents()) {
    table.Add({count.type(), OrDash(EnumText(count.state())), std::to_string(count.count())});
  }
  session.out() << "\n";
  table.Print(session);
}

void PrintCollections(Session& session, const v1::StatusFigures& figures) {
  if (figures.collections().empty()) return;
  Table table({"REGISTER", "OPEN", "LATE", "DUE SOON", "STATES"});
  for (const v1::CollectionFigures& of : figures.collections()) {
    table.Add({of.collection(), std::to_string(of.open_count()), std::to_string(of.late_count()),
               std::to_string(of.due_soon_count()), CountsText(of.states())});
  }
  session.out() << "\n";
  table.Print(session);
}

void PrintBudgets(Session& session, const v1::StatusFigures& figures) {
  if (figures.budgets().empty()) return;
  Table table({"BUDGET", "PLANNED", "COMMITTED", "ACTUAL", "FORECAST", "VARIANCE", "EARNED", "CPI", "SPI"});
  for (const v1::BudgetFigures& budget : figures.budgets()) {
    table.Add({budget.currency(), budget.planned(), budget.committed(), budget.actual(), budget.forecast(),
               budget.variance(), budget.earned_value(), IndexText(budget.cpi(), budget.actual()),
               IndexText(budget.spi(), budget.planned_value())});
  }
  session.out() << "\n";
  table.Print(session);
}

template <typename Items>
void PrintItems(Session& session, const char* heading, const Items& items) {
  if (items.empty()) return;
  Table table({heading, "ID", "STATE", "WHO", "TITLE"});
  for (const v1::DueItem& item : items) {
    std::string state = item.state();
    for (char& c : state) c = c == '_' ? ' ' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    table.Add({item.due_date(), IdOf(item.name()), state, OrDash(item.owner()), item.title()});
  }
  session.out() << "\n";
  table.Print(session);
}

}  // namespace

void PrintStatus(Session& session, const v1::ProjectStatus& status) {
  const v1::StatusFigures& figures = status.figures();
  const std::string light = EnumText(status.light());
  const char* colour = LightColour(light);
  session.out() << Coloured(session, Printable(IdOf(status.project())) + ": " + light, colour == nullptr ? "1" : colour)
                << "\n";
  for (const v1::StatusReason& reason : status.reasons()) {
    const std::string of = EnumText(reason.light());
    const char* shade = LightColour(of);
    session.out() << "  " << (shade == nullptr ? of : Coloured(session, of, shade)) << "  " << Printable(reason.text())
                  << "\n";
  }
  Sheet sheet;
  sheet.Add("Title", status.title());
  sheet.Add("Code", status.code());
  sheet.Add("Manager", status.manager());
  sheet.Add("Stage", status.stage());
  sheet.Add("As of", status.date() + ", sequence " + std::to_string(status.sequence()));
  sheet.Add("Documents", std::to_string(figures.document_count()) + ", " + std::to_string(figures.released_count()) +
                             " of them released; " + std::to_string(figures.version_count()) + " versions");
  if (figures.decided_deliverable_count() > 0) {
    sheet.Add("First time", std::to_string(figures.first_time_accepted_count()) + " of " +
                                std::to_string(figures.decided_deliverable_count()) +
                                " deliverables were accepted with their first submission");
  }
  if (figures.decided_review_count() > 0) {
    sheet.Add("Reviews", "take " + DecimalText(figures.review_turnaround_hours() / 24) + " days on average");
  }
  if (figures.milestone_slips().slipped_count() > 0) {
    sheet.Add("Slips", std::to_string(figures.milestone_slips().slipped_count()) + " milestones, by " +
                           std::to_string(figures.milestone_slips().slip_days()) + " days together");
  }
  if (!figures.issues().empty()) sheet.Add("Open issues", CountsText(figures.issues()));
  std::string risks;
  for (const v1::ScoreCount& risk : figures.risks()) {
    risks += (risks.empty() ? "" : ", ") + std::to_string(risk.count()) + " of score " +
             (risk.score() == 0 ? "-" : std::to_string(risk.score()));
  }
  sheet.Add("Open risks", risks);
  sheet.Print(session);
  PrintDocuments(session, figures);
  PrintCollections(session, figures);
  PrintBudgets(session, figures);
  PrintItems(session, "LATE SINCE", status.late());
  PrintItems(session, "DUE", status.due_soon());
}

Table PortfolioTable() {
  Table table({"PROJECT", "LIGHT", "DELIVERABLES", "MILESTONES", "REVIEWS", "ACTIONS", "RISKS", "CPI", "SPI", "WHY"});
  table.ColourBy(1, LightColour);
  return table;
}

std::vector<std::string> PortfolioRow(const v1::ProjectStatus& status) {
  const v1::StatusFigures& figures = status.figures();
  std::string why;
  for (const v1::StatusReason& reason : status.reasons()) why += (why.empty() ? "" : "; ") + reason.text();
  return {IdOf(status.project()),
          EnumText(status.light()),
          LateText(figures, "deliverables"),
          LateText(figures, "milestones"),
          LateText(figures, "reviews"),
          LateText(figures, "actions"),
          std::to_string(FiguresOf(figures, "risks").open_count()),
          Lowest(figures, &v1::BudgetFigures::cpi, &v1::BudgetFigures::actual),
          Lowest(figures, &v1::BudgetFigures::spi, &v1::BudgetFigures::planned_value),
          why};
}

Table SeriesTable() {
  Table table({"DATE", "LIGHT", "DOCUMENTS", "RELEASED", "DELIVERABLES", "ACTIONS", "RISKS", "CPI", "SPI"});
  table.ColourBy(1, LightColour);
  return table;
}

std::vector<std::string> SeriesRow(const v1::StatusPoint& point) {
  const v1::StatusFigures& figures = point.figures();
  return {point.date(),
          EnumText(point.light()),
          std::to_string(figures.document_count()),
          std::to_string(figures.released_count()),
          LateText(figures, "deliverables"),
          LateText(figures, "actions"),
          std::to_string(FiguresOf(figures, "risks").open_count()),
          Lowest(figures, &v1::BudgetFigures::cpi, &v1::BudgetFigures::actual),
          Lowest(figures, &v1::BudgetFigures::spi, &v1::BudgetFigures::planned_value)};
}

}  // namespace greffe::cli
