#include "server/auth/redact.h"

#include <array>
#include <cstddef>
#include <optional>

namespace nats::auth {
namespace {

constexpr std::string_view replacement = "[REDACTED]";
constexpr std::string_view blanks = "\t\n\f\r ";
constexpr std::string_view ends_of_value = "\",\r\n}";
// Fields that begin so.
constexpr std::array<std::string_view, 2> prefixes{"auth_token", "pass"};
// Fields that are called so.
constexpr std::array<std::string_view, 3> names{"proxy_sig", "nkey", "sig"};

struct Span {
  std::size_t start;
  std::size_t end;
};

bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

std::size_t skip_quote(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] == '"' ? at + 1 : at;
}

// The value, when a field's name ends at `at`.
std::optional<Span> value_at(std::string_view text, std::size_t at) {
  at = skip_blanks(text, skip_quote(text, at));
  if (at == text.size() || (text[at] != ':' && text[at] != '=')) return std::nullopt;
  std::size_t start = skip_quote(text, skip_blanks(text, at + 1));
  std::size_t end = text.find_first_of(ends_of_value, start);
  return Span{start, end == std::string_view::npos ? text.size() : end};
}

template <std::size_t size>
std::size_t word_at(std::string_view text, std::size_t at, const std::array<std::string_view, size>& words) {
  for (std::string_view word : words)
    if (text.substr(at, word.size()) == word) return word.size();
  return 0;
}

// The first value at or after `from` of a field that begins as a prefix says. The field's name goes on
// to the nearest place from where a value can be read, but not past a blank.
std::optional<Span> find_by_prefix(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    std::size_t size = word_at(text, at, prefixes);
    if (size == 0) continue;
    std::size_t end = at + size;
    while (true) {
      if (auto value = value_at(text, end)) return value;
      if (end == text.size() || is_blank(text[end])) break;
      ++end;
    }
    // No other prefix before the blank can do better.
    at = end;
  }
  return std::nullopt;
}

std::optional<Span> find_by_name(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    bool begins_word = at == 0 || (at > from && !is_word(text[at - 1]));
    if (!begins_word) continue;
    std::size_t size = word_at(text, at, names);
    if (size == 0) continue;
    if (auto value = value_at(text, at + size)) return value;
  }
  return std::nullopt;
}

template <class Find>
std::string redact(std::string_view text, Find find) {
  std::string shown;
  std::size_t copied = 0;
  while (auto value = find(text, copied)) {
    shown.append(text.substr(copied, value->start - copied));
    shown += replacement;
    copied = value->end;
  }
  shown.append(text.substr(copied));
  return shown;
}

}  // namespace

std::string redact_secrets(std::string_view connect) {
  return redact(redact(connect, find_by_prefix), find_by_name);
}

}  // namespace nats::auth
