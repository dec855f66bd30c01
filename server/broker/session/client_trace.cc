#include "server/broker/session/client_trace.h"

#include "server/config/options.h"
#include "server/gojson/go_quote.h"

namespace nats::broker {
namespace {

constexpr std::size_t crlf_bytes = 2;

}  // namespace

std::string traced_payload(const config::Options& options, Bytes data, std::int64_t header_size) {
  std::size_t end = crlf_bytes;
  if (options.trace_headers) {
    if (header_size <= 0 || data.size() < static_cast<std::size_t>(header_size)) return {};
    data = data.substr(0, static_cast<std::size_t>(header_size));
    end += crlf_bytes;
  }
  if (data.size() <= end) return {};
  std::size_t size = data.size() - end;
  std::size_t traced_max = static_cast<std::size_t>(options.max_traced_msg_len);
  if (traced_max == 0 || size <= traced_max) return gojson::go_quote(data.substr(0, size));
  std::string quoted = gojson::go_quote(data.substr(0, traced_max));
  quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

}  // namespace nats::broker
