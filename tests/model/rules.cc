#include "tests/model/rules.h"

#include "greffe/v1/locks.pb.h"
#include "tests/model/table_answers.h"

namespace greffe::model {

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
  return rule->second(moment, request, call.caller, made);
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
  return rules;
}

}  // namespace greffe::model
