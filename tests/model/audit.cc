#include "tests/model/audit.h"

#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/locks.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/reviews.pb.h"
#include "greffe/v1/tables.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/any_values.h"
#include "tests/model/entry_filters.h"
#include "tests/model/field_filters.h"
#include "tests/model/filters.h"
#include "tests/model/review_filters.h"

namespace greffe::model {
namespace {

// Of each register.
constexpr int kListsAsked = 3;
constexpr int kEntriesAsked = 3;
constexpr std::size_t kReviewsAsked = 15;

class Auditor {
 public:
  Auditor(Caller& caller, Dice& dice, const ProjectModel& project) : caller_(caller), dice_(dice), project_(project) {}

  void Look(const v1::AsOf& as_of) {
    as_of_ = as_of;
    Ask<v1::GetProjectRequest>([&](auto& request) { request.set_name(Parent()); });
    for (const Filter& filter : Filters()) List(filter.text, dice_.Of(Orders()).text);
    for (const Order& order : Orders()) List("", order.text);
    for (const v1::Document* document : project_.Newest().All<v1::Document>()) {
      const auto named = [&](auto& request) { request.set_name(document->name()); };
      Ask<v1::GetDocumentRequest>(named);
      Ask<v1::FetchContentRequest>(named);
      Ask<v1::ListVersionsRequest>([&](auto& request) {
        request.set_parent(document->name());
        request.set_page_size(1000);
      });
      Ask<v1::GetVersionRequest>([&](auto& request) { request.set_name(document->name() + "/versions/released"); });
      if (!document->revision().empty()) {
        Ask<v1::GetVersionRequest>(
            [&](auto& request) { request.set_name(document->name() + "/revisions/" + document->revision()); });
      }
      LookUp([&](auto& request) { request.set_path(document->path()); });
      for (const std::string& alternate : document->alternate_numbers()) {
        LookUp([&](auto& request) { request.set_alternate_number(alternate); });
      }
    }
    LookAtReviews();
    LookAtRegisters();
    LookAtRecords<v1::Milestone, v1::GetMilestoneRequest, v1::ListMilestonesRequest>();
    LookAtRecords<v1::Deliverable, v1::GetDeliverableRequest, v1::ListDeliverablesRequest>();
    LookAtRecords<v1::Baseline, v1::GetBaselineRequest, v1::ListBaselinesRequest>();
    LookAtRecords<v1::Link, v1::GetLinkRequest, v1::ListLinksRequest>();
    LookAtRecords<v1::Transmittal, v1::GetTransmittalRequest, v1::ListTransmittalsRequest>();
    for (const v1::Transmittal* transmittal : project_.Newest().All<v1::Transmittal>()) {
      if (!dice_.OneIn(3)) continue;
      Ask<v1::CompareTransmittalRequest>([&](auto& request) { request.set_name(transmittal->name()); });
    }
  }

  void LookAtLocks() {
    auto locks = std::make_shared<v1::ListLocksRequest>();
    locks->set_parent(Parent());
    locks->set_page_size(1000);
    calls_.push_back(caller_.Make(project_.id(), std::move(locks)));
  }

  void LookAtHistory() {
    v1::ListChangesRequest request;
    request.set_parent(Parent());
    request.set_page_size(1000);
    for (; request.after_sequence() < project_.sequence();
         request.set_after_sequence(request.after_sequence() + 1000)) {
      calls_.push_back(caller_.Make(project_.id(), std::make_shared<v1::ListChangesRequest>(request)));
    }
    const auto versions = project_.Newest().All<v1::Version>();
    for (int i = 0; i < 30 && !versions.empty(); ++i) {
      auto fetch = std::make_shared<v1::FetchContentRequest>();
      fetch->set_name(dice_.Of(versions)->name());
      calls_.push_back(caller_.Make(project_.id(), std::move(fetch)));
    }
  }

  // What was frozen, and what differs from that now.
  void LookAtBaselines() {
    for (const v1::Baseline* baseline : project_.Newest().All<v1::Baseline>()) {
      auto documents = std::make_shared<v1::ListBaselineDocumentsRequest>();
      documents->set_parent(baseline->name());
      documents->set_page_size(dice_.OneIn(3) ? 3 : 1000);
      calls_.push_back(caller_.Make(project_.id(), std::move(documents)));
      if (!dice_.OneIn(3)) continue;
      auto comparison = std::make_shared<v1::CompareBaselinesRequest>();
      comparison->set_base(baseline->name());
      comparison->set_page_size(dice_.OneIn(3) ? 3 : 1000);
      calls_.push_back(caller_.Make(project_.id(), std::move(comparison)));
      auto records = std::make_shared<v1::CompareBaselineRecordsRequest>();
      records->set_base(baseline->name());
      records->set_page_size(dice_.OneIn(3) ? 3 : 1000);
      calls_.push_back(caller_.Make(project_.id(), std::move(records)));
    }
  }

  std::vector<Call> TakeCalls() { return std::move(calls_); }

 private:
  std::string Parent() const { return "projects/" + project_.id(); }

