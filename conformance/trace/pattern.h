// Patterns of leaves: their text form, and whether a value fits.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/golden.h"

namespace natstwin::trace {

// "_INBOX.<id:3>". A literal '<' is written <lt>.
std::string to_text(const Pattern& pattern);
std::expected<Pattern, std::string> pattern_from_text(std::string_view text);

// N[A-Z2-7]{55}, [A-Za-z0-9]{8,12}, or port.
std::string to_text(const NameShape& shape);
std::expected<NameShape, std::string> name_shape_from_text(std::string_view text);
bool fits(const NameShape& shape, std::string_view token);
bool fits(const TimeShape& shape, std::string_view token);

struct Capture {
  const Part* part = nullptr;
  std::string token;
};

// What the parts of the pattern stand for in `value`, in order and without literals; nothing if the
// value does not fit. Whether equal names are equal tokens is the caller's business.
std::optional<std::vector<Capture>> match(const Pattern& pattern, const Golden& golden,
                                          std::string_view value);

// "string", "number", "bool", "null", "array", "object" or "text" by the look of a value or pattern.
std::string_view json_type(std::string_view token);
std::string_view json_type(const Pattern& pattern);

}  // namespace natstwin::trace
