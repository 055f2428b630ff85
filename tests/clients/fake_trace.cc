// The fake's links.
#include "clients/cpp/checksums.h"
#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

class FakeTrace : public v1::Trace::Service {
 public:
  explicit FakeTrace(FakeState& state) : state_(state) {}

  // Two links a page. A token goes with the request that it came from, as a server's does.
  grpc::Status ListLinks(grpc::ServerContext* context, const v1::ListLinksRequest* request,
                         v1::ListLinksResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ListLinks");
    if (!begun.ok()) return begun;
    state_.link_listings.push_back(*request);
    v1::ListLinksRequest alike = *request;
    alike.clear_page_token();
    const std::string mark = ":" + Sha256Of(alike.SerializeAsString());
    std::size_t at = 0;
    if (const std::string& token = request->page_token(); !token.empty()) {
      const std::size_t end = token.find(':');
      if (token.substr(end) != mark) {
        return ServerError(grpc::StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", "of another request");
      }
      at = std::stoul(token.substr(0, end));
    }
    for (int i = 0; i < 2 && at < state_.links.size(); ++i) *response->add_links() = state_.links[at++];
    if (at < state_.links.size()) response->set_next_page_token(std::to_string(at) + mark);
    response->set_sequence(state_.sequence);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeTrace(FakeState& state) { return std::make_unique<FakeTrace>(state); }

}  // namespace greffe::client
