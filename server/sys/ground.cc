#include "server/sys/ground.h"

#include <cstring>

namespace nats::sys {

std::uint64_t Entropy::next_u64() {
  char bytes[sizeof(std::uint64_t)];
  fill(bytes);
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

std::string to_text(const Endpoint& endpoint) {
  std::string text;
  if (endpoint.host.find(':') != std::string::npos) {
    text = "[" + endpoint.host + "]";
  } else {
    text = endpoint.host;
  }
  return text + ":" + std::to_string(endpoint.port);
}

}  // namespace nats::sys
