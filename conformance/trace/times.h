// Moments as servers write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace natstwin::trace {

struct Moment {
  std::int64_t unix_ns = 0;
  std::string format;  // rfc3339, rfc3339-nanos, http, unix-nanos
  std::string zone;    // Z, offset, or empty
};

// How many bytes at the start of `text` are an RFC 3339 moment or an HTTP date; 0 if none.
std::size_t time_length(std::string_view text);
// A whole token: the two forms above, or nanoseconds since 1970 (19 digits).
std::optional<Moment> parse_moment(std::string_view token);
bool is_unix_nanos(std::string_view token);

}  // namespace natstwin::trace
