#include "conformance/trace/json_text.h"

#include <fmt/core.h>

namespace natstwin::trace {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_code_point(std::string& out, unsigned code) {
  if (code < 0x100) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Reads the escape whose backslash stands at `at` and moves `at` behind it.
bool take_escape(std::string_view text, std::size_t& at, std::string& out) {
  if (at + 1 >= text.size()) return false;
  const char kind = text[at + 1];
  at += 2;
  switch (kind) {
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case '"':
    case '\\':
    case '/':
      out += kind;
      return true;
    case 'u':
      break;
    default:
      return false;
  }
  if (at + 4 > text.size()) return false;
  unsigned code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(text[at + i]);
    if (digit < 0) return false;
    code = code * 16 + static_cast<unsigned>(digit);
  }
  at += 4;
  append_code_point(out, code);
  return true;
}

}  // namespace

std::string quote_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out += fmt::format("\\u00{:02x}", byte);
    }
  }
  out += '"';
  return out;
}

std::expected<std::string, std::string> unquote_bytes(std::string_view token) {
  if (!is_json_string(token)) return std::unexpected("not a string in double quotes");
  const std::string_view body = token.substr(1, token.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] == '"') return std::unexpected("unescaped quote inside a string");
    if (body[at] != '\\') {
      out += body[at++];
    } else if (!take_escape(body, at, out)) {
      return std::unexpected("unknown escape in a string");
    }
  }
  return out;
}

bool is_json_string(std::string_view token) {
  return token.size() >= 2 && token.front() == '"' && token.back() == '"';
}

bool is_json_number(std::string_view token) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < token.size() && is_digit(token[at])) ++at;
    return at > start;
  };
  if (at < token.size() && token[at] == '-') ++at;
  const std::size_t first = at;
  if (!digits()) return false;
  if (token[first] == '0' && at - first > 1) return false;
  if (at < token.size() && token[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == token.size();
}

bool is_json_integer(std::string_view token) {
  return is_json_number(token) && token.find_first_of(".eE") == std::string_view::npos;
}

}  // namespace natstwin::trace
