// UTF-8 as Go's unicode/utf8 reads it: an invalid byte is one replacement rune of size 1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nats::gojson {

constexpr char32_t replacement_rune = 0xFFFD;

struct Rune {
  char32_t value = replacement_rune;
  std::size_t size = 0;  // octets it took; 0 only for empty text
};

// The first rune of `text`.
Rune decode_rune(std::string_view text);

// A surrogate or a number that is no code point becomes the replacement rune.
void append_rune(std::string& out, char32_t rune);

}  // namespace nats::gojson
