// IP addresses and their texts, as Go's net.IP reads and writes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nats {

// Sixteen octets, an IPv4 address mapped into the last four.
using IpOctets = std::array<std::uint8_t, 16>;

// Dotted decimal without leading zeros, or IPv6 without a zone.
std::optional<IpOctets> parse_ip(std::string_view text);

IpOctets ipv4_octets(std::span<const std::uint8_t, 4> address);

// IPv4, mapped or not, is dotted; the longest run of zeros in IPv6 is "::".
std::string ip_text(const IpOctets& address);

}  // namespace nats
