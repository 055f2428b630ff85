// Fills a project with registers, documents and deliverables, and others beside it, and tells how long its status and
// the portfolio take beside a unary get of one document; prints one JSON object: microseconds by view.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "greffe/v1/reports.grpc.pb.h"
#include "storage/base/civil_date.h"
#include "tests/bench/calls.h"

namespace greffe {
namespace {

constexpr int kThreads = 8;

struct Sizes {
  int entries = 0;
  int documents = 0;
  int deliverables = 0;
};

std::string Today() { return DateAt(SystemClock().Now(), "UTC"); }

// Entry `i`: registers in turn; due dates from 300 days ago to 600 from now on, most of the late ones closed.
v1::Entry EntryOf(int i) {
  const std::string title = "Entry " + std::to_string(i);
  const std::string due = AddDays(Today(), i * 37 % 900 - 300);
  v1::Entry entry;
  switch (i % 4) {
    case 0: {
      v1::Action& action = *entry.mutable_action();
      action.set_title(title);
      action.set_due_date(due);
      break;
    }
    case 1: {
      v1::Risk& risk = *entry.mutable_risk();
      risk.set_title(title);
      risk.set_probability(1 + i % 5);
      risk.set_impact(1 + i / 5 % 5);
      risk.set_review_date(due);
      break;
    }
    case 2: {
      v1::Issue& issue = *entry.mutable_issue();
      issue.set_title(title);
      issue.set_severity(static_cast<v1::Severity>(1 + i % 3));
      issue.set_due_date(due);
      break;
    }
    default: {
      v1::BudgetLine& line = *entry.mutable_budget_line();
      line.set_title(title);
      line.set_currency(i % 8 == 3 ? "EUR" : "USD");
      line.set_planned(std::to_string(1000 + i));
      line.set_actual(std::to_string(i));
      line.set_percent_complete(i % 101);
      line.set_start_date(AddDays(Today(), i * 37 % 900 - 450));
      line.set_end_date(AddDays(line.start_date(), 30 + i % 200));
    }
  }
  return entry;
}

void Create(const std::shared_ptr<grpc::Channel>& channel, const std::string& id) {
  v1::CreateProjectRequest project;
  project.set_project_id(id);
  project.mutable_project()->set_title("Project " + id);
  Call(*v1::Projects::NewStub(channel), &v1::Projects::Stub::CreateProject, project);
}

// The part of a project's content that one of `parts` threads makes.
void FillPart(const std::shared_ptr<grpc::Channel>& channel, const std::string& project, const Sizes& sizes, int part,
              int parts) {
  const auto registers = v1::Registers::NewStub(channel);
  const auto deliverables = v1::Deliverables::NewStub(channel);
  const auto contents = v1::Contents::NewStub(channel);
  v1::BatchCheckInRequest batch;
  batch.set_parent(project);
  for (int i = part; i < sizes.documents; i += parts) {
    v1::CheckInItem& item = *batch.add_items();
    item.mutable_new_document()->set_path("d" + std::to_string(i / 50) + "/" + std::to_string(i) + ".md");
    item.mutable_new_document()->set_type(i % 2 == 0 ? "specification" : "record");
    item.mutable_main_file()->set_data("document " + std::to_string(i));
    if (batch.items_size() < 500 && i + parts < sizes.documents) continue;
    Call(*contents, &v1::Contents::Stub::BatchCheckIn, batch);
    batch.clear_items();
  }
  for (int i = part; i < sizes.deliverables; i += parts) {
    v1::CreateDeliverableRequest request;
    request.set_parent(project);
    request.mutable_deliverable()->set_title("Deliverable " + std::to_string(i));
    request.mutable_deliverable()->set_planned_date(AddDays(Today(), i * 37 % 900 - 300));
    Call(*deliverables, &v1::Deliverables::Stub::CreateDeliverable, request);
  }
  for (int i = part; i < sizes.entries; i += parts) {
    v1::CreateEntryRequest request;
    request.set_parent(project);
    *request.mutable_entry() = EntryOf(i);
    const v1::Entry made = Call(*registers, &v1::Registers::Stub::CreateEntry, request);
    if (!made.has_action() || made.action().due_date() >= Today() || i % 5 == 0) continue;
    v1::TransitionEntryRequest done;
    done.set_name(made.action().name());
    done.set_state("DONE");
    Call(*registers, &v1::Registers::Stub::TransitionEntry, done);
  }
}

void InThreads(const std::function<void(int part)>& act) {
  std::vector<std::thread> threads;
  for (int part = 0; part < kThreads; ++part) threads.emplace_back(act, part);
  for (std::thread& thread : threads) thread.join();
}

void Fill(const std::shared_ptr<grpc::Channel>& channel, const Sizes& sizes, int projects) {
  Create(channel, "office");
  InThreads([&](int part) { FillPart(channel, "projects/office", sizes, part, kThreads); });
  constexpr Sizes kSmall = {40, 20, 10};
  InThreads([&](int part) {
    for (int i = 1 + part; i < projects; i += kThreads) {
      const std::string id = "side-" + std::to_string(i);
      Create(channel, id);
      FillPart(channel, "projects/" + id, kSmall, 0, 1);
    }
  });
}

void Measure(const std::shared_ptr<grpc::Channel>& channel, int rounds) {
  const auto documents = v1::Documents::NewStub(channel);
  const auto reports = v1::Reports::NewStub(channel);
  const char* separator = "{";
  const auto tell = [&](const char* view, int times, const std::function<void()>& act) {
    std::cout << separator << "\"" << view << "\":" << MedianMicros(times, act);
    separator = ",";
  };
  tell("document", rounds, [&] {
    v1::GetDocumentRequest request;
    request.set_name("projects/office/documents/REC-0001");
    Call(*documents, &v1::Documents::Stub::GetDocument, request);
  });
  v1::GetProjectStatusRequest status;
  status.set_name("projects/office");
  std::int64_t sequence = 0;
  tell("status", rounds, [&] { sequence = Call(*reports, &v1::Reports::Stub::GetProjectStatus, status).sequence(); });
  status.mutable_as_of()->set_sequence(sequence / 2);
  tell("status as of half-way", rounds, [&] { Call(*reports, &v1::Reports::Stub::GetProjectStatus, status); });
  v1::ListPortfolioRequest portfolio;
  portfolio.set_page_size(1000);
  const int few = std::max(rounds / 10, 10);
  tell("portfolio", few, [&] { Call(*reports, &v1::Reports::Stub::ListPortfolio, portfolio); });
  *portfolio.mutable_as_of()->mutable_time() = ToTimestamp(SystemClock().Now() - 1'000'000);
  tell("portfolio as of a time", few, [&] { Call(*reports, &v1::Reports::Stub::ListPortfolio, portfolio); });
  std::cout << "}\n";
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  CLI::App app("Status and portfolio under measure.");
  std::string server = "127.0.0.1:7433";
  greffe::Sizes sizes = {20'000, 10'000, 2'000};
  int projects = 300;
  int rounds = 500;
  bool fill = false;
  app.add_option("--server", server);
  app.add_option("--entries", sizes.entries, "Entries of registers in the project");
  app.add_option("--documents", sizes.documents, "Documents in it");
  app.add_option("--deliverables", sizes.deliverables, "Deliverables in it");
  app.add_option("--projects", projects, "Projects in all");
  app.add_option("--rounds", rounds);
  app.add_flag("--fill", fill, "Make them first");
  CLI11_PARSE(app, argc, argv);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  const auto channel = grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  if (fill) greffe::Fill(channel, sizes, projects);
  greffe::Measure(channel, rounds);
}
