#include "tests/model/rules.h"

#include "greffe/v1/locks.pb.h"
#include "tests/model/link_states.h"
#include "tests/model/table_answers.h"

namespace greffe::model {
namespace {

// Whether the request asks about what a baseline froze.
bool IsOfBaseline(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("as_of");
  return field != nullptr &&
         dynamic_cast<const v1::AsOf&>(request.GetReflection()->GetMessage(request, field)).has_baseline();
}

}  // namespace

Expected Rules::Of(const Moment& moment, const Call& call, const Made* made) const {
  const google::protobuf::Message& request = *call.request;
  const auto rule = rules_.find(request.GetDescriptor()->full_name());
  if (rule == rules_.end()) return Expected::Refused({"no rule for " + request.GetDescriptor()->full_name()});
  const std::string request_id = RequestIdOf(request);
  if (const std::int64_t before = request_id.empty() ? 0 : moment.MadeBy(request_id); before > 0) {
    const Call& maker = moment.project().maker(before);
    Expected expected;
    if (FingerprintOf(call) != FingerprintOf(maker)) {
      // A request that is wrong by itself may be told so first.
      for (const std::string& refusal : rule->second(moment, request, call.caller, nullptr).refusals) {
        if (refusal.starts_with("INVALID_ARGUMENT ")) expected.refusals.insert(refusal);
      }
      expected.refusals.insert("INVALID_ARGUMENT REQUEST_ID_REUSED");
      return expected;
    }
    if (dynamic_cast<const v1::Lock*>(maker.answer.get()) != nullptr) return expected;  // it may be taken again by now
    expected.answer.reset(maker.answer->New());
    expected.answer->CopyFrom(*maker.answer);
    if (auto* import = dynamic_cast<v1::ImportTableResponse*>(expected.answer.get())) *import = AsReplayed(*import);
    return expected;
  }
  Expected expected = rule->second(moment, request, call.caller, made);
  if (made != nullptr) FollowLinks(moment, *made, expected);
  // Of what is not in a baseline it may be said what it is there.
  const bool is_missing = expected.refusals.contains("NOT_FOUND DOCUMENT_NOT_FOUND") ||
                          expected.refusals.contains("NOT_FOUND VERSION_NOT_FOUND");
  if (is_missing && IsOfBaseline(request)) expected.refusals.insert("NOT_FOUND NOT_IN_BASELINE");
  return expected;
}

Rules MakeRules() {
  Rules rules;
  AddWriteRules(rules);
  AddContentRules(rules);
  AddStateRules(rules);
  AddLockRules(rules);
  AddEntryRules(rules);
  AddTableRules(rules);
  AddReadRules(rules);
  AddReviewRules(rules);
  AddReviewReadRules(rules);
  AddMilestoneRules(rules);
  AddDeliverableRules(rules);
  AddAcceptanceRules(rules);
  AddPlanReadRules(rules);
  AddBaselineRules(rules);
  AddLinkRules(rules);
  AddTransmittalRules(rules);
  return rules;
}

}  // namespace greffe::model
