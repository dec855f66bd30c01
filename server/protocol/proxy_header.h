// The header that a proxy puts before a client's octets: PROXY protocol, versions 1 (a line) and 2 (binary).
// Texts of errors are the reference's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/bytes.h"

namespace nats::protocol {

struct ProxyHeader {
  enum class Kind : std::uint8_t {
    incomplete,
    absent,     // the octets are the client's own
    local,      // the proxy speaks for itself
    proxied,    // for `host` and `port`
    malformed,  // see `problem`
  };

  Kind kind = Kind::incomplete;
  std::size_t size = 0;  // what belongs to it, once it is complete
  std::string host;
  std::uint16_t port = 0;
  std::string problem;
};

// `in`: all that came so far.
ProxyHeader read_proxy_header(Bytes in);

// What is said where no more comes of an incomplete one. `reason`: why, "" when the peer just ended.
std::string broken_proxy_header_text(Bytes in, std::string_view reason);

}  // namespace nats::protocol
