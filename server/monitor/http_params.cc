#include "server/monitor/http_params.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "server/gojson/go_quote.h"
#include "server/monitor/http_request.h"

namespace nats::monitor {

namespace {

// Go refuses to parse a query of more parameters.
constexpr std::ptrdiff_t params_max = 10'000;

enum class NumberError { none, syntax, range };

// Digits as strconv.ParseUint reads them: the first trouble met decides.
NumberError parse_digits(std::string_view text, std::uint64_t& number) {
  if (text.empty()) return NumberError::syntax;
  number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return NumberError::syntax;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return NumberError::range;
    number = number * 10 + digit;
  }
  return NumberError::none;
}

std::string strconv_error(std::string_view function, std::string_view text, NumberError error) {
  return fmt::format("strconv.{}: parsing {}: {}", function, gojson::go_quote(text),
                     error == NumberError::range ? "value out of range" : "invalid syntax");
}

std::unexpected<std::string> decoding_error(std::string_view type, std::string_view name, std::string error) {
  return std::unexpected(fmt::format("Error decoding {} for '{}': {}", type, name, error));
}

}  // namespace

HttpParams::HttpParams(std::string_view query) {
  if (std::count(query.begin(), query.end(), '&') >= params_max) return;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
    if (pair.empty() || pair.find(';') != pair.npos) continue;
    const std::size_t equals = pair.find('=');
    auto name = unescape(pair.substr(0, equals), true);
    auto value = unescape(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (name && value) values_.emplace_back(std::move(*name), std::move(*value));
  }
}

std::string_view HttpParams::get(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return value;
  return {};
}

std::expected<bool, std::string> HttpParams::boolean(std::string_view name) const {
  constexpr std::string_view yes[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view no[] = {"0", "f", "F", "false", "FALSE", "False"};
  const std::string_view text = get(name);
  if (text.empty() || std::find(std::begin(no), std::end(no), text) != std::end(no)) return false;
  if (std::find(std::begin(yes), std::end(yes), text) != std::end(yes)) return true;
  return decoding_error("boolean", name, strconv_error("ParseBool", text, NumberError::syntax));
}

std::expected<std::int64_t, std::string> HttpParams::integer(std::string_view name) const {
  const std::string_view text = get(name);
  if (text.empty()) return 0;
  const bool negative = text[0] == '-';
  std::uint64_t size = 0;
  NumberError error = parse_digits(text.substr(negative || text[0] == '+' ? 1 : 0), size);
  constexpr std::uint64_t limit = std::uint64_t{1} << 63;
  if (error == NumberError::none && (negative ? size > limit : size >= limit)) error = NumberError::range;
  if (error != NumberError::none) return decoding_error("int", name, strconv_error("Atoi", text, error));
  return static_cast<std::int64_t>(negative ? ~size + 1 : size);
}

std::expected<std::uint64_t, std::string> HttpParams::unsigned_integer(std::string_view name) const {
  const std::string_view text = get(name);
  if (text.empty()) return 0;
  std::uint64_t number = 0;
  if (const NumberError error = parse_digits(text, number); error != NumberError::none)
    return decoding_error("uint64", name, strconv_error("ParseUint", text, error));
  return number;
}

}  // namespace nats::monitor
