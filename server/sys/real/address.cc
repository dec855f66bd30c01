#include "server/sys/real/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace nats::sys {

bool IpAddress::wildcard() const {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char byte) { return byte == 0; });
}

Endpoint IpAddress::endpoint() const {
  char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE] = {};
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, INET6_ADDRSTRLEN);
  if (scope != 0) {
    std::size_t length = std::strlen(text);
    text[length] = '%';
    if (!::if_indextoname(scope, text + length + 1)) text[length] = '\0';
  }
  return Endpoint{text, port};
}

SocketAddress to_socket_address(const IpAddress& address) {
  SocketAddress result;
  if (address.v6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(address.port);
    in.sin6_scope_id = address.scope;
    std::memcpy(&in.sin6_addr, address.bytes.data(), 16);
    std::memcpy(&result.storage, &in, sizeof(in));
    result.length = sizeof(in);
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.bytes.data(), 4);
    std::memcpy(&result.storage, &in, sizeof(in));
    result.length = sizeof(in);
  }
  return result;
}

IpAddress to_ip_address(const SocketAddress& address) {
  IpAddress result;
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &address.storage, sizeof(in));
    result.port = ntohs(in.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
      std::memcpy(result.bytes.data(), reinterpret_cast<const char*>(&in.sin6_addr) + 12, 4);
      return result;
    }
    result.v6 = true;
    result.scope = in.sin6_scope_id;
    std::memcpy(result.bytes.data(), &in.sin6_addr, 16);
  } else if (address.storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &address.storage, sizeof(in));
    result.port = ntohs(in.sin_port);
    std::memcpy(result.bytes.data(), &in.sin_addr, 4);
  }
  return result;
}

IpAddress local_address(int descriptor) {
  SocketAddress address;
  if (::getsockname(descriptor, address.get(), &address.length) != 0) return {};
  return to_ip_address(address);
}

IpAddress remote_address(int descriptor) {
  SocketAddress address;
  if (::getpeername(descriptor, address.get(), &address.length) != 0) return {};
  return to_ip_address(address);
}

bool parse_address(const Endpoint& endpoint, IpAddress& out) {
  out = {};
  out.port = endpoint.port;
  if (endpoint.host.empty()) {
    out.v6 = true;
    return true;
  }
  if (::inet_pton(AF_INET, endpoint.host.c_str(), out.bytes.data()) == 1) return true;
  out.v6 = true;
  std::string host = endpoint.host;
  if (std::size_t percent = host.find('%'); percent != std::string::npos) {
    out.scope = ::if_nametoindex(host.c_str() + percent + 1);
    host.resize(percent);
  }
  return ::inet_pton(AF_INET6, host.c_str(), out.bytes.data()) == 1;
}

namespace {

// " on 127.0.0.1:53": the Go resolver names the first server of resolv.conf.
std::string name_server_text() {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/resolv.conf", "re"), &std::fclose);
  char line[256];
  char address[128];
  while (file && std::fgets(line, sizeof(line), file.get())) {
    if (std::sscanf(line, "nameserver %127s", address) == 1) return " on " + to_text(Endpoint{address, 53});
  }
  return {};
}

Error lookup_error(const std::string& host, int code) {
  // The Go resolver's words where the answer is that there is no such name.
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
      return Error{ErrorCode::host_unknown, "lookup " + host + name_server_text() + ": no such host"};
    case EAI_AGAIN:
      return Error{ErrorCode::host_unknown, "lookup " + host + ": Temporary failure in name resolution"};
    default:
      return Error{ErrorCode::host_unknown, "lookup " + host + ": " + ::gai_strerror(code)};
  }
}

// Could a name server know it? Go asks about no other; numbers alone are addresses that went wrong.
bool is_domain_name(std::string_view name) {
  if (name == ".") return true;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > 253) return false;
  bool has_letter = false;
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (char c : label) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
      if (!letter && (c < '0' || c > '9')) return false;
      has_letter |= letter;
    }
    if (label.size() == name.size()) return has_letter;
    name.remove_prefix(label.size() + 1);
  }
}

std::unexpected<Error> unknown_host(const std::string& host, const std::string& asked = {}) {
  return fail(ErrorCode::host_unknown, "lookup " + host + asked + ": no such host");
}

}  // namespace

Result<std::vector<IpAddress>> resolve(const Endpoint& endpoint) {
  IpAddress literal;
  if (parse_address(endpoint, literal)) return std::vector{literal};

  if (!is_domain_name(endpoint.host)) return unknown_host(endpoint.host);
  // The C library takes "0x7f.1" for an address.
  if (in_addr legacy{}; ::inet_aton(endpoint.host.c_str(), &legacy) != 0)
    return unknown_host(endpoint.host, name_server_text());

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int code = ::getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found); code != 0)
    return std::unexpected<Error>(lookup_error(endpoint.host, code));

  std::vector<IpAddress> addresses;
  for (addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    addresses.push_back(to_ip_address(address));
    addresses.back().port = endpoint.port;
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return std::unexpected<Error>(lookup_error(endpoint.host, EAI_NONAME));
  // IPv4 first, as Go prefers it for listeners and first dials.
  std::stable_partition(addresses.begin(), addresses.end(), [](const IpAddress& a) { return !a.v6; });
  return addresses;
}

}  // namespace nats::sys
