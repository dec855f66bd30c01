#include "server/subject/subject.h"

#include <algorithm>
#include <cstdint>

namespace nats::subject {
namespace {

constexpr std::string_view white_space = "\t\n\f\r ";

bool is_wildcard(std::string_view token) { return token == "*" || token == ">"; }

// U+FFFD itself counts as malformed: the reference cannot tell it from a decoding error.
bool is_well_formed_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    auto at = [&](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
    std::uint8_t lead = at(i);
    std::size_t length = lead < 0x80   ? 1
                         : lead < 0xC2 ? 0
                         : lead < 0xE0 ? 2
                         : lead < 0xF0 ? 3
                         : lead < 0xF5 ? 4
                                       : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t rune = length == 1 ? lead : lead & (0x7F >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
      rune = rune << 6 | (at(i + k) & 0x3F);
    }
    bool overlong = (length == 3 && rune < 0x800) || (length == 4 && rune < 0x10000);
    bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
    if (overlong || surrogate || rune > 0x10FFFF || rune == 0xFFFD) return false;
    i += length;
  }
  return true;
}

bool tokens_overlap(std::string_view a, std::string_view b) { return a == b || a == "*" || b == "*"; }

}  // namespace

bool is_valid(std::string_view subject) {
  bool ended = false;
  for (Tokens t(subject); t.next();) {
    if (ended || t.token().empty()) return false;
    if (t.token().find_first_of(white_space) != std::string_view::npos) return false;
    ended = t.token() == ">";
  }
  return true;
}

bool is_valid_strict(std::string_view subject) {
  return subject.find('\0') == std::string_view::npos && is_well_formed_utf8(subject) && is_valid(subject);
}

bool is_literal(std::string_view subject) {
  if (subject.find_first_of("*>") == std::string_view::npos) return true;
  for (Tokens t(subject); t.next();)
    if (is_wildcard(t.token())) return false;
  return true;
}

bool is_valid_publish(std::string_view subject) { return is_valid(subject) && is_literal(subject); }

bool is_valid_literal(std::string_view subject) {
  for (Tokens t(subject); t.next();)
    if (t.token().empty() || is_wildcard(t.token())) return false;
  return true;
}

bool matches(std::string_view literal, std::string_view pattern) {
  Tokens l(literal);
  Tokens p(pattern);
  while (p.next()) {
    bool rest_of_all = p.token() == ">" && p.last();
    if (!l.next()) return false;
    if (rest_of_all) return true;
    if (p.token() != "*" && p.token() != l.token()) return false;
  }
  return !l.next();
}

bool is_subset(std::string_view subject, std::string_view pattern) {
  Tokens s(subject);
  for (Tokens p(pattern); p.next();) {
    if (p.token().empty() || !s.next()) return false;
    if (p.token() == ">") return true;
    if (s.token().empty() || s.token() == ">") return false;
    if (p.token() == "*") continue;
    if (s.token() != p.token()) return false;
  }
  return !s.next();
}

bool overlaps(std::string_view a, std::string_view b) {
  if (a == b) return true;
  Tokens ta(a);
  Tokens tb(b);
  for (;;) {
    bool more_a = ta.next();
    bool more_b = tb.next();
    if (!more_a || !more_b) return more_a == more_b;
    if (ta.token() == ">" || tb.token() == ">") return true;
    if (!tokens_overlap(ta.token(), tb.token())) return false;
  }
}

std::size_t token_count(std::string_view subject) {
  if (subject.empty()) return 0;
  return static_cast<std::size_t>(std::count(subject.begin(), subject.end(), '.')) + 1;
}

}  // namespace nats::subject
