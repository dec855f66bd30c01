// IP addresses between our Endpoint and the kernel's sockaddr.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/sys/stream.h"

namespace nats::sys {

// Small enough to keep in every stream.
struct IpAddress {
  std::array<unsigned char, 16> bytes{};  // IPv4 in the first four
  std::uint32_t scope = 0;
  std::uint16_t port = 0;
  bool v6 = false;

  bool wildcard() const;
  Endpoint endpoint() const;
};

// What socket calls want.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const IpAddress& address);
// An IPv4 address that arrives mapped into IPv6 is given as IPv4.
IpAddress to_ip_address(const SocketAddress& address);

IpAddress local_address(int descriptor);
IpAddress remote_address(int descriptor);

// An address from its text, without asking anyone; false when `host` is a name.
bool parse_address(const Endpoint& endpoint, IpAddress& out);
// Asks the resolver and blocks. Never empty.
Result<std::vector<IpAddress>> resolve(const Endpoint& endpoint);

}  // namespace nats::sys
