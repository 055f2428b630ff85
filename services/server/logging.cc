#include "services/server/logging.h"

#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "google/protobuf/stubs/logging.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

// A line's message and its fields, which unit separators divide: services/call/call_log.cc.
constexpr char kSeparator = '\x1f';

// %J: the inside of a JSON object.
class JsonFields final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view all(line.payload.data(), line.payload.size());
    std::size_t end = std::min(all.find(kSeparator), all.size());
    Field("message", all.substr(0, end), out);
    while (end < all.size()) {
      const std::size_t begin = end + 1;
      end = std::min(all.find(kSeparator, begin), all.size());
      const std::string_view field = all.substr(begin, end - begin);
      const std::size_t equals = std::min(field.find('='), field.size() - 1);
      out.push_back(',');
      Field(field.substr(0, equals), field.substr(equals + 1), out);
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonFields>(); }

 private:
  static void Field(std::string_view name, std::string_view value, spdlog::memory_buf_t& out) {
    out.push_back('"');
    Text(name, out);
    for (const char c : {'"', ':', '"'}) out.push_back(c);
    Text(value, out);
    out.push_back('"');
  }
  static void Text(std::string_view text, spdlog::memory_buf_t& out) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (!IsUtf8(text)) return Text(PrintableUtf8(text), out);  // names of files, words of gRPC's
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        for (const char escape : {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]}) out.push_back(escape);
      } else {
        out.push_back(c);
      }
    }
  }
};

// %J: the message, then the fields after a space each; control characters as spaces, so that a line stays one.
class TextFields final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const char c : line.payload) out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<TextFields>(); }
};

template <typename Fields>
std::unique_ptr<spdlog::formatter> FormatterOf(const char* pattern) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<Fields>('J').set_pattern(pattern);
  return formatter;
}

// protobuf would write about requests that it cannot parse; their answers say so.
void DropProtobufLine(google::protobuf::LogLevel, const char*, int, const std::string&) {}

// gRPC's own words (a port that is taken, a connection that broke) matter where nothing else explains.
void LogForGrpc(gpr_log_func_args* line) { spdlog::debug("gRPC: {}", line->message); }

}  // namespace

void StartLogging(const std::string& format, const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("greffed", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(format == "json"
                            ? FormatterOf<JsonFields>(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%J})")
                            : FormatterOf<TextFields>("%Y-%m-%dT%H:%M:%S.%eZ %l %J"));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  google::protobuf::SetLogHandler(&DropProtobufLine);
  gpr_set_log_function(&LogForGrpc);
}

}  // namespace greffe
