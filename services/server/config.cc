#include "services/server/config.h"

#include <arpa/inet.h>
#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <sstream>

#include "services/imports/import_stream.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

// One setting under its key in the file ("store.pack_delay_ms"), its flag (--store-pack-delay-ms) and its variable
// (GREFFE_STORE_PACK_DELAY_MS).
struct Setting {
  std::string key;
  std::string description;
  std::function<bool(const std::string&)> set;  // false: not a value of its kind
  std::function<std::string()> get;             // as TOML
};

std::string Quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

class Settings {
 public:
  explicit Settings(ServerConfig& c) {
    Text("data", "data directory", c.data);
    Text("listen", "host:port to listen on; loopback, or unix:PATH", c.listen);
    Optional("port_file", "file that gets the port once the server listens", c.port_file);
    Text("log.level", "debug, info, warn or error", c.log_level);
    Text("log.format", "text or json", c.log_format);
    Number("server.pool_threads", "threads for what waits for the disk", c.pool_threads, 1, 256);
    Number("server.pool_queue", "calls that may wait for them", c.pool_queue, 1, 1'000'000);
    Number("server.max_concurrent_streams", "calls at one time on one connection", c.max_concurrent_streams, 1,
           100'000);
    Number("server.max_connections_memory_mib", "MiB for gRPC's buffers of all connections",
           c.max_connections_memory_mib, 16, 1 << 20);
    Number("server.max_metadata_bytes", "bytes of a call's metadata", c.max_metadata_bytes, 1024, 1 << 20);
    Number("server.idle_seconds", "seconds after which a connection without calls is closed", c.idle_seconds, 1,
           std::numeric_limits<int>::max() / 1000);  // gRPC takes milliseconds
    Number("server.stop_seconds", "seconds for calls under way when the server stops", c.stop_seconds, 0, 3600);
    Number("limits.message_bytes", "bytes of one message", c.limits.message_bytes, 4 << 20, 64 << 20);
    Number("limits.stream_bytes",
           "bytes that uploads, downloads, imports, exports and watches under way hold in memory; above it more are "
           "refused",
           c.limits.stream_bytes, 128 << 20, std::int64_t{1} << 40);
    Number("limits.stall_seconds",
           "seconds that such a stream waits for its caller to read or to send more; then it is ended, after a minute "
           "where others need its memory",
           c.limits.stall_seconds, 1, 24 * 3600);
    Number("limits.diff_bytes", "bytes of a text that is compared, and of the difference", c.limits.diff_bytes, 0,
           64 << 20);
    Number("limits.page_token_hours", "hours that a page token is valid", page_token_hours_, 1, 24 * 365);
    TemplateLimits& t = c.limits.templates;
    Number("templates.text_bytes", "bytes of a template that is text, and of what is made of it", t.text_bytes, 0,
           64 << 20);
    Number("templates.file_bytes", "bytes of a template that is a docx or xlsx, and of what is made of it",
           t.file_bytes, 0, 256 << 20);
    Number("templates.entries", "files inside a docx or xlsx", t.entries, 1, 65'535);
    Number("templates.unpacked_bytes", "bytes of all files inside it, unpacked", t.unpacked_bytes, 1,
           std::int64_t{1} << 34);
    Number("templates.ratio", "unpacked to packed bytes of a file inside it that is above 1 MiB", t.ratio, 1, 100'000);
    Number("templates.xml_bytes", "bytes of the files inside it that fields are looked for in, before and after",
           t.xml_bytes, 1, 256 << 20);
    Number("templates.xml_depth", "elements inside each other in such a file", t.xml_depth, 8, 100'000);
    Number("store.committers", "threads that make commits; small ones as many as there are processors",
           c.store.committers, 1, 64);
    Number("store.group_commits", "writes that share one sync", c.store.group_commits, 1, 10'000);
    Number("store.quick_append_us",
           "microseconds that the last sync took at most where a write that comes alone is done by the thread that "
           "brings it",
           quick_append_us_, 0, 1'000'000);
    Number("store.queue_bytes", "bytes of requests and their content that may wait to be written", c.store.queue_bytes,
           1 << 20, std::int64_t{1} << 40);
    Number("store.pack_delay_ms", "milliseconds that repositories on disk may trail", pack_delay_ms_, 1, 3'600'000);
    Number("store.pack_bytes", "unpacked bytes of a project that are packed at once", c.store.pack_bytes, 1 << 20,
           std::int64_t{1} << 34);
    Number("store.open_repositories", "repositories kept open", c.store.open_repositories, 1, 100'000);
    Number("store.reserve_bytes", "free bytes on disk below which writes are refused", c.store.reserve_bytes, 0,
           std::int64_t{1} << 50);
    Number("store.index_cache_bytes", "bytes of the index's cache", c.store.index_cache_bytes, 1 << 20,
           std::int64_t{1} << 40);
    Number("uploads.max_size", "bytes of the largest upload", c.store.uploads.max_size, 1, std::int64_t{1} << 50);
    Number("uploads.max_sessions", "uploads open at one time; of one project half as many",
           c.store.uploads.max_sessions, 1, 1'000'000);
    Number("uploads.max_age_hours", "hours after which an unfinished or unused upload is removed", upload_age_hours_, 1,
           24 * 365);
    Number("scrub.bytes_per_second", "bytes a second that the check of stored data reads at most; 0: no check",
           c.store.scrub.bytes_per_second, 0, std::int64_t{1} << 40);
    Number("scrub.pause_hours", "hours from the end of a check of all data to the next one", scrub_pause_hours_, 0,
           24 * 365);
    Number("notify.sweep_seconds", "seconds between two looks at what is due, overdue, or about to end",
           notify_sweep_seconds_, 1, 86'400);
    Number("notify.append_bytes",
           "bytes of notifications, with their deliveries to webhooks, that are written at once; one at least",
           c.notify.append_bytes, 1, 64 << 20);
    Number("notify.keep_count", "notifications kept for a person; above it the oldest go, read or not",
           c.store.inbox.count, 1, 10'000'000);
    Number("notify.keep_days", "days that a notification is kept", c.store.inbox.days, 1, 36'500);
    Number("webhooks.connect_timeout_ms", "milliseconds for the connection to a webhook's receiver",
           webhook_connect_ms_, 1, 600'000);
    Number("webhooks.timeout_ms", "milliseconds for a whole attempt to deliver", webhook_timeout_ms_, 1, 600'000);
    Number("webhooks.attempts", "attempts until a delivery is a dead letter", c.webhooks.attempts, 1, 1000);
    Number("webhooks.first_retry_ms", "milliseconds after a first failed attempt; four times as long each time after",
           webhook_first_retry_ms_, 1, 86'400'000);
    Number("webhooks.longest_retry_seconds", "seconds between two attempts at most", webhook_longest_retry_seconds_, 1,
           7 * 86'400);
    Number("webhooks.allow_private_addresses",
           "1: receivers may be in private networks and on this machine; link-local ones are always refused",
           webhook_private_, 0, 1);
    Number("webhooks.max_count", "webhooks of the server", c.store.outbox.webhooks, 0, 100'000);
    Number("webhooks.keep_count",
           "deliveries that wait and dead letters kept for a webhook; above it the oldest go, dead letters first",
           c.store.outbox.deliveries, 1, 10'000'000);
    Number("webhooks.keep_days", "days that a dead letter is kept", c.store.outbox.dead_days, 1, 36'500);
  }

  std::vector<Setting>& all() { return settings_; }

  void Finish(ServerConfig& c) const {
    c.limits.page_token_age = Micros{page_token_hours_} * 3600 * 1'000'000;
    c.store.pack_delay = std::chrono::milliseconds(pack_delay_ms_);
    c.store.quick_append = std::chrono::microseconds(quick_append_us_);
    c.store.uploads.max_age = Micros{upload_age_hours_} * 3600 * 1'000'000;
    c.store.scrub.pause = std::chrono::hours(scrub_pause_hours_);
    c.notify.sweep = std::chrono::seconds(notify_sweep_seconds_);
    c.webhooks.connect_timeout = std::chrono::milliseconds(webhook_connect_ms_);
    c.webhooks.timeout = std::chrono::milliseconds(webhook_timeout_ms_);
    c.webhooks.first_retry = std::chrono::milliseconds(webhook_first_retry_ms_);
    c.webhooks.longest_retry = std::chrono::seconds(webhook_longest_retry_seconds_);
    c.webhooks.allow_private = webhook_private_ == 1;
    c.store.directory = c.data;
  }

 private:
  void Text(std::string key, std::string description, std::string& target) {
    settings_.push_back({std::move(key), std::move(description),
                         [&target](const std::string& value) {
                           target = value;
                           return !value.empty();
                         },
                         [&target] { return Quoted(target); }});
  }

  // A text that may be empty.
  void Optional(std::string key, std::string description, std::string& target) {
    Text(std::move(key), std::move(description), target);
    settings_.back().set = [&target](const std::string& value) {
      target = value;
      return true;
    };
  }

  template <typename Integer>
  void Number(std::string key, std::string description, Integer& target, std::int64_t minimum, std::int64_t maximum) {
    description += " (" + std::to_string(minimum) + " to " + std::to_string(maximum) + ")";
    settings_.push_back({std::move(key), std::move(description),
                         [&target, minimum, maximum](const std::string& value) {
                           char* end = nullptr;
                           const long long number = std::strtoll(value.c_str(), &end, 10);
                           if (value.empty() || *end != '\0' || number < minimum || number > maximum) return false;
                           target = static_cast<Integer>(number);
                           return true;
                         },
                         [&target] { return std::to_string(target); }});
  }

  int page_token_hours_ = 24;
  int pack_delay_ms_ = 3000;
  int quick_append_us_ = 1000;
  int upload_age_hours_ = 24 * 7;
  int scrub_pause_hours_ = 24 * 7;
  int notify_sweep_seconds_ = 60;
  int webhook_connect_ms_ = 5'000;
  int webhook_timeout_ms_ = 15'000;
  int webhook_first_retry_ms_ = 5'000;
  int webhook_longest_retry_seconds_ = 6 * 3600;
  int webhook_private_ = 0;
  std::vector<Setting> settings_;
};

std::string FlagOf(std::string key) {
  for (char& c : key) c = c == '.' || c == '_' ? '-' : c;
  return "--" + key;
}

std::string VariableOf(std::string key) {
  for (char& c : key) c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "GREFFE_" + key;
}

absl::Status Set(const Setting& setting, const std::string& value, const std::string& place) {
  if (setting.set(value)) return absl::OkStatus();
  return InvalidField(place, "CONFIG_INVALID", "'" + value + "': expected " + setting.description);
}

absl::Status ReadTable(const toml::table& table, const std::string& prefix, const std::string& path,
                       std::vector<Setting>& settings) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      GREFFE_RETURN_IF_ERROR(ReadTable(*inner, name + ".", path, settings));
      continue;
    }
    const auto setting =
        std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.key == name; });
    if (setting == settings.end()) {
      return InvalidField(
          name, "CONFIG_INVALID",
          "'" + path + "' has it in line " + std::to_string(node.source().begin.line) + "; there is no such key");
    }
    std::string value;
    if (const auto* text = node.as_string()) {
      value = text->get();
    } else if (const auto* number = node.as_integer()) {
      value = std::to_string(number->get());
    } else {
      return InvalidField(name, "CONFIG_INVALID", "is neither text nor an integer");
    }
    GREFFE_RETURN_IF_ERROR(Set(*setting, value, name));
  }
  return absl::OkStatus();
}

absl::Status ReadFile(const std::string& path, std::vector<Setting>& settings) {
  // Of a folder, on some file systems, the parser reads nothing and finds nothing wrong.
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return InvalidField("config", "CONFIG_INVALID", "'" + path + "' is no regular file");
  }
  try {
    return ReadTable(toml::parse_file(path), "", path, settings);
  } catch (const toml::parse_error& error) {
    return InvalidField(
        "config", "CONFIG_INVALID",
        "'" + path + "' line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
}

}  // namespace

absl::StatusOr<ServerConfig> ReadServerConfig(int argc, char** argv, std::string& help) {
  ServerConfig config;
  Settings settings(config);
  CLI::App app("greffed: the Greffe document server", "greffed");
  std::string file;
  bool print = false;
  app.add_option("--config", file, "configuration file (TOML); also GREFFE_CONFIG");
  app.add_flag("--print-config", print, "print the configuration that results, and end");
  app.set_version_flag("--version", GREFFE_VERSION);
  std::vector<std::pair<const Setting*, std::unique_ptr<std::string>>> flags;
  std::vector<CLI::Option*> options;
  for (const Setting& setting : settings.all()) {
    flags.emplace_back(&setting, std::make_unique<std::string>());
    options.push_back(app.add_option(FlagOf(setting.key), *flags.back().second,
                                     setting.description + "; also " + VariableOf(setting.key)));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    std::ostringstream out;
    app.exit(asked, out, out);
    help = out.str();
    return config;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  if (file.empty() && std::getenv("GREFFE_CONFIG") != nullptr) file = std::getenv("GREFFE_CONFIG");
  if (!file.empty()) GREFFE_RETURN_IF_ERROR(ReadFile(file, settings.all()));
  for (const Setting& setting : settings.all()) {
    const char* value = std::getenv(VariableOf(setting.key).c_str());
    if (value != nullptr) GREFFE_RETURN_IF_ERROR(Set(setting, value, VariableOf(setting.key)));
  }
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (options[i]->count() > 0)
      GREFFE_RETURN_IF_ERROR(Set(*flags[i].first, *flags[i].second, FlagOf(flags[i].first->key)));
  }
  settings.Finish(config);
  if (config.log_level != "debug" && config.log_level != "info" && config.log_level != "warn" &&
      config.log_level != "error") {
    return InvalidField("log.level", "CONFIG_INVALID",
                        "'" + config.log_level + "': expected debug, info, warn or error");
  }
  if (config.log_format != "text" && config.log_format != "json") {
    return InvalidField("log.format", "CONFIG_INVALID", "'" + config.log_format + "': expected text or json");
  }
  if (const std::int64_t least = LeastImportMemory(config.limits); config.limits.stream_bytes < least) {
    return InvalidField("limits.stream_bytes", "CONFIG_INVALID",
                        "'" + std::to_string(config.limits.stream_bytes) + "': with limits.message_bytes of " +
                            std::to_string(config.limits.message_bytes) + " an import needs " + std::to_string(least));
  }
  GREFFE_RETURN_IF_ERROR(CheckListenAddress(config.listen));
  if (print) {
    std::string section;
    for (const Setting& setting : settings.all()) {
      const std::size_t dot = setting.key.find('.');
      const std::string own = dot == std::string::npos ? "" : setting.key.substr(0, dot);
      if (own != section) help += "\n[" + own + "]\n";
      section = own;
      help += "# " + setting.description + "\n" + setting.key.substr(dot == std::string::npos ? 0 : dot + 1) + " = " +
              setting.get() + "\n";
    }
  }
  return config;
}

absl::Status CheckListenAddress(const std::string& listen) {
  if (listen.starts_with("unix:")) return absl::OkStatus();
  const std::size_t colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  char* end = nullptr;
  const long number = std::strtol(port.c_str(), &end, 10);
  if (port.empty() || *end != '\0' || number < 0 || number > 65535) {
    return InvalidField("listen", "CONFIG_INVALID", "'" + listen + "': expected host:port, such as 127.0.0.1:7433");
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  in_addr four{};
  in6_addr six{};
  const bool loopback = host == "localhost" ||
                        (::inet_pton(AF_INET, host.c_str(), &four) == 1 && (ntohl(four.s_addr) >> 24) == 127) ||
                        (::inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
  if (loopback) return absl::OkStatus();
  return Error(
      absl::StatusCode::kFailedPrecondition, "LISTEN_NOT_LOOPBACK",
      "listen '" + listen +
          "': others could reach this address, and this version has no authentication; use 127.0.0.1, [::1] or "
          "unix:PATH");
}

}  // namespace greffe
