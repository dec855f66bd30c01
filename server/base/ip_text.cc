#include "server/base/ip_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace nats {

namespace {

constexpr IpOctets v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t v4_at = 12;
constexpr std::size_t group_count = 8;

// A number without leading zeros off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, int base, std::size_t digits_max, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || digits > digits_max || value > max || text.front() == '-') return {};
  if (base == 10 && digits > 1 && text.front() == '0') return {};
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

bool parse_v4(std::string_view text, std::uint8_t* out) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, ".")) return false;
    const auto number = take_number(text, 10, 3, 255);
    if (!number) return false;
    out[part] = static_cast<std::uint8_t>(*number);
  }
  return text.empty();
}

// Groups up to the end or to "::"; a dotted tail counts as two. Nothing where the text is no such list.
struct Groups {
  std::array<std::uint8_t, 16> octets{};
  std::size_t size = 0;
};

bool take_groups(std::string_view& text, Groups& groups) {
  while (!text.empty() && !text.starts_with("::")) {
    if (groups.size > 0 && !take(text, ":")) return false;
    const std::string_view rest = text;
    const bool dotted = rest.substr(0, rest.find(':')).find('.') != rest.npos;
    if (groups.size + (dotted ? 4 : 2) > 16) return false;
    if (dotted) {
      if (rest.find(':') != rest.npos || !parse_v4(rest, groups.octets.data() + groups.size)) return false;
      groups.size += 4;
      text = {};
      return true;
    }
    const auto number = take_number(text, 16, 4, 0xffff);
    if (!number) return false;
    groups.octets[groups.size++] = static_cast<std::uint8_t>(*number >> 8);
    groups.octets[groups.size++] = static_cast<std::uint8_t>(*number & 0xff);
  }
  return true;
}

std::optional<IpOctets> parse_v6(std::string_view text) {
  Groups before, after;
  if (!take_groups(text, before)) return {};
  const bool gap = take(text, "::");
  if (gap && (!take_groups(text, after) || !text.empty())) return {};
  const std::size_t size = before.size + after.size;
  if (gap ? size > 14 : size != 16) return {};
  IpOctets out{};
  std::copy_n(before.octets.begin(), before.size, out.begin());
  std::copy_n(after.octets.begin(), after.size, out.end() - static_cast<std::ptrdiff_t>(after.size));
  return out;
}

}  // namespace

std::optional<IpOctets> parse_ip(std::string_view text) {
  if (text.find(':') != text.npos) return parse_v6(text);
  IpOctets out = v4_prefix;
  if (!parse_v4(text, out.data() + v4_at)) return {};
  return out;
}

IpOctets ipv4_octets(std::span<const std::uint8_t, 4> address) {
  IpOctets out = v4_prefix;
  std::ranges::copy(address, out.begin() + v4_at);
  return out;
}

std::string ip_text(const IpOctets& address) {
  if (std::equal(address.begin(), address.begin() + v4_at, v4_prefix.begin()))
    return fmt::format("{}.{}.{}.{}", address[12], address[13], address[14], address[15]);
  const auto group = [&](std::size_t at) { return address[2 * at] << 8 | address[2 * at + 1]; };
  std::size_t gap_at = group_count, gap_size = 1;  // a single zero is written out
  for (std::size_t at = 0; at < group_count; ++at) {
    std::size_t end = at;
    while (end < group_count && group(end) == 0) ++end;
    if (end - at > gap_size) {
      gap_at = at;
      gap_size = end - at;
    }
  }
  std::string out;
  for (std::size_t at = 0; at < group_count; ++at) {
    if (at == gap_at) {
      out += "::";
      at += gap_size - 1;
      continue;
    }
    if (at > 0 && !out.ends_with(':')) out += ':';
    out += fmt::format("{:x}", group(at));
  }
  return out;
}

}  // namespace nats
