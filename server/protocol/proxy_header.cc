#include "server/protocol/proxy_header.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "server/base/ip_text.h"
#include "server/gojson/go_quote.h"

namespace nats::protocol {

namespace {

using Kind = ProxyHeader::Kind;
using namespace std::string_view_literals;

constexpr std::string_view v1_prefix = "PROXY ";
constexpr std::string_view v2_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t probe_size = 6;  // enough to tell them apart
constexpr std::size_t v1_line_max = 107;
constexpr std::size_t v2_head_size = 16;

ProxyHeader malformed(std::string problem) { return {Kind::malformed, 0, {}, 0, std::move(problem)}; }

ProxyHeader invalid(std::string_view what) {
  return malformed(fmt::format("invalid PROXY protocol header: {}", what));
}

// --- Version 1.

std::vector<std::string_view> fields(std::string_view line) {
  constexpr std::string_view blanks = " \t\v\f\r\n";
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == line.npos) return out;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(blanks), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// As Go's ParseUint(text, 10, 16) and its errors.
std::optional<std::uint16_t> parse_port(std::string_view text, std::string_view which, std::string& problem) {
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  std::uint16_t port = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), port).ec;
  if (digits && error == std::errc()) return port;
  problem = fmt::format("invalid {} port: strconv.ParseUint: parsing {}: {}", which, gojson::go_quote(text),
                        digits ? "value out of range" : "invalid syntax");
  return {};
}

ProxyHeader read_v1_fields(std::string_view line) {
  const std::vector<std::string_view> parts = fields(line);
  if (parts.empty()) return invalid("invalid v1 format");
  if (parts[0] == "UNKNOWN") return {Kind::local};
  if (parts.size() != 5) return invalid("invalid v1 format");
  const auto source = parse_ip(parts[1]), destination = parse_ip(parts[2]);
  if (!source || !destination) return invalid("invalid address");
  std::string problem;
  const auto port = parse_port(parts[3], "source", problem);
  if (!port || !parse_port(parts[4], "dest", problem)) return malformed(std::move(problem));
  const bool source_v6 = parts[1].find(':') != line.npos, destination_v6 = parts[2].find(':') != line.npos;
  if (parts[0] == "TCP4" && (source_v6 || destination_v6)) return invalid("TCP4 with IPv6 address");
  if (parts[0] == "TCP6" && (!source_v6 || !destination_v6)) return invalid("TCP6 with IPv4 address");
  if (parts[0] != "TCP4" && parts[0] != "TCP6") return invalid(fmt::format("invalid protocol {}", parts[0]));
  return {Kind::proxied, 0, ip_text(*source), *port, {}};
}

ProxyHeader read_v1(std::string_view in) {
  const std::size_t end = in.substr(0, v1_line_max).find("\r\n", v1_prefix.size());
  if (end == in.npos) return in.size() < v1_line_max ? ProxyHeader{} : invalid("v1 line too long");
  ProxyHeader header = read_v1_fields(in.substr(v1_prefix.size(), end - v1_prefix.size()));
  header.size = end + 2;
  return header;
}

// --- Version 2.

struct Head {
  unsigned version, command, family, transport;
  std::size_t address_size;
};

enum : unsigned { command_local = 0, command_proxy = 1 };
enum : unsigned { family_unspecified = 0, family_inet = 1, family_inet6 = 2 };
constexpr unsigned transport_stream = 1;

unsigned octet(std::string_view in, std::size_t at) { return static_cast<unsigned char>(in[at]); }

Head read_head(std::string_view in) {
  return {octet(in, 12) >> 4, octet(in, 12) & 15, octet(in, 13) >> 4, octet(in, 13) & 15,
          octet(in, 14) << 8 | octet(in, 15)};
}

// Whose addresses matter to nobody.
bool skips_addresses(const Head& head) {
  return head.command == command_local ||
         (head.command == command_proxy && head.transport == transport_stream &&
          head.family == family_unspecified);
}

std::string_view family_name(const Head& head) { return head.family == family_inet ? "IPv4" : "IPv6"; }
std::size_t addresses_min(const Head& head) { return head.family == family_inet ? 12 : 36; }

std::string head_problem(const Head& head) {
  constexpr std::string_view unsupported = "unsupported PROXY protocol feature";
  if (head.version != 2)
    return fmt::format("invalid PROXY protocol header: invalid version 0x{:02x}", head.version << 4);
  if (head.command > command_proxy)
    return fmt::format("unknown PROXY protocol command: 0x{:02x}", head.command);
  if (skips_addresses(head)) return {};
  if (head.transport != transport_stream)
    return fmt::format("{}: only STREAM protocol supported", unsupported);
  if (head.family != family_inet && head.family != family_inet6)
    return fmt::format("{}: unsupported address family 0x{:02x}", unsupported, head.family << 4);
  if (head.address_size < addresses_min(head))
    return fmt::format("{} address data too short: {} bytes", family_name(head), head.address_size);
  return {};
}

ProxyHeader read_v2(std::string_view in) {
  if (in.size() < v2_signature.size()) return {};
  if (!in.starts_with(v2_signature)) return invalid("invalid signature");
  if (in.size() < v2_head_size) return {};
  const Head head = read_head(in);
  if (std::string problem = head_problem(head); !problem.empty()) return malformed(std::move(problem));
  const std::size_t size = v2_head_size + head.address_size;
  if (in.size() < size) return {};
  if (skips_addresses(head)) return {Kind::local, size, {}, 0, {}};
  IpOctets source;
  std::size_t port_at = v2_head_size;
  if (head.family == family_inet) {
    std::array<std::uint8_t, 4> octets;
    std::copy_n(in.begin() + v2_head_size, octets.size(), octets.begin());
    source = ipv4_octets(octets);
    port_at += 8;
  } else {
    std::copy_n(in.begin() + v2_head_size, source.size(), source.begin());
    port_at += 32;
  }
  const auto port = static_cast<std::uint16_t>(octet(in, port_at) << 8 | octet(in, port_at + 1));
  return {Kind::proxied, size, ip_text(source), port, {}};
}

}  // namespace

ProxyHeader read_proxy_header(Bytes in) {
  if (in.size() < probe_size) return {};
  if (in.starts_with(v1_prefix)) return read_v1(in);
  if (in.starts_with(v2_signature.substr(0, probe_size))) return read_v2(in);
  return {Kind::absent, 0, {}, 0, {}};
}

std::string broken_proxy_header_text(Bytes in, std::string_view reason) {
  // What was being read, from where on, and whether a part of it is told from nothing.
  std::string what = "failed to read protocol version";
  std::size_t from = 0;
  bool tells_parts = true;
  if (in.size() >= probe_size && in.starts_with(v1_prefix)) {
    what = "failed to read v1 line";
    tells_parts = false;
  } else if (in.size() >= v2_head_size) {
    const Head head = read_head(in);
    from = v2_head_size;
    tells_parts = !skips_addresses(head);
    what = head.command == command_local ? "failed to discard LOCAL command address data"
           : skips_addresses(head)       ? "failed to discard UNSPEC address address data"
                                         : fmt::format("failed to read {} address data", family_name(head));
  } else if (in.size() >= v2_signature.size()) {
    what = "failed to read v2 header";
    from = v2_signature.size();
  } else if (in.size() >= probe_size) {
    what = "failed to read v2 signature";
    from = probe_size;
  }
  if (reason.empty()) reason = tells_parts && in.size() > from ? "unexpected EOF" : "EOF";
  return fmt::format("{}: {}", what, reason);
}

}  // namespace nats::protocol