  template <typename Request, typename Fill>
  void Ask(Fill fill) {
    auto request = std::make_shared<Request>();
    fill(*request);
    if (as_of_.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request->mutable_as_of() = as_of_;
    calls_.push_back(caller_.Make(project_.id(), std::move(request)));
  }

  template <typename Fill>
  void LookUp(Fill fill) {
    Ask<v1::LookupDocumentRequest>([&](auto& request) {
      request.set_parent(Parent());
      fill(request);
    });
  }

  void LookAtReviews() {
    const std::vector<const v1::Review*> all = project_.Newest().All<v1::Review>();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i + kReviewsAsked < all.size() && !dice_.OneIn(10)) continue;  // the latest ones are open, perhaps
      Ask<v1::GetReviewRequest>([&](auto& request) { request.set_name(all[i]->name()); });
    }
    ListReviews([](auto&) {});
    ListReviews([&](auto& request) { request.set_filter(dice_.Of(ReviewFilters())); });
    ListReviews([&](auto& request) { request.set_reviewer(AnyPerson(dice_)); });
    ListReviews([](auto& request) { request.set_overdue(true); });
  }

  template <typename Fill>
  void ListReviews(Fill fill) {
    Ask<v1::ListReviewsRequest>([&](auto& request) {
      request.set_parent(Parent());
      request.set_order_by(dice_.Of(ReviewOrders()));
      request.set_page_size(dice_.OneIn(3) ? 3 : 1000);
      fill(request);
    });
  }

  template <typename Record, typename GetRequest, typename ListRequest>
  void LookAtRecords() {
    Board::Knowledge known;  // for what filters may compare with
    for (const Record* record : project_.Newest().All<Record>()) {
      known.records[record->name()] = CopyOf(*record);
      Ask<GetRequest>([&](auto& request) { request.set_name(record->name()); });
    }
    for (int i = 0; i < kListsAsked; ++i) {
      Ask<ListRequest>([&](auto& request) {
        request.set_parent(Parent());
        if (i > 0) request.set_filter(AnyFilter(dice_, known, *Record::descriptor()));
        request.set_order_by(AnyOrder(dice_, *Record::descriptor()));
        request.set_page_size(dice_.OneIn(3) ? 3 : 1000);
      });
    }
  }

  void LookAtRegisters() {
    for (const Register& entries : Registers()) {
      const std::vector<EntryFilter> filters = EntryFilters(entries.collection);
      ListEntries(entries, "", false);
      for (int i = 0; i < kListsAsked; ++i) ListEntries(entries, dice_.Of(filters).text, dice_.OneIn(3));
      Ask<v1::ExportTableRequest>([&](auto& request) { request.set_parent(Parent() + "/" + entries.collection); });
      const auto all = project_.Newest().All(entries.type);
      for (int i = 0; i < kEntriesAsked && !all.empty(); ++i) {
        const std::string name = Text(*dice_.Of(all), "name");
        Ask<v1::GetEntryRequest>([&](auto& request) { request.set_name(name); });
        Ask<v1::ListEntryRevisionsRequest>([&](auto& request) {
          request.set_name(name);
          request.set_page_size(1000);
        });
      }
    }
  }

  void ListEntries(const Register& entries, const std::string& filter, bool late) {
    Ask<v1::ListEntriesRequest>([&](auto& request) {
      request.set_parent(Parent() + "/" + entries.collection);
      request.set_filter(filter);
      request.set_order_by(dice_.Of(EntryOrders(entries)));
      request.set_late(late);
      request.set_page_size(dice_.OneIn(3) ? 3 : 1000);
    });
  }

  void List(const std::string& filter, const std::string& order) {
    Ask<v1::ListDocumentsRequest>([&](auto& request) {
      request.set_parent(Parent());
      request.set_filter(filter);
      request.set_order_by(order);
      request.set_page_size(dice_.OneIn(3) ? 7 : 1000);
    });
  }

  Caller& caller_;
  Dice& dice_;
  const ProjectModel& project_;
  v1::AsOf as_of_;
  std::vector<Call> calls_;
};

}  // namespace

std::vector<Call> Audit(Caller& caller, Dice& dice, const ProjectModel& project, int moments) {
  Auditor auditor(caller, dice, project);
  auditor.Look({});
  for (int i = 0; i < moments; ++i) {
    const std::int64_t sequence = 1 + dice.Below(project.sequence());
    v1::AsOf as_of;
    const auto baselines = project.Newest().All<v1::Baseline>();
    if (!baselines.empty() && dice.OneIn(3)) {
      as_of.set_baseline(dice.Of(baselines)->name());
    } else if (dice.OneIn(3)) {
      *as_of.mutable_time() = project.change(sequence).effective_time();
    } else {
      as_of.set_sequence(sequence);
    }
    auditor.Look(as_of);
  }
  auditor.LookAtLocks();
  auditor.LookAtHistory();
  auditor.LookAtBaselines();
  return auditor.TakeCalls();
}

}  // namespace greffe::model
