#include "server/gojson/time_text.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace nats::gojson {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

struct Civil {
  std::int64_t year;
  unsigned month, day, hour, minute, second;
  unsigned weekday;  // 0 is Sunday
  std::int64_t ns;
};

// Days to year, month and day, after Howard Hinnant's civil_from_days.
Civil civil_of(std::int64_t unix_ns) {
  std::int64_t seconds = unix_ns / ns_per_second, ns = unix_ns % ns_per_second;
  if (ns < 0) ns += ns_per_second, --seconds;
  std::int64_t days = seconds / seconds_per_day, rest = seconds % seconds_per_day;
  if (rest < 0) rest += seconds_per_day, --days;

  const std::int64_t shifted = days + 719'468;  // from 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_index = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = day_of_year - (153 * month_index + 2) / 5 + 1;
  civil.month = month_index < 10 ? month_index + 3 : month_index - 9;
  civil.year = static_cast<std::int64_t>(year_of_era) + era * 400 + (civil.month <= 2);
  civil.hour = static_cast<unsigned>(rest / 3600);
  civil.minute = static_cast<unsigned>(rest / 60 % 60);
  civil.second = static_cast<unsigned>(rest % 60);
  civil.weekday = static_cast<unsigned>(((days + 4) % 7 + 7) % 7);
  civil.ns = ns;
  return civil;
}

// With zeros before it.
void append_digits(std::string& out, std::uint64_t value, int digits) {
  char text[20];
  for (int at = digits; at-- > 0; value /= 10) text[at] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

void append_number(std::string& out, std::uint64_t value) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// ".5" for half a unit of `digits` decimal places, nothing for 0.
void append_fraction(std::string& out, std::uint64_t value, int digits) {
  if (value == 0) return;
  out += '.';
  append_digits(out, value, digits);
  out.erase(out.find_last_not_of('0') + 1);
}

// "12m"
void append_unit(std::string& out, std::uint64_t value, std::string_view unit) {
  append_number(out, value);
  out += unit;
}

// "1.5ms"
void append_unit(std::string& out, std::uint64_t value, std::uint64_t parts, int digits,
                 std::string_view unit) {
  append_number(out, value);
  append_fraction(out, parts, digits);
  out += unit;
}

}  // namespace

void append_rfc3339_nano(std::string& out, WallTime at, Duration utc_offset) {
  if (at == zero_time) {
    out += "0001-01-01T00:00:00Z";
    return;
  }
  const Civil t = civil_of(at.unix_ns + utc_offset.ns);
  if (t.year >= 0 && t.year <= 9999) {
    append_digits(out, static_cast<std::uint64_t>(t.year), 4);
  } else {
    out += fmt::format("{:04}", t.year);
  }
  constexpr std::string_view separators = "--T::";
  const unsigned parts[] = {t.month, t.day, t.hour, t.minute, t.second};
  for (std::size_t i = 0; i < separators.size(); ++i) {
    out += separators[i];
    append_digits(out, parts[i], 2);
  }
  append_fraction(out, static_cast<std::uint64_t>(t.ns), 9);
  const std::int64_t minutes = utc_offset.ns / ns_per_second / 60;
  if (minutes == 0) {
    out += 'Z';
  } else {
    out +=
        fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
  }
}

std::string rfc3339_nano(WallTime at, Duration utc_offset) {
  std::string out;
  append_rfc3339_nano(out, at, utc_offset);
  return out;
}

std::string http_date(WallTime at) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil t = civil_of(at.unix_ns);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[t.weekday], t.day, months[t.month - 1],
                     t.year, t.hour, t.minute, t.second);
}

std::string duration_text(Duration length) {
  if (length.ns == 0) return "0s";
  const bool negative = length.ns < 0;
  const std::uint64_t ns =
      negative ? ~static_cast<std::uint64_t>(length.ns) + 1 : static_cast<std::uint64_t>(length.ns);
  std::string text = negative ? "-" : "";
  if (ns < 1'000) {
    append_unit(text, ns, "ns");
  } else if (ns < 1'000'000) {
    append_unit(text, ns / 1'000, ns % 1'000, 3, "µs");
  } else if (ns < ns_per_second) {
    append_unit(text, ns / 1'000'000, ns % 1'000'000, 6, "ms");
  } else {
    const std::uint64_t seconds = ns / ns_per_second;
    if (seconds >= 3600) append_unit(text, seconds / 3600, "h");
    if (seconds >= 60) append_unit(text, seconds / 60 % 60, "m");
    append_unit(text, seconds % 60, ns % ns_per_second, 9, "s");
  }
  return text;
}

std::string uptime_text(Duration length) {
  const std::int64_t s = length.ns / ns_per_second;
  if (s < 0) return fmt::format("{}s", s);
  const auto seconds = static_cast<std::uint64_t>(s);
  const std::uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24, years = days / 365;
  std::string text;
  if (years > 0) append_unit(text, years, "y");
  if (days > 0) append_unit(text, days % 365, "d");
  if (hours > 0) append_unit(text, hours % 24, "h");
  if (minutes > 0) append_unit(text, minutes % 60, "m");
  append_unit(text, seconds % 60, "s");
  return text;
}

}  // namespace nats::gojson
