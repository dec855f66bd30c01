#include "conformance/trace/tokens.h"

#include <algorithm>
#include <array>

#include "conformance/trace/times.h"

namespace natstwin::trace {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::size_t digits_length(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  return size;
}

std::size_t unit_length(std::string_view text) {
  // Longest first. The micro sign comes raw from Go and as two escapes from quoted octets.
  constexpr std::array<std::string_view, 11> units{
      "\\u00c2\\u00b5s", "\\u00b5s", "\xC2\xB5s", "ms", "us", "ns", "s", "m", "h", "d", "y"};
  for (const std::string_view unit : units) {
    if (text.starts_with(unit)) return unit.size();
  }
  return 0;
}

// A decimal is not followed by another dot and digit, and not preceded by one: no address, no version.
std::size_t decimal_length(std::string_view text) {
  const std::size_t whole = digits_length(text);
  if (whole == 0 || whole >= text.size() || text[whole] != '.') return 0;
  const std::size_t fraction = digits_length(text.substr(whole + 1));
  if (fraction == 0) return 0;
  return whole + 1 + fraction;
}

bool ends_here(std::string_view text, std::size_t size) {
  if (size >= text.size()) return true;
  if (is_word_char(text[size])) return false;
  return !(text[size] == '.' && size + 1 < text.size() && is_digit(text[size + 1]));
}

std::size_t escape_length(std::string_view text) {
  if (text[0] != '\\' || text.size() < 2) return 1;
  return text[1] == 'u' ? std::min<std::size_t>(6, text.size()) : 2;
}

bool is_number(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return !word.empty() && digits_length(word) == word.size();
}

}  // namespace

bool is_word_char(char c) { return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' || c == '-'; }

std::size_t duration_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) {
    std::size_t number = digits_length(text.substr(at));
    if (at + number < text.size() && text[at + number] == '.') {
      const std::size_t fraction = digits_length(text.substr(at + number + 1));
      if (fraction == 0) return 0;
      number += 1 + fraction;
    }
    const std::size_t unit = unit_length(text.substr(at + number));
    if (unit == 0) return 0;
    at += number + unit;
  }
  return at;
}

Token next_token(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (const std::size_t size = time_length(rest)) return {TokenKind::time, rest.substr(0, size)};
  const bool after_dot = at > 1 && text[at - 1] == '.' && is_word_char(text[at - 2]);
  if (is_digit(rest[0]) && !after_dot) {
    const std::size_t duration = duration_length(rest);
    if (duration > 0 && ends_here(rest, duration)) return {TokenKind::duration, rest.substr(0, duration)};
    const std::size_t decimal = decimal_length(rest);
    if (decimal > 0 && ends_here(rest, decimal)) return {TokenKind::decimal, rest.substr(0, decimal)};
  }
  std::size_t size = 0;
  while (size < rest.size() && is_word_char(rest[size])) ++size;
  if (size == 0) return {TokenKind::separator, rest.substr(0, escape_length(rest))};
  const std::string_view word = rest.substr(0, size);
  return {is_number(word) ? TokenKind::number : TokenKind::word, word};
}

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size(); at += tokens.back().text.size()) {
    tokens.push_back(next_token(text, at));
  }
  return tokens;
}

bool is_name_like(std::string_view word) {
  if (word.size() < 11) return false;
  const auto upper = std::ranges::count_if(word, is_upper);
  const auto lower = std::ranges::count_if(word, is_lower);
  const auto digits = std::ranges::count_if(word, is_digit);
  if (word.size() == 56 && lower == 0) return true;
  return upper > 1 && lower + digits > 1 && (digits > 0 || word.size() >= 20);
}

}  // namespace natstwin::trace
