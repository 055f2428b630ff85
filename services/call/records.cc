#include "services/call/records.h"

#include <cstdlib>

namespace greffe {

int RepeatedFieldOf(const google::protobuf::Descriptor& message, const google::protobuf::Descriptor& type) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->is_repeated() && message.field(i)->message_type() == &type) return message.field(i)->number();
  }
  std::abort();
}

}  // namespace greffe
