// Small helpers for the JSON tokens that leaves carry. They work on the token's own spelling, which
// is what the traces compare; nothing here builds a document.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace natstwin::trace {

// `text` as a JSON string; bytes outside printable ASCII become \u00XX, one for each byte.
std::string quote_bytes(std::string_view text);
// The reverse of quote_bytes. It takes the usual short escapes too; \uXXXX above 00FF becomes UTF-8.
std::expected<std::string, std::string> unquote_bytes(std::string_view token);

bool is_json_string(std::string_view token);
// A JSON number in any spelling the grammar allows.
bool is_json_number(std::string_view token);
bool is_json_integer(std::string_view token);

}  // namespace natstwin::trace
