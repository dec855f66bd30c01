#include "server/gojson/go_quote.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "server/gojson/print_ranges.h"
#include "server/gojson/utf8.h"

namespace nats::gojson {

namespace {

void append_escaped(std::string& out, const Rune& rune, unsigned char first_octet, char quote) {
  const char32_t r = rune.value;
  if (r == replacement_rune && rune.size == 1) {
    out += fmt::format("\\x{:02x}", first_octet);
    return;
  }
  if (r == static_cast<char32_t>(quote) || r == '\\') {
    out += '\\';
    out += static_cast<char>(r);
    return;
  }
  if (go_is_print(r)) return append_rune(out, r);
  switch (r) {
    case '\a':
      out += "\\a";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\v':
      out += "\\v";
      return;
    default:
      break;
  }
  const auto number = static_cast<unsigned>(r);
  if (r < ' ' || r == 0x7F) {
    out += fmt::format("\\x{:02x}", number);
  } else if (r < 0x10000) {
    out += fmt::format("\\u{:04x}", number);
  } else {
    out += fmt::format("\\U{:08x}", number);
  }
}

}  // namespace

bool go_is_print(char32_t rune) {
  const auto after =
      std::upper_bound(std::begin(print_ranges), std::end(print_ranges), rune,
                       [](char32_t value, const PrintRange& range) { return value < range.first; });
  return after != std::begin(print_ranges) && rune <= std::prev(after)->last;
}

bool go_printable(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    if ((rune.value == replacement_rune && rune.size == 1) || !go_is_print(rune.value)) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

std::string go_quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    append_escaped(out, rune, static_cast<unsigned char>(text[0]), '"');
    text.remove_prefix(rune.size);
  }
  return out += '"';
}

std::string go_quote_rune(std::string_view text) {
  std::string out = "'";
  if (!text.empty()) append_escaped(out, decode_rune(text), static_cast<unsigned char>(text[0]), '\'');
  return out += '\'';
}

}  // namespace nats::gojson
