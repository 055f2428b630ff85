// What the people of the story are told, as they see it in their inboxes.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace greffe {

class Inboxes {
 public:
  // "person KIND collection/id [due date]" of each thing that they have been told since the call before, in the order
  // of those texts. Waits until as many as `expected` has for each person have come; what comes beyond them is in this
  // answer or in the next. Left out is what may be done before the server looks: what is due of a deliverable that its
  // acceptor has got, of a checklist's run.
  std::vector<std::string> News(const std::shared_ptr<grpc::Channel>& channel,
                                const std::vector<std::string>& expected);

 private:
  std::map<std::string, std::string> cursors_;  // by person: how far it has been read
};

}  // namespace greffe
