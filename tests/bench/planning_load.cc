// Fills a project with deliverables and tells how long its views take beside a unary get of one document; prints one
// JSON object: microseconds by view.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/milestones.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "storage/base/civil_date.h"
#include "tests/bench/calls.h"

namespace greffe {
namespace {

constexpr char kProject[] = "projects/planning";
constexpr int kMilestones = 20;
constexpr int kOwners = 40;

std::string Today() { return DateAt(SystemClock().Now(), "UTC"); }

// A third of them late, a third slipped; due dates from 300 days ago to 600 from now on.
void Fill(const std::shared_ptr<grpc::Channel>& channel, int count) {
  const auto projects = v1::Projects::NewStub(channel);
  v1::CreateProjectRequest project;
  project.set_project_id("planning");
  project.mutable_project()->set_title("Planning");
  Call(*projects, &v1::Projects::Stub::CreateProject, project);
  const auto contents = v1::Contents::NewStub(channel);
  v1::CheckInRequest document;
  document.set_parent(kProject);
  document.mutable_item()->mutable_new_document()->set_path("a.md");
  document.mutable_item()->mutable_main_file()->set_data("text");
  Call(*contents, &v1::Contents::Stub::CheckIn, document);
  const auto milestones = v1::Milestones::NewStub(channel);
  for (int i = 0; i < kMilestones; ++i) {
    v1::CreateMilestoneRequest milestone;
    milestone.set_parent(kProject);
    milestone.mutable_milestone()->set_title("Milestone " + std::to_string(i));
    Call(*milestones, &v1::Milestones::Stub::CreateMilestone, milestone);
  }
  const auto fill_part = [&](int part, int parts) {
    const auto stub = v1::Deliverables::NewStub(channel);
    for (int i = part; i < count; i += parts) {
      v1::CreateDeliverableRequest request;
      request.set_parent(kProject);
      v1::Deliverable& deliverable = *request.mutable_deliverable();
      deliverable.set_title("Deliverable " + std::to_string(i));
      deliverable.set_description("What is handed over, and in which form; about as long as people write it.");
      deliverable.add_acceptance_criteria("Agrees with the contract");
      deliverable.set_responsible("owner-" + std::to_string(i % kOwners));
      deliverable.set_milestone(std::string(kProject) + "/milestones/MST-00" + (i % kMilestones < 9 ? "0" : "") +
                                std::to_string(i % kMilestones + 1));
      deliverable.set_planned_date(AddDays(Today(), i * 37 % 900 - 300));
      const v1::Deliverable made = Call(*stub, &v1::Deliverables::Stub::CreateDeliverable, request);
      if (i % 3 != 0) continue;
      v1::ForecastDeliverableRequest forecast;
      forecast.set_name(made.name());
      forecast.set_forecast_date(AddDays(made.planned_date(), 1 + i % 50));
      Call(*stub, &v1::Deliverables::Stub::ForecastDeliverable, forecast);
    }
  };
  std::vector<std::thread> threads;
  for (int part = 0; part < 8; ++part) threads.emplace_back(fill_part, part, 8);
  for (std::thread& thread : threads) thread.join();
}

void Measure(const std::shared_ptr<grpc::Channel>& channel, int rounds) {
  const auto documents = v1::Documents::NewStub(channel);
  const auto deliverables = v1::Deliverables::NewStub(channel);
  const auto milestones = v1::Milestones::NewStub(channel);
  const char* separator = "{";
  const auto tell = [&](const char* view, const std::function<void()>& act) {
    std::cout << separator << "\"" << view << "\":" << MedianMicros(rounds, act);
    separator = ",";
  };
  const auto list = [&](const char* view, const std::function<void(v1::ListDeliverablesRequest&)>& ask) {
    v1::ListDeliverablesRequest request;
    request.set_parent(kProject);
    ask(request);
    tell(view, [&] { Call(*deliverables, &v1::Deliverables::Stub::ListDeliverables, request); });
  };
  tell("document", [&] {
    v1::GetDocumentRequest request;
    request.set_name(std::string(kProject) + "/documents/REC-0001");
    Call(*documents, &v1::Documents::Stub::GetDocument, request);
  });
  tell("deliverable", [&] {
    v1::GetDeliverableRequest request;
    request.set_name(std::string(kProject) + "/deliverables/DLV-0001");
    Call(*deliverables, &v1::Deliverables::Stub::GetDeliverable, request);
  });
  list("register", [](auto&) {});
  list("late", [](auto& request) { request.set_late(true); });
  list("due within 14 days", [](auto& request) { request.set_due_within_days(14); });
  list("by due date", [](auto& request) { request.set_order_by("current_due_date"); });
  list("largest slips", [](auto& request) { request.set_order_by("slip_days desc"); });
  list("of an owner", [](auto& request) { request.set_filter("responsible = \"owner-7\""); });
  list("late of an owner", [](auto& request) {
    request.set_filter("responsible = \"owner-7\"");
    request.set_late(true);
  });
  list("of a milestone by due date", [](auto& request) {
    request.set_filter(std::string("milestone = \"") + kProject + "/milestones/MST-0003\"");
    request.set_order_by("current_due_date");
  });
  tell("milestones", [&] {
    v1::ListMilestonesRequest request;
    request.set_parent(kProject);
    Call(*milestones, &v1::Milestones::Stub::ListMilestones, request);
  });
  tell("trend of slips", [&] {
    v1::GetSlipTrendRequest request;
    request.set_parent(kProject);
    Call(*deliverables, &v1::Deliverables::Stub::GetSlipTrend, request);
  });
  std::cout << "}\n";
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  CLI::App app("Deliverables under measure.");
  std::string server = "127.0.0.1:7433";
  int count = 2000;
  int rounds = 500;
  bool fill = false;
  app.add_option("--server", server);
  app.add_option("--count", count, "Deliverables to make");
  app.add_option("--rounds", rounds);
  app.add_flag("--fill", fill, "Make them first");
  CLI11_PARSE(app, argc, argv);
  const auto channel = grpc::CreateChannel(server, grpc::InsecureChannelCredentials());
  if (fill) greffe::Fill(channel, count);
  greffe::Measure(channel, rounds);
}
