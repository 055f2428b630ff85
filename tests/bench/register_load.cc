// Fills a project with entries of a register and tells how long its views take beside a unary get of one document;
// prints one JSON object: microseconds by view.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "storage/base/civil_date.h"
#include "tests/bench/calls.h"

namespace greffe {
namespace {

constexpr char kProject[] = "projects/registers";
constexpr int kOwners = 40;

void Fill(const std::shared_ptr<grpc::Channel>& channel, int count) {
  const auto projects = v1::Projects::NewStub(channel);
  v1::CreateProjectRequest project;
  project.set_project_id("registers");
  project.mutable_project()->set_title("Registers");
  v1::AttributeDefinition& definition = *project.mutable_project()->add_attribute_definitions();
  definition.set_id("package");
  definition.set_type(v1::ATTRIBUTE_TYPE_INTEGER);
  definition.add_collections("risks");
  Call(*projects, &v1::Projects::Stub::CreateProject, project);
  const auto contents = v1::Contents::NewStub(channel);
  v1::CheckInRequest document;
  document.set_parent(kProject);
  document.mutable_item()->mutable_new_document()->set_path("a.md");
  document.mutable_item()->mutable_main_file()->set_data("text");
  Call(*contents, &v1::Contents::Stub::CheckIn, document);
  const std::string today = DateAt(SystemClock().Now(), "UTC");
  const auto fill_part = [&](int part, int parts) {
    const auto stub = v1::Registers::NewStub(channel);
    for (int i = part; i < count; i += parts) {
      v1::CreateEntryRequest request;
      request.set_parent(kProject);
      v1::Risk& risk = *request.mutable_entry()->mutable_risk();
      risk.set_title("Risk " + std::to_string(i));
      risk.set_description("What may happen and what it would do to the project; about as long as people write it.");
      risk.set_owner("owner-" + std::to_string(i % kOwners));
      risk.set_category(i % 3 == 0 ? "technical" : "supplier");
      risk.set_probability(1 + i % 5);
      risk.set_impact(1 + i / 5 % 5);
      risk.set_review_date(AddDays(today, i * 37 % 900 - 300));
      (*risk.mutable_attributes())["package"].set_integer(i % 200);
      const v1::Entry made = Call(*stub, &v1::Registers::Stub::CreateEntry, request);
      if (i % 10 != 0) continue;
      v1::TransitionEntryRequest close;
      close.set_name(made.risk().name());
      close.set_state("CLOSED");
      close.set_comment("over");
      Call(*stub, &v1::Registers::Stub::TransitionEntry, close);
    }
  };
  std::vector<std::thread> threads;
  for (int part = 0; part < 16; ++part) threads.emplace_back(fill_part, part, 16);
  for (std::thread& thread : threads) thread.join();
}

void Measure(const std::shared_ptr<grpc::Channel>& channel, int rounds, const std::string& only) {
  const auto documents = v1::Documents::NewStub(channel);
  const auto registers = v1::Registers::NewStub(channel);
  const char* separator = "{";
  const auto tell = [&](const char* view, const std::function<void()>& act) {
    if (!only.empty() && only != view) return;
    std::cout << separator << "\"" << view << "\":" << MedianMicros(rounds, act);
    separator = ",";
  };
  const auto list = [&](const char* view, const char* filter, const char* order, bool late) {
    v1::ListEntriesRequest request;
    request.set_parent(std::string(kProject) + "/risks");
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_late(late);
    tell(view, [&] { Call(*registers, &v1::Registers::Stub::ListEntries, request); });
  };
  tell("document", [&] {
    v1::GetDocumentRequest request;
    request.set_name(std::string(kProject) + "/documents/REC-0001");
    Call(*documents, &v1::Documents::Stub::GetDocument, request);
  });
  tell("entry", [&] {
    v1::GetEntryRequest request;
    request.set_name(std::string(kProject) + "/risks/RISK-0002");
    Call(*registers, &v1::Registers::Stub::GetEntry, request);
  });
  tell("history of an entry", [&] {
    v1::ListEntryRevisionsRequest request;
    request.set_name(std::string(kProject) + "/risks/RISK-0002");
    Call(*registers, &v1::Registers::Stub::ListEntryRevisions, request);
  });
  list("register", "", "", false);
  list("late entries", "", "", true);
  list("by score", "open_score > 0", "open_score desc", false);
  list("of an owner", "owner = \"owner-7\"", "", false);
  list("late of an owner", "owner = \"owner-7\"", "", true);
  list("of an attribute", "attributes.package = 42", "", false);
  list("of a state", "state = CLOSED", "", false);
  std::cout << "}\n";
}

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  CLI::App app("Registers under measure.");
  std::string server = "127.0.0.1:7433";
  int count = 20'000;
  int rounds = 300;
  app.add_option("--server", server);
  app.add_option("--count", count, "Entries to make first; 0: those of a former run are there");
  std::string only;
  app.add_option("--rounds", rounds);
  app.add_option("--only", only, "One view alone");
  CLI11_PARSE(app, argc, argv);
  const auto channel = grpc::CreateChannel(server, grpc::InsecureChannelCredentials());
  if (count > 0) greffe::Fill(channel, count);
  greffe::Measure(channel, rounds, only);
}
