// The scalar values: strings, numbers, dates, addresses, includes.
#include <fmt/core.h>

#include "server/config/lexer.h"
#include "server/config/runes.h"

namespace nats::config {
void Lexer::include_path() {
  while (is_blank(peek())) {
    take();
    drop();
  }
  char32_t r = take();
  if (r == '\'' || r == '"') {
    drop();
    return quoted_include(r, r == '"' ? "double quoted" : "quoted");
  }
  const char* found = r == '['                        ? "start of an array"
                      : r == '{'                      ? "start of a map"
                      : r == '('                      ? "start of a block"
                      : text::is_digit(r) || r == '-' ? "start of a number"
                      : r == '\\'                     ? "escape sequence"
                      : is_line_end(r)                ? "new line"
                                                      : nullptr;
  if (found) return fail(fmt::format("Expected include value but found {}", found));
  untake();
  raw_include();
}

void Lexer::quoted_include(char32_t quote, const char* name) {
  for (char32_t r = take(); r != quote; r = take()) {
    if (r == end_of_text) return fail(fmt::format("Unexpected EOF in {} include", name));
  }
  untake();
  emit(ItemKind::include);
  take();
  drop();
  pop();
}

void Lexer::raw_include() {
  char32_t r = take();
  while (!is_line_end(r) && r != end_of_text && r != ';' && r != '}' && !is_blank(r) && r != '\'') r = take();
  untake();
  emit(ItemKind::include);
  if (r == '\'') {
    take();
    drop();
  }
  pop();
}

void Lexer::single_quoted() {
  for (char32_t r = take(); r != '\''; r = take()) {
    if (r == end_of_text) return unterminated();
  }
  untake();
  emit(ItemKind::string);
  take();
  drop();
  pop();
}

void Lexer::double_quoted() {
  for (;;) {
    char32_t r = take();
    if (r == '\\') {
      if (!escape()) return;
    } else if (r == '"') {
      break;
    } else if (r == end_of_text) {
      return unterminated();
    }
  }
  untake();
  emit_string();
  take();
  drop();
  pop();
}

// Whether the text is a boolean or a variable is known only at its end.
void Lexer::raw_string() {
  char32_t r = take();
  while (!is_line_end(r) && r != end_of_text && r != ';' && r != ',' && r != ']' && r != '}' &&
         !is_blank(r) && r != '\'') {
    if (r == '\\' && !escape()) return;
    r = take();
  }
  untake();
  if (r == '\'') {
    emit_string();
    take();
    drop();
  } else if (has_parts_) {
    emit_string();
  } else if (raw_is_bool()) {
    emit(ItemKind::boolean);
  } else if (start_ < input_.size() && input_[start_] == '$') {
    ++start_;
    emit(ItemKind::variable);
  } else {
    emit_string();
  }
  pop();
}

bool Lexer::raw_is_bool() const {
  std::string word = text::lower(input_.substr(start_, at_ - start_));
  return word == "true" || word == "false" || word == "on" || word == "off" || word == "yes" || word == "no";
}

bool Lexer::escape() {
  parts_ += input_.substr(start_, at_ - 1 - start_);
  has_parts_ = true;
  start_ = at_;
  char32_t r = take();
  if (r == 'x') return escape_hex();
  std::string_view names = "tnr\"\\";
  std::size_t which = r < 0x80 ? names.find(static_cast<char>(r)) : std::string_view::npos;
  if (which == std::string_view::npos) {
    fail(
        fmt::format("Invalid escape character '{}'. Only the following escape characters are allowed: "
                    "\\xXX, \\t, \\n, \\r, \\\", \\\\.",
                    shown(r)));
    return false;
  }
  parts_ += "\t\n\r\"\\"[which];
  start_ = at_;
  return true;
}

bool Lexer::escape_hex() {
  for (int i = 0; i < 2; ++i) {
    if (is_line_end(take())) {
      fail("Expected two hexadecimal digits after '\\x', but hit end of line");
      return false;
    }
  }
  std::string_view digits = input_.substr(at_ - 2, 2);
  int byte = 0;
  for (char c : digits) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) {
      fail(fmt::format("Expected two hexadecimal digits after '\\x', but got '{}'", digits));
      return false;
    }
    byte = byte * 16 + digit;
  }
  parts_ += static_cast<char>(byte);
  start_ = at_;
  return true;
}

// Ends at a ")" alone on its line.
void Lexer::block_text() {
  for (;;) {
    char32_t r = take();
    if (r == end_of_text) return fail("Unexpected EOF processing block.");
    if (r != ')') continue;
    untake();
    untake();
    if (take() != '\n') {
      take();
      continue;
    }
    take();
    r = take();
    if (r == '\n' || r == end_of_text) {
      untake();
      untake();
      emit(ItemKind::string);
      take();
      drop();
      return pop();
    }
    untake();
  }
}

// The first digit is taken.
void Lexer::number() {
  for (;;) {
    char32_t r = take();
    if (r == '-') {
      if (at_ - start_ != 5) return fail("All ISO8601 dates must be in full Zulu form.");
      return date_after_year();
    }
    if (text::is_digit(r)) continue;
    if (r == '.') return fraction();
    if (is_size_suffix(r)) return suffixed_number();
    if (!ends_number(r)) return raw_string();
    untake();
    emit(ItemKind::integer);
    return pop();
  }
}

// The minus is taken.
void Lexer::negative_number() {
  char32_t r = take();
  if (r == '.') return fail("Floats must start with a digit, not '.'.");
  if (!text::is_digit(r)) return fail(fmt::format("Expected a digit but got '{}'.", shown(r)));
  while (text::is_digit(r)) r = take();
  if (r == '.') return fraction();
  if (is_size_suffix(r)) return suffixed_number();
  untake();
  emit(ItemKind::integer);
  pop();
}

void Lexer::suffixed_number() {
  char32_t r = take();
  while (r == 'b' || r == 'B' || r == 'i' || r == 'I') r = take();
  untake();
  if (!ends_number(r)) return raw_string();
  emit(ItemKind::integer);
  pop();
}

void Lexer::date_after_year() {
  for (char wanted : std::string_view("00-00T00:00:00Z")) {
    char32_t r = take();
    if (wanted == '0') {
      if (!text::is_digit(r)) {
        return fail(fmt::format("Expected digit in ISO8601 datetime, but found '{}' instead.", shown(r)));
      }
    } else if (r != static_cast<char32_t>(wanted)) {
      return fail(
          fmt::format("Expected '{}' in ISO8601 datetime, but found '{}' instead.", wanted, shown(r)));
    }
  }
  emit(ItemKind::datetime);
  pop();
}

// The dot is taken. A second dot makes it an address.
void Lexer::fraction() {
  char32_t r = take();
  if (!text::is_digit(r)) {
    return fail(fmt::format("Floats must have a digit after the '.', but got '{}' instead.", shown(r)));
  }
  while (text::is_digit(r)) r = take();
  if (r == '.') return address();
  untake();
  emit(ItemKind::floating);
  pop();
}

void Lexer::address() {
  char32_t r = take();
  while (text::is_digit(r) || r == '.' || r == ':' || r == '-') r = take();
  untake();
  emit(ItemKind::string);
  pop();
}

}  // namespace nats::config
