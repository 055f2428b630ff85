// What each call must be answered at a moment: a function a request type, which reads the moment and nothing else. A
// new kind of resource brings a file of rules, and registers them in MakeRules.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "tests/model/project_model.h"

namespace greffe::model {

// What the model says of a call.
struct Expected {
  std::set<std::string> refusals;  // not empty: refused for one of these; which comes first is the server's affair
  std::shared_ptr<google::protobuf::Message> answer;  // nullptr, where it is not refused: for others to judge
  std::vector<v1::ChangeEntry> entries;               // not empty: makes a commit, with these
  std::vector<Put> puts;                              // of that commit

  static Expected Refused(std::set<std::string> refusals) { return {std::move(refusals), nullptr, {}, {}}; }
};

// The commit that a write made, for what only the server can know: times, commit ids, what a project begins with.
struct Made {
  const v1::Change& change;
  const google::protobuf::Message& answer;
};

class Rules {
 public:
  // `made` is nullptr where it is asked what the call would do: an answer that needs a commit may then be incomplete.
  template <typename Request>
  using Rule = std::function<Expected(const Moment&, const Request&, const Made* made)>;

  template <typename Request>
  void Add(Rule<Request> rule) {
    AddByCaller<Request>([rule = std::move(rule)](const Moment& moment, const Request& request, const std::string&,
                                                  const Made* made) { return rule(moment, request, made); });
  }

  // Of what depends on who asks: a principal id.
  template <typename Request>
  using CallersRule =
      std::function<Expected(const Moment&, const Request&, const std::string& caller, const Made* made)>;

  template <typename Request>
  void AddByCaller(CallersRule<Request> rule) {
    rules_[Request::descriptor()->full_name()] = [rule = std::move(rule)](const Moment& moment,
                                                                          const google::protobuf::Message& request,
                                                                          const std::string& caller, const Made* made) {
      return rule(moment, static_cast<const Request&>(request), caller, made);
    };
  }

  // What the call must be answered when it takes effect right after `moment`; one that made a commit up to there is
  // answered as then.
  Expected Of(const Moment& moment, const Call& call, const Made* made = nullptr) const;

 private:
  std::map<std::string, CallersRule<google::protobuf::Message>> rules_;
};

Rules MakeRules();
void AddWriteRules(Rules& rules);    // projects and documents
void AddContentRules(Rules& rules);  // check-ins, and what reads contents
void AddStateRules(Rules& rules);    // from draft to release
void AddLockRules(Rules& rules);
void AddEntryRules(Rules& rules);  // entries of registers
void AddTableRules(Rules& rules);  // the same as tables
void AddReadRules(Rules& rules);   // projects, documents, versions, changes
void AddReviewRules(Rules& rules);
void AddReviewReadRules(Rules& rules);
void AddMilestoneRules(Rules& rules);
void AddDeliverableRules(Rules& rules);
void AddAcceptanceRules(Rules& rules);  // from submission to acceptance
void AddPlanReadRules(Rules& rules);    // milestones and deliverables
void AddBaselineRules(Rules& rules);
void AddLinkRules(Rules& rules);
void AddTransmittalRules(Rules& rules);

}  // namespace greffe::model
