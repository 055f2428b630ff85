// One stream into an upload.
#pragma once

#include <memory>

#include "storage/store/upload_sessions.h"

namespace greffe {

// Of a session that the caller made busy; it is free again when the writer is gone. `state` outlives it.
std::unique_ptr<Uploads::Writer> NewUploadWriter(Uploads::State& state, Uploads::State::Key key,
                                                 std::shared_ptr<Uploads::State::Session> session);

}  // namespace greffe
