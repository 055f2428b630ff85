#include "services/webhooks/post.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "services/webhooks/reach.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxUrl = 2000;
constexpr std::size_t kMostHeaderBytes = 64 << 10;
constexpr std::size_t kMostBodyBytes = 16 << 10;
constexpr std::size_t kMostDescription = 500;

struct UrlPart {
  explicit UrlPart(CURLU* url, CURLUPart part) { curl_url_get(url, part, &text, 0); }
  ~UrlPart() { curl_free(text); }
  UrlPart(const UrlPart&) = delete;
  UrlPart& operator=(const UrlPart&) = delete;
  bool empty() const { return text == nullptr || *text == '\0'; }
  char* text = nullptr;
};

std::string AddressText(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const void* bytes = address.sa_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  ::inet_ntop(address.sa_family, bytes, text, sizeof text);
  return text;
}

const char* CurlReason(CURLcode result) {
  switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
      return "TIMEOUT";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_URL_MALFORMAT:
    case CURLE_SEND_ERROR:
      return "NOT_REACHED";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "TLS_FAILED";
    default:
      return "ANSWER_INVALID";
  }
}

}  // namespace

absl::Status ValidateUrl(const std::string& url, const std::string& field) {
  const auto invalid = [&](const std::string& rule) {
    return InvalidField(field, "URL_INVALID", QuotedValue(url) + ": " + rule);
  };
  if (url.size() > kMaxUrl) return invalid("is longer than 2,000 characters");
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return invalid("a URL is printable ASCII without spaces");
  }
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const bool is_url = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const UrlPart scheme(parsed.get(), CURLUPART_SCHEME);
  const bool web =
      !scheme.empty() && (std::string_view(scheme.text) == "http" || std::string_view(scheme.text) == "https");
  if (!is_url || !web || UrlPart(parsed.get(), CURLUPART_HOST).empty()) {
    return invalid("expected http://host/path or https://host/path");
  }
  if (!UrlPart(parsed.get(), CURLUPART_USER).empty() || !UrlPart(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return invalid("user and password have no place in it; the receiver knows the sender by the signature");
  }
  return absl::OkStatus();
}

Post::Post(const PostOptions& options, const std::string& url, const std::vector<std::string>& headers,
           std::string body)
    : allow_private_(options.allow_private), body_(std::move(body)) {
  handle_.reset(curl_easy_init());
  for (const std::string& header : headers) headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
  CURL* const curl = handle_.get();
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that hangs keeps its own thread waiting, not this one
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set(CURLOPT_USERAGENT, "greffe");
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  set(CURLOPT_POSTFIELDS, body_.c_str());
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_HEADERFUNCTION, &Post::TakeHeader);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Post::TakeBody);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Post::OpenSocket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_PRIVATE, this);
}

Post::~Post() = default;

std::size_t Post::TakeHeader(char*, std::size_t size, std::size_t count, void* self) {
  std::size_t& bytes = static_cast<Post*>(self)->header_bytes_;
  bytes += size * count;
  return bytes > kMostHeaderBytes ? 0 : size * count;
}

std::size_t Post::TakeBody(char*, std::size_t size, std::size_t count, void* self) {
  Post& post = *static_cast<Post*>(self);
  post.body_bytes_ += size * count;
  post.body_cut_ = post.body_bytes_ > kMostBodyBytes;
  return post.body_cut_ ? 0 : size * count;
}

curl_socket_t Post::OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  Post& post = *static_cast<Post*>(self);
  Reach reach = ReachOf(address->addr);
  if (reach == Reach::kPublic && !post.allow_private_) {
    const absl::StatusOr<bool> own = IsOfThisMachine(address->addr);
    if (!own.ok()) {
      post.refusal_ = std::string(own.status().message());
      return CURL_SOCKET_BAD;
    }
    if (*own) reach = Reach::kPrivate;
  }
  if (reach == Reach::kNever || (reach == Reach::kPrivate && !post.allow_private_)) {
    post.refusal_ =
        "'" + AddressText(address->addr) + "' is " +
        (reach == Reach::kNever ? "a link-local or metadata address" : "of a private network, or this machine");
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::optional<v1::DeliveryAttempt> Post::Outcome(CURLcode result) const {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  v1::DeliveryAttempt attempt;
  attempt.set_http_status(static_cast<std::int32_t>(status));
  // Of a body that is too long enough was read: the status has said it.
  const bool answered = result == CURLE_OK || (result == CURLE_WRITE_ERROR && body_cut_);
  std::string description;
  if (answered) {
    if (status >= 200 && status <= 299) return std::nullopt;
    description = "the receiver answered " + std::to_string(status);
    const bool redirected = status >= 300 && status <= 399;
    attempt.set_reason(redirected ? "REDIRECTED" : "STATUS");
    const char* location = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &location);
    if (redirected && location != nullptr) description += ", to '" + std::string(location) + "'";
  } else if (result == CURLE_COULDNT_CONNECT && !refusal_.empty()) {
    attempt.set_reason("ADDRESS_REFUSED");
    description = refusal_;
  } else {
    attempt.set_reason(CurlReason(result));
    description = error_[0] != '\0' ? error_ : curl_easy_strerror(result);
    if (header_bytes_ > kMostHeaderBytes) description = "the answer's headers are longer than 64 KiB";
  }
  attempt.set_description(PrintableUtf8(description.substr(0, kMostDescription)));
  return attempt;
}

}  // namespace greffe
