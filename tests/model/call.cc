#include "tests/model/call.h"

#include "clients/cpp/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace greffe::model {

std::string RefusalOf(const absl::Status& status) {
  if (status.ok()) return "";
  return absl::StatusCodeToString(status.code()) + " " + client::ReasonOf(status);
}

namespace {

// Contents can be long.
std::string Shortened(const google::protobuf::Message& message) {
  const std::string text = message.ShortDebugString();
  return text.size() <= 1200 ? text : text.substr(0, 1000) + " [...] " + text.substr(text.size() - 200);
}

}  // namespace

std::string Describe(const Call& call) {
  return "in " + call.project + " by " + call.caller + ": " + call.request->GetDescriptor()->name() + " {" +
         Shortened(*call.request) + "} was answered with " +
         (call.status.ok() ? Shortened(*call.answer) : RefusalOf(call.status) + ": " + call.status.ToString());
}

std::string BytesOf(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string RequestIdOf(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

std::string FingerprintOf(const Call& call) {
  const google::protobuf::Message& request = *call.request;
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr) rest->GetReflection()->ClearField(rest.get(), field);
  return call.caller + "\n" + request.GetTypeName() + "\n" + BytesOf(*rest);
}

}  // namespace greffe::model
