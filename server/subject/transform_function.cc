#include "server/subject/transform_function.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>

namespace nats::subject {

namespace {

using Function = TransformFunction;

constexpr std::string_view not_enough = "not enough arguments passed to the function";
constexpr std::string_view too_many = "too many arguments passed to the function";
constexpr std::string_view bad_argument = "function argument is invalid or in the wrong format";

struct Name {
  std::string_view name;
  Function function;
};

// Tried in this order. Only first letters of the words may be in either case.
constexpr Name names[] = {
    {"wildcard", Function::wildcard},
    {"partition", Function::partition},
    {"splitFromLeft", Function::split_from_left},
    {"splitFromRight", Function::split_from_right},
    {"sliceFromLeft", Function::slice_from_left},
    {"sliceFromRight", Function::slice_from_right},
    {"right", Function::right},
    {"left", Function::left},
    {"split", Function::split},
    {"random", Function::random},
};

bool same_letter(char written, char named) {
  const bool word_start = named >= 'A' && named <= 'Z';
  const char small = word_start ? static_cast<char>(named | 0x20) : named;
  return written == small || (word_start && written == named);
}

std::string_view skip_spaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\f\r"), text.size()));
  return text;
}

// The text between the brackets of "{{ name ( ... ) }}".
std::optional<std::string_view> arguments_of(std::string_view token, std::string_view name) {
  std::string_view rest = skip_spaces(token.substr(2));
  if (rest.size() < name.size()) return std::nullopt;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char named = i == 0 ? static_cast<char>(name[0] & ~0x20) : name[i];
    if (!same_letter(rest[i], named)) return std::nullopt;
  }
  rest = skip_spaces(rest.substr(name.size()));
  if (!rest.starts_with('(')) return std::nullopt;
  const std::size_t close = rest.rfind(')');
  if (close == std::string_view::npos || skip_spaces(rest.substr(close + 1)) != "}}") return std::nullopt;
  return rest.substr(1, close - 1);
}

std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t comma = text.find(',');
    out.push_back(text.substr(0, comma));
    if (comma == text.npos) return out;
    text = skip_spaces(text.substr(comma + 1));
  }
}

// As Go's Atoi of what stands between blanks.
std::optional<std::int64_t> number(std::string_view text, std::int64_t max) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == text.npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int32_most = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t int32_least = std::numeric_limits<std::int32_t>::min();

using Arguments = std::vector<std::string_view>;

std::string_view read_partition(const Arguments& arguments, TransformToken& out) {
  const std::optional<std::int64_t> count = number(arguments[0], int32_most);
  if (!count) return bad_argument;
  out.number = static_cast<std::int32_t>(*count);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::optional<std::int64_t> index = number(arguments[i], any);
    if (!index) return bad_argument;
    out.wildcards.push_back(*index);
  }
  return {};
}

std::string_view read_indexed(const Arguments& arguments, TransformToken& out) {
  if (arguments.size() < 2) return not_enough;
  if (arguments.size() > 2) return too_many;
  const std::optional<std::int64_t> index = number(arguments[0], any);
  if (!index) return bad_argument;
  out.wildcards.push_back(*index);
  if (out.function == Function::split) {
    if (arguments[1].find_first_of(" .") != std::string_view::npos) return bad_argument;
    out.delimiter = arguments[1];
    return {};
  }
  const std::optional<std::int64_t> position = number(arguments[1], int32_most);
  if (!position || *position < int32_least) return bad_argument;
  out.number = static_cast<std::int32_t>(*position);
  return {};
}

std::string_view read_wildcard(const Arguments& arguments, TransformToken& out) {
  if (arguments.size() > 1) return too_many;
  if (arguments[0].empty()) return not_enough;
  const std::optional<std::int64_t> index = number(arguments[0], any);
  if (!index) return bad_argument;
  out.wildcards.push_back(*index);
  return {};
}

std::string_view read_random(const Arguments& arguments, TransformToken& out) {
  if (arguments.size() != 1) return not_enough;
  const std::optional<std::int64_t> ceiling = number(arguments[0], int32_most);
  if (!ceiling) return bad_argument;
  out.number = static_cast<std::int32_t>(*ceiling);
  return {};
}

std::string_view read_arguments(std::string_view text, TransformToken& out) {
  const Arguments arguments = split_arguments(text);
  switch (out.function) {
    case Function::wildcard:
      return read_wildcard(arguments, out);
    case Function::partition:
      return read_partition(arguments, out);
    case Function::random:
      return read_random(arguments, out);
    default:
      return read_indexed(arguments, out);
  }
}

}  // namespace

std::string destination_error(std::string_view reason, std::string_view token) {
  return fmt::format("invalid mapping destination: {} in {}", reason, token);
}

TransformToken read_transform_token(std::string_view token) {
  TransformToken out;
  if (token.size() > 1 && token.front() == '$') {
    // Other things begin with $, too.
    if (token[1] == ' ') return out;
    if (const std::optional<std::int64_t> index = number(token.substr(1), any);
        index && token.back() != ' ') {
      out.function = Function::wildcard;
      out.wildcards.push_back(*index);
    }
    return out;
  }
  if (token.size() <= 4 || !token.starts_with("{{") || !token.ends_with("}}")) return out;
  for (const Name& name : names) {
    const std::optional<std::string_view> arguments = arguments_of(token, name.name);
    if (!arguments) continue;
    out.function = name.function;
    const std::string_view reason = read_arguments(*arguments, out);
    if (!reason.empty()) out.problem = destination_error(reason, token);
    return out;
  }
  out.problem = destination_error("unknown function", token);
  return out;
}

}  // namespace nats::subject
