// How long views of links and baselines take beside a unary get: fills a server's project with documents and links, and
// prints one JSON object, microseconds by view. trace_views SERVER [DOCUMENTS] [LINKS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "greffe/v1/baselines.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "tests/bench/calls.h"

namespace greffe {
namespace {

using Clock = std::chrono::steady_clock;
constexpr char kProject[] = "projects/trace";

// Half of the documents are specifications, half are records: SPC-1 .., REC-1 ...
std::string Name(int i) {
  char text[96];
  std::snprintf(text, sizeof text, "%s/documents/%s-%04d", kProject, i % 2 == 0 ? "SPC" : "REC", i / 2 + 1);
  return text;
}

class Bench {
 public:
  explicit Bench(const std::string& server) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    const auto channel = grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
    projects_ = v1::Projects::NewStub(channel);
    documents_ = v1::Documents::NewStub(channel);
    contents_ = v1::Contents::NewStub(channel);
    trace_ = v1::Trace::NewStub(channel);
    baselines_ = v1::Baselines::NewStub(channel);
  }

  void Fill(int documents, int links) {
    v1::CreateProjectRequest create;
    create.set_project_id("trace");
    create.mutable_project()->set_title("Trace");
    Call(*projects_, &v1::Projects::Stub::CreateProject, create);
    v1::BatchCheckInRequest batch;
    for (int i = 0; i < documents; ++i) {
      batch.set_parent(kProject);
      v1::CheckInItem& item = *batch.add_items();
      item.mutable_new_document()->set_path("d" + std::to_string(i / 50) + "/" + std::to_string(i) + ".md");
      item.mutable_new_document()->set_type(i % 2 == 0 ? "specification" : "record");
      item.mutable_main_file()->set_data("document " + std::to_string(i));
      if (batch.items_size() < 500 && i + 1 < documents) continue;
      Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
      batch.Clear();
    }
    // A chain of specifications with ten branches each way gives the first one a thousand dependents; the rest lies
    // between the specifications from 1,001 on and the records, and between those.
    std::vector<std::pair<int, int>> edges;
    for (int i = 1; i <= 1000; ++i) edges.emplace_back(2 * i, 2 * ((i - 1) / 10));
    const int specifications = documents / 2;
    for (int i = 0; static_cast<int>(edges.size()) < links; ++i) {
      const int from = 1001 + i % (specifications - 1001);
      const int round = i / (specifications - 1001);
      edges.emplace_back(2 * from, 2 * ((from * 7 + round * 13) % specifications) + 1);
    }
    v1::BatchCreateLinksRequest request;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      request.set_parent(kProject);
      v1::Link& link = *request.add_links();
      link.set_type(i < 1000 ? v1::LINK_TYPE_DERIVES_FROM : v1::LINK_TYPE_SATISFIES);
      link.set_from(Name(edges[i].first));
      link.set_to(Name(edges[i].second));
      if (request.links_size() < 1000 && i + 1 < edges.size()) continue;
      Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, request);
      request.Clear();
    }
  }

  // Of the calls in turn, so that what else the machine does strikes all alike.
  void Measure() {
    struct Row {
      const char* name;
      std::function<void(int)> call;
      std::vector<double> seconds = {};
    };
    std::vector<Row> rows;
    rows.push_back({"document", [&](int i) {
                      v1::GetDocumentRequest request;
                      request.set_name(Name(2 * (i % 1000)));
                      Call(*documents_, &v1::Documents::Stub::GetDocument, request);
                    }});
    const auto list = [&](const char* name, const std::string& filter, const std::string& order) {
      rows.push_back({name, [this, filter, order](int) {
                        v1::ListLinksRequest request;
                        request.set_parent(kProject);
                        request.set_filter(filter);
                        request.set_order_by(order);
                        Call(*trace_, &v1::Trace::Stub::ListLinks, request);
                      }});
    };
    list("links", "", "");
    list("links by state", "state = SUSPECT", "");
    list("links of a document", "from = \"" + Name(2 * 1500) + "\"", "");
    rows.push_back({"coverage matrix", [&](int) {
                      v1::GetCoverageMatrixRequest request;
                      request.set_parent(kProject);
                      request.mutable_rows()->set_document_type("specification");
                      request.mutable_columns()->set_document_type("record");
                      if (matrix_token_.empty()) {
                        // Past the chain: rows with ten cells each.
                        request.set_page_size(1000);
                        matrix_token_ = Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request).next_page_token();
                      }
                      request.set_page_size(50);
                      request.set_page_token(matrix_token_);
                      Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
                    }});
    rows.push_back({"coverage gaps", [&](int) {
                      v1::GetCoverageMatrixRequest request;
                      request.set_parent(kProject);
                      request.mutable_rows()->set_document_type("specification");
                      request.mutable_columns()->set_document_type("record");
                      request.set_gaps_only(true);
                      Call(*trace_, &v1::Trace::Stub::GetCoverageMatrix, request);
                    }});
    rows.push_back({"orphans", [&](int) {
                      v1::ListOrphansRequest request;
                      request.set_parent(kProject);
                      Call(*trace_, &v1::Trace::Stub::ListOrphans, request);
                    }});
    rows.push_back({"impact of 1,000", [&](int) {
                      v1::GetImpactRequest request;
                      request.set_name(Name(0));
                      const auto impact = Call(*trace_, &v1::Trace::Stub::GetImpact, request);
                      if (impact.dependents_size() != 1000) std::exit(1);
                    }});
    for (int i = 0; i < 300; ++i) {
      for (Row& row : rows) {
        row.call(i);  // what the former row left behind (memory, caches) is not this one's
        const auto start = Clock::now();
        row.call(i);
        row.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
      }
    }
    const char* separator = "{";
    for (Row& row : rows) {
      std::sort(row.seconds.begin(), row.seconds.end());
      std::printf("%s\"%s\":%.1f", separator, row.name, row.seconds[row.seconds.size() / 2] * 1e6);
      separator = ",";
    }
    MeasureBaselines();
    std::printf("}\n");
  }

 private:
  // Five baselines of all documents, each after a change; then two of them, and one and now, are compared.
  void MeasureBaselines() {
    constexpr int kRounds = 5;
    std::vector<double> make;
    std::vector<double> compare;
    std::vector<double> with_now;
    const auto timed = [](std::vector<double>& seconds, const std::function<void()>& act) {
      const auto start = Clock::now();
      act();
      seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    };
    for (int i = 0; i < kRounds; ++i) {
      v1::CheckInRequest change;
      change.set_parent(kProject);
      change.mutable_item()->set_document(Name(i));
      change.mutable_item()->mutable_main_file()->set_data("changed " + std::to_string(i));
      Call(*contents_, &v1::Contents::Stub::CheckIn, change);
      v1::CreateBaselineRequest request;
      request.set_parent(kProject);
      request.set_baseline_id("b" + std::to_string(i));
      request.mutable_baseline()->set_kind("gate");
      request.mutable_baseline()->set_reason("measured");
      timed(make, [&] { Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, request); });
    }
    v1::CompareBaselinesRequest request;
    request.set_base(std::string(kProject) + "/baselines/b0");
    for (int i = 0; i < kRounds; ++i) {
      request.set_target(std::string(kProject) + "/baselines/b4");
      timed(compare, [&] { Call(*baselines_, &v1::Baselines::Stub::CompareBaselines, request); });
      request.clear_target();
      timed(with_now, [&] { Call(*baselines_, &v1::Baselines::Stub::CompareBaselines, request); });
    }
    const auto tell = [](const char* name, std::vector<double>& seconds) {
      std::sort(seconds.begin(), seconds.end());
      std::printf(",\"%s\":%.1f", name, seconds[seconds.size() / 2] * 1e6);
    };
    tell("baseline", make);
    tell("compare baselines", compare);
    tell("compare with now", with_now);
  }

  std::unique_ptr<v1::Projects::Stub> projects_;
  std::unique_ptr<v1::Documents::Stub> documents_;
  std::unique_ptr<v1::Contents::Stub> contents_;
  std::unique_ptr<v1::Trace::Stub> trace_;
  std::unique_ptr<v1::Baselines::Stub> baselines_;
  std::string matrix_token_;
};

}  // namespace
}  // namespace greffe

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: trace_views SERVER [DOCUMENTS] [LINKS]\n";
    return 2;
  }
  greffe::Bench bench(argv[1]);
  bench.Fill(argc > 2 ? std::atoi(argv[2]) : 10'000, argc > 3 ? std::atoi(argv[3]) : 50'000);
  bench.Measure();
  return 0;
}
