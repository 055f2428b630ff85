// One POST to a receiver that nobody vouches for.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/webhooks.pb.h"

namespace greffe {

struct PostOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000};  // for all of it
  bool allow_private = false;                 // addresses of private networks, and all of this machine
};

// INVALID_ARGUMENT (URL_INVALID) naming `field`: not http or https, no host, with user or password, above 2,000
// characters.
absl::Status ValidateUrl(const std::string& url, const std::string& field);

// Made for a multi handle, by its thread. Follows no redirect, uses no proxy, checks the address that it connects to
// (whatever the name said before), keeps no connection, and reads little of what comes back. Link-local addresses, and
// those where clouds answer about their machines, are never connected to.
class Post {
 public:
  Post(const PostOptions& options, const std::string& url, const std::vector<std::string>& headers, std::string body);
  ~Post();
  Post(const Post&) = delete;
  Post& operator=(const Post&) = delete;

  CURL* handle() const { return handle_.get(); }

  // What became of it once the transfer is over with `result`; nullopt: it was received. Without a time.
  std::optional<v1::DeliveryAttempt> Outcome(CURLcode result) const;

 private:
  static std::size_t TakeHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t TakeBody(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t OpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  const bool allow_private_;
  const std::string body_;
  std::unique_ptr<CURL, void (*)(CURL*)> handle_{nullptr, curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, curl_slist_free_all};
  char error_[CURL_ERROR_SIZE] = "";
  std::string refusal_;  // why the latest address was not connected to
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool body_cut_ = false;
};

}  // namespace greffe
