#include "conformance/trace/times.h"

#include <array>
#include <charconv>

namespace natstwin::trace {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

// Compares `text` with a mask: 9 is a digit, everything else stands for itself.
bool fits(std::string_view text, std::string_view mask) {
  if (text.size() < mask.size()) return false;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (mask[i] == '9' ? !digit : mask[i] != text[i]) return false;
  }
  return true;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Days since 1970-01-01 in the Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::int64_t seconds_of(std::int64_t days, std::string_view clock) {
  return days * 86400 + number(clock.substr(0, 2)) * 3600 + number(clock.substr(3, 2)) * 60 +
         number(clock.substr(6, 2));
}

constexpr std::size_t date_time_size = 19;  // 2006-01-02T15:04:05

std::size_t fraction_length(std::string_view text) {
  if (!text.starts_with('.')) return 0;
  std::size_t size = 1;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  return size > 1 && size <= 10 ? size : 0;
}

std::size_t zone_length(std::string_view text) {
  if (text.starts_with('Z')) return 1;
  return fits(text, "+99:99") || fits(text, "-99:99") ? 6 : 0;
}

std::size_t rfc3339_length(std::string_view text) {
  if (!fits(text, "9999-99-99T99:99:99")) return 0;
  const std::size_t fraction = fraction_length(text.substr(date_time_size));
  const std::size_t zone = zone_length(text.substr(date_time_size + fraction));
  return zone == 0 ? 0 : date_time_size + fraction + zone;
}

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t month_of(std::string_view name) {
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (months[i] == name) return static_cast<std::int64_t>(i) + 1;
  }
  return 0;
}

// Tue, 24 Nov 2026 17:25:56 GMT
std::size_t http_date_length(std::string_view text) {
  constexpr std::size_t size = 29;
  if (text.size() < size || !fits(text.substr(3), ", 99 ") || month_of(text.substr(8, 3)) == 0) return 0;
  return fits(text.substr(11), " 9999 99:99:99 GMT") ? size : 0;
}

Moment parse_rfc3339(std::string_view token) {
  Moment moment;
  const std::int64_t days =
      days_of(number(token.substr(0, 4)), number(token.substr(5, 2)), number(token.substr(8, 2)));
  std::int64_t seconds = seconds_of(days, token.substr(11));
  const std::size_t fraction = fraction_length(token.substr(date_time_size));
  const std::string_view zone = token.substr(date_time_size + fraction);
  if (zone != "Z") {
    const std::int64_t offset = number(zone.substr(1, 2)) * 3600 + number(zone.substr(4, 2)) * 60;
    seconds -= zone[0] == '+' ? offset : -offset;
  }
  std::int64_t nanos = 0;
  if (fraction > 0) {
    nanos = number(token.substr(date_time_size + 1, fraction - 1));
    for (std::size_t digits = fraction - 1; digits < 9; ++digits) nanos *= 10;
  }
  // Years before 1678 do not fit into nanoseconds; only the zero time 0001-01-01 is ever that old.
  constexpr std::int64_t seconds_max = INT64_MAX / ns_per_second - 1;
  if (seconds < -seconds_max) seconds = -seconds_max;
  if (seconds > seconds_max) seconds = seconds_max;
  moment.unix_ns = seconds * ns_per_second + nanos;
  moment.format = fraction > 0 ? "rfc3339-nanos" : "rfc3339";
  moment.zone = zone == "Z" ? "Z" : "offset";
  return moment;
}

}  // namespace

std::size_t time_length(std::string_view text) {
  if (const std::size_t size = rfc3339_length(text)) return size;
  return http_date_length(text);
}

bool is_unix_nanos(std::string_view token) {
  return token.size() == 19 && fits(token, "9999999999999999999") && token[0] >= '1' && token[0] <= '8';
}

std::optional<Moment> parse_moment(std::string_view token) {
  if (token.empty()) return std::nullopt;
  if (rfc3339_length(token) == token.size()) return parse_rfc3339(token);
  if (http_date_length(token) == token.size()) {
    const std::int64_t days =
        days_of(number(token.substr(12, 4)), month_of(token.substr(8, 3)), number(token.substr(5, 2)));
    return Moment{seconds_of(days, token.substr(17)) * ns_per_second, "http", ""};
  }
  if (is_unix_nanos(token)) return Moment{number(token), "unix-nanos", ""};
  return std::nullopt;
}

}  // namespace natstwin::trace
