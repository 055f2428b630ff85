#include "tests/scenario/views.h"

#include "greffe/v1/baselines.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/milestones.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "greffe/v1/reports.grpc.pb.h"
#include "greffe/v1/reviews.grpc.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "greffe/v1/transmittals.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "tests/scenario/caller.h"
#include "tests/scenario/spreadsheet.h"

namespace greffe {
namespace {

class Views {
 public:
  Views(const std::shared_ptr<grpc::Channel>& channel, const v1::AsOf& as_of) : channel_(channel), as_of_(as_of) {}

  std::string All() {
    Documents();
    Deliverables();
    Registers();
    Reviews();
    Trace();
    Dispatches();
    Status();
    return text_;
  }

 private:
  template <typename Service, typename Request, typename Response>
  Response Ask(const std::string& what,
               grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               Request request) {
    if (as_of_.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = as_of_;
    const Response response = Caller<Service>(channel_).Do("auditor", method, request);
    text_ += "== " + what + "\n" + response.DebugString();
    return response;
  }

  // A list that is not longer than a page, by the filter and order.
  template <typename Service, typename Request, typename Response>
  Response List(const std::string& what,
                grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const std::string& filter = "", const std::string& order_by = "") {
    Request request;
    request.set_parent(kStation);
    request.set_page_size(1000);
    request.set_filter(filter);
    request.set_order_by(order_by);
    return Ask<Service>(what, method, request);
  }

  void Entries(const std::string& what, const std::string& collection, const std::string& filter = "",
               const std::string& order_by = "") {
    v1::ListEntriesRequest request;
    request.set_parent(std::string(kStation) + "/" + collection);
    request.set_page_size(1000);
    request.set_filter(filter);
    request.set_order_by(order_by);
    Ask<v1::Registers>(what, &v1::Registers::Stub::ListEntries, request);
  }

  void Table(const std::string& collection) {
    text_ += "== table of " + collection + "\n" + Spreadsheet(channel_).Export(collection, as_of_);
  }

  void Documents() {
    const auto documents = List<v1::Documents>("documents", &v1::Documents::Stub::ListDocuments);
    List<v1::Documents>("released documents", &v1::Documents::Stub::ListDocuments, "version_state = RELEASED", "path");
    for (const v1::Document& document : documents.documents()) {
      v1::ListVersionsRequest request;
      request.set_parent(document.name());
      Ask<v1::Versions>("versions of " + document.name(), &v1::Versions::Stub::ListVersions, request);
    }
  }

  void Deliverables() {
    List<v1::Deliverables>("deliverables", &v1::Deliverables::Stub::ListDeliverables);
    List<v1::Deliverables>("by due date", &v1::Deliverables::Stub::ListDeliverables, "", "current_due_date desc");
    List<v1::Deliverables>("of paul", &v1::Deliverables::Stub::ListDeliverables, "responsible = paul", "open_due_date");
    List<v1::Deliverables>("of gate 1", &v1::Deliverables::Stub::ListDeliverables,
                           "milestone = \"projects/station/milestones/G1\"");
    v1::ListDeliverablesRequest late;
    late.set_parent(kStation);
    late.set_late(true);
    Ask<v1::Deliverables>("late", &v1::Deliverables::Stub::ListDeliverables, late);
    late.set_late(false);
    late.set_due_within_days(14);
    Ask<v1::Deliverables>("due soon", &v1::Deliverables::Stub::ListDeliverables, late);
    v1::GetSlipTrendRequest trend;
    trend.set_parent(kStation);
    trend.set_from_date("2026-01-01");
    trend.set_to_date("2026-04-30");
    trend.set_period(v1::SLIP_PERIOD_MONTH);
    Ask<v1::Deliverables>("slips", &v1::Deliverables::Stub::GetSlipTrend, trend);
    List<v1::Milestones>("milestones", &v1::Milestones::Stub::ListMilestones, "", "current_due_date");
    Entries("actions", "actions");
    Entries("open actions of paul", "actions", "owner = paul AND open_due_date != \"\"");
  }

  void Registers() {
    for (const char* collection : {"risks", "issues", "decisions", "changeRequests", "lessons", "meetings",
                                   "checklists", "checklistRuns", "budgetLines"}) {
      Entries(collection, collection);
      Table(collection);
    }
    Table("documents");
    Table("deliverables");
    Entries("risks by score", "risks", "open_score > 0", "open_score desc");
    Entries("issues due", "issues", "open_due_date != \"\"", "open_due_date");
    v1::ListEntryRevisionsRequest revisions;
    revisions.set_name(std::string(kStation) + "/risks/RISK-0001");
    Ask<v1::Registers>("history of a risk", &v1::Registers::Stub::ListEntryRevisions, revisions);
  }

  void Reviews() {
    List<v1::Reviews>("reviews", &v1::Reviews::Stub::ListReviews);
    v1::ListReviewsRequest mine;
    mine.set_parent(kStation);
    mine.set_reviewer("lea");
    Ask<v1::Reviews>("waiting for lea", &v1::Reviews::Stub::ListReviews, mine);
    mine.clear_reviewer();
    mine.set_overdue(true);
    Ask<v1::Reviews>("overdue reviews", &v1::Reviews::Stub::ListReviews, mine);
  }

  void Trace() {
    List<v1::Trace>("links", &v1::Trace::Stub::ListLinks);
    List<v1::Trace>("suspect links", &v1::Trace::Stub::ListLinks, "state = SUSPECT");
    v1::GetImpactRequest impact;
    impact.set_name(std::string(kStation) + "/documents/SPC-0001");
    Ask<v1::Trace>("impact", &v1::Trace::Stub::GetImpact, impact);
    v1::GetCoverageMatrixRequest matrix;
    matrix.set_parent(kStation);
    matrix.mutable_rows()->set_document_type("specification");
    matrix.mutable_columns()->set_document_type("plan");
    Ask<v1::Trace>("coverage", &v1::Trace::Stub::GetCoverageMatrix, matrix);
    v1::ListOrphansRequest orphans;
    orphans.set_parent(kStation);
    Ask<v1::Trace>("orphans", &v1::Trace::Stub::ListOrphans, orphans);
  }

  void Dispatches() {
    List<v1::Baselines>("baselines", &v1::Baselines::Stub::ListBaselines);
    const auto sent = List<v1::Transmittals>("transmittals", &v1::Transmittals::Stub::ListTransmittals);
    for (const v1::Transmittal& transmittal : sent.transmittals()) {
      v1::CompareTransmittalRequest request;
      request.set_name(transmittal.name());
      Ask<v1::Transmittals>("since " + transmittal.name(), &v1::Transmittals::Stub::CompareTransmittal, request);
    }
  }

  void Status() {
    v1::GetProjectStatusRequest request;
    request.set_name(kStation);
    Ask<v1::Reports>("status", &v1::Reports::Stub::GetProjectStatus, request);
    Ask<v1::Reports>("portfolio", &v1::Reports::Stub::ListPortfolio, v1::ListPortfolioRequest());
  }

  const std::shared_ptr<grpc::Channel>& channel_;
  const v1::AsOf& as_of_;
  std::string text_;
};

}  // namespace

std::string ViewsOf(const std::shared_ptr<grpc::Channel>& channel, const v1::AsOf& as_of) {
  return Views(channel, as_of).All();
}

}  // namespace greffe
