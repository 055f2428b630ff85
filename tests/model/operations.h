// The calls that clients make, at random; bad ones among them. A new kind of resource adds its own to the table.
#pragma once

#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "tests/model/board.h"

namespace greffe::model {

using Request = std::shared_ptr<google::protobuf::Message>;

// A call on the project; `request_id` for a write that is not a repetition.
Request AnyRequest(Dice& dice, const Board::Knowledge& known, const std::string& request_id);
// The first write of a project.
Request NewProject(Dice& dice, const std::string& project, const std::string& request_id);

}  // namespace greffe::model
