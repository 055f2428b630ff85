#include "tests/model/baseline_operations.h"

#include "greffe/v1/baselines.pb.h"
#include "tests/model/any_records.h"
#include "tests/model/field_filters.h"

namespace greffe::model {
namespace {

std::string AnyBaseline(Dice& dice, const Knowledge& known) {
  return AnyRecordName<v1::Baseline>(dice, known, "baselines/none", [](const v1::Baseline&) { return true; });
}

void AnyScope(Dice& dice, const Knowledge& known, v1::BaselineScope& scope) {
  static const std::vector<std::string> folders = {"b", "n", "n/3", "o/p", "O", "k", "acceptance"};
  switch (dice.Below(4)) {
    case 0:
      scope.set_folder(dice.OneIn(20) ? "../escaped" : dice.Of(folders));
      break;
    case 1:
      scope.set_type(dice.OneIn(20) ? "unheard-of" : AnyFields(dice).type());
      break;
    default: {
      // Most often some that have a version.
      const std::vector<std::string> latest = known.LatestIn(v1::VERSION_STATE_DRAFT);
      for (std::int64_t count = dice.OneIn(30) ? 0 : 1 + dice.Below(3); count > 0; --count) {
        const std::string version = latest.empty() || dice.OneIn(6) ? AnyVersionName(dice, known) : dice.Of(latest);
        scope.mutable_list()->add_documents(version.substr(0, version.rfind('/', version.rfind('/') - 1)));
      }
      if (dice.OneIn(60)) scope.mutable_list()->add_documents("projects/elsewhere/documents/REC-0001");
      scope.mutable_list();
    }
  }
}

}  // namespace

Request CreateBaseline(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::CreateBaselineRequest>();
  request->set_parent(Parent(known));
  // Some want the same one.
  request->set_baseline_id(dice.OneIn(40) ? (dice.OneIn(2) ? "a.lock" : "not an id")
                                          : "b" + std::to_string(1000 + known.sequence / 3 + dice.Below(3)));
  v1::Baseline& baseline = *request->mutable_baseline();
  if (dice.OneIn(2)) baseline.set_title("Title " + std::to_string(dice.Below(4)));
  if (dice.OneIn(2)) baseline.set_kind(dice.OneIn(30) ? "Design" : dice.OneIn(2) ? "design" : "stage-2");
  baseline.set_reason(dice.OneIn(40) ? "" : "Reason " + std::to_string(dice.Below(4)));
  if (dice.OneIn(2)) AnyScope(dice, known, *baseline.mutable_scope());
  baseline.set_selection(static_cast<v1::BaselineSelection>(dice.Below(3)));
  if (dice.OneIn(4)) *request->mutable_as_of() = AnyMoment(dice, known);
  if (dice.OneIn(10)) {  // which the server alone sets
    baseline.set_frozen_sequence(1);
    baseline.set_document_count(7);
    baseline.add_documents()->set_number("REC-0001");
  }
  return request;
}

Request GetBaseline(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetBaselineRequest>();
  request->set_name(AnyBaseline(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListBaselines(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListBaselinesRequest>();
  request->set_parent(Parent(known));
  request->set_filter(AnyFilter(dice, known, *v1::Baseline::descriptor()));
  request->set_order_by(AnyOrder(dice, *v1::Baseline::descriptor()));
  request->set_page_size(dice.OneIn(3) ? 1 + static_cast<int>(dice.Below(4)) : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListBaselineDocuments(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListBaselineDocumentsRequest>();
  request->set_parent(AnyBaseline(dice, known));
  request->set_page_size(dice.OneIn(3) ? 2 + static_cast<int>(dice.Below(4)) : 1000);
  return request;
}

Request CompareBaselines(Dice& dice, const Knowledge& known) {
  const auto compare = [&](auto request) {
    request->set_base(AnyBaseline(dice, known));
    if (dice.OneIn(2)) request->set_target(AnyBaseline(dice, known));
    request->set_page_size(dice.OneIn(3) ? 2 + static_cast<int>(dice.Below(4)) : 1000);
    return request;
  };
  if (dice.OneIn(2)) return compare(std::make_shared<v1::CompareBaselinesRequest>());
  static const std::vector<std::string> collections = {"deliverables", "milestones", "actions", "versions", "reviews"};
  auto request = compare(std::make_shared<v1::CompareBaselineRecordsRequest>());
  for (std::int64_t count = dice.Below(3); count > 0; --count) request->add_collections(dice.Of(collections));
  if (dice.OneIn(40)) request->add_collections("unheard-of");
  return request;
}

}  // namespace greffe::model
