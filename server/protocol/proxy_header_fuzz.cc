// Any octets: a header is complete or not whatever follows it, and it is never longer than what came.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/protocol/proxy_header.h"

using nats::protocol::ProxyHeader;
using nats::protocol::read_proxy_header;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string in(reinterpret_cast<const char*>(data), size);
  const ProxyHeader whole = read_proxy_header(in);
  if (whole.size > in.size()) std::abort();
  if (whole.kind == ProxyHeader::Kind::malformed && whole.problem.empty()) std::abort();
  if (whole.kind == ProxyHeader::Kind::incomplete) {
    if (nats::protocol::broken_proxy_header_text(in, "").empty()) std::abort();
    return 0;
  }
  const ProxyHeader longer = read_proxy_header(in + "PING\r\n");
  if (longer.kind != whole.kind || longer.size != whole.size || longer.host != whole.host) std::abort();
  if (whole.kind == ProxyHeader::Kind::proxied || whole.kind == ProxyHeader::Kind::local) {
    const ProxyHeader shorter = read_proxy_header(in.substr(0, whole.size - 1));
    if (shorter.kind != ProxyHeader::Kind::incomplete) std::abort();
    if (read_proxy_header(in.substr(0, whole.size)).host != whole.host) std::abort();
  }
  return 0;
}
