// Classes of runes that the lexer's files share.
#pragma once

#include <string>
#include <string_view>

#include "server/config/text.h"
#include "server/gojson/utf8.h"

namespace nats::config {

constexpr char32_t end_of_text = 0;

inline bool is_blank(char32_t r) { return r == ' ' || r == '\t'; }
inline bool is_line_end(char32_t r) { return r == '\n' || r == '\r'; }
inline bool is_separator(char32_t r) { return r == '=' || r == ':'; }
inline bool is_size_suffix(char32_t r) {
  return r < 0x80 && std::string_view("kKmMgGtTpPeE").find(static_cast<char>(r)) != std::string_view::npos;
}
// What may stand behind a number.
inline bool ends_number(char32_t r) {
  return is_line_end(r) || r == end_of_text || r == '}' || r == ';' || r == ',' || is_blank(r);
}

// A rune inside a message.
inline std::string shown(char32_t r) {
  if (r == '\n') return "\\n";
  std::string out;
  gojson::append_rune(out, r);
  return out;
}

}  // namespace nats::config
