// Go's quoted strings, as %q prints them in log lines and error texts.
#pragma once

#include <string>
#include <string_view>

namespace nats::gojson {

// strconv.Quote: a double-quoted Go literal, what cannot be printed is escaped.
std::string go_quote(std::string_view text);

// strconv.QuoteRune of the first rune of `text`, single-quoted; an invalid octet is '\xNN'.
std::string go_quote_rune(std::string_view text);

// Whether `text` is valid UTF-8 of runes that strconv.IsPrint holds for.
bool go_printable(std::string_view text);

// strconv.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space.
bool go_is_print(char32_t rune);

}  // namespace nats::gojson
