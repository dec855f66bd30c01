// A value cut into tokens. Recording and comparing cut at the same places, so a pattern made of some
// recordings fits the next one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace natstwin::trace {

enum class TokenKind : std::uint8_t {
  separator,  // one byte, or one escape of a JSON string
  word,       // letters, digits, _ and -
  number,     // a word of digits, with or without a minus
  decimal,    // 1.25, but no part of an address or a version
  time,       // RFC 3339 or HTTP date
  duration,   // Go duration text: 1h2m3s, 151.014733ms, 2d3h
};

struct Token {
  TokenKind kind = TokenKind::separator;
  std::string_view text;
};

// The token that begins at `at`, which must be inside `text` and not inside another token.
Token next_token(std::string_view text, std::size_t at);
std::vector<Token> tokenize(std::string_view text);

bool is_word_char(char c);
// How many bytes at the start of `text` are a Go duration; 0 if none.
std::size_t duration_length(std::string_view text);
// Looks random: an nkey, a nuid, a nonce. For telling events apart before names are known.
bool is_name_like(std::string_view word);

}  // namespace natstwin::trace
