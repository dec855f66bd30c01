#include "server/app/log_text.h"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cstddef>

namespace nats::app {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

struct CivilTime {
  int year;
  unsigned month;
  unsigned day;
  int hour;
  int minute;
  int second;
  int nanosecond;
};

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

CivilTime civil_time(WallTime local) {
  std::int64_t seconds = floor_divide(local.unix_ns, ns_per_second);
  std::int64_t days = floor_divide(seconds, seconds_per_day);
  int of_day = static_cast<int>(seconds - days * seconds_per_day);
  std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          of_day / 3600,
          of_day / 60 % 60,
          of_day % 60,
          static_cast<int>(local.unix_ns - seconds * ns_per_second)};
}

constexpr std::array<std::string_view, 6> plain_labels{"[INF] ", "[WRN] ", "[ERR] ",
                                                       "[FTL] ", "[DBG] ", "[TRC] "};
constexpr std::array<std::string_view, 6> colored_labels{"[\x1b[32mINF\x1b[0m] ", "[\x1b[0;93mWRN\x1b[0m] ",
                                                         "[\x1b[31mERR\x1b[0m] ", "[\x1b[31mFTL\x1b[0m] ",
                                                         "[\x1b[36mDBG\x1b[0m] ", "[\x1b[33mTRC\x1b[0m] "};

// Reads the stamp from the left, as Go's time.Parse.
class StampReader {
 public:
  explicit StampReader(std::string_view text) : text_(text) {}

  // A number of `size` digits, or of one less where `or_one_less`.
  std::optional<int> number(int size, bool or_one_less = false) {
    int value = 0;
    int count = 0;
    while (count < size && count < static_cast<int>(text_.size()) && is_digit(text_[count]))
      value = value * 10 + (text_[count++] - '0');
    if (count != size && !(or_one_less && count == size - 1 && count > 0)) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(count));
    return value;
  }
  bool dot() {
    if (!text_.starts_with('.')) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Nothing, or a point or comma and digits.
  bool fraction_and_end() {
    if (text_.empty()) return true;
    bool has_point = text_.front() == '.' || text_.front() == ',';
    if (!has_point || text_.size() == 1) return false;
    for (char c : text_.substr(1))
      if (!is_digit(c)) return false;
    return true;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view text_;
};

}  // namespace

std::string log_time(WallTime local) {
  return fmt::format("{}.{:06}", log_time_to_the_second(local), civil_time(local).nanosecond / 1000);
}

std::string log_time_to_the_second(WallTime local) {
  CivilTime t = civil_time(local);
  return fmt::format("{:04}/{:02}/{:02} {:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute,
                     t.second);
}

std::string_view log_label(LogLevel level, bool colored) {
  auto index = static_cast<std::size_t>(level);
  return colored ? colored_labels[index] : plain_labels[index];
}

std::string rotation_stamp(WallTime local) {
  CivilTime t = civil_time(local);
  return fmt::format("{:04}.{:02}.{:02}.{:02}.{:02}.{:02}.{:09}", t.year, t.month, t.day, t.hour, t.minute,
                     t.second, t.nanosecond);
}

bool is_rotation_stamp(std::string_view stamp) {
  StampReader reader(stamp);
  auto year = reader.number(4);
  if (!year || !reader.dot()) return false;
  auto month = reader.number(2);
  if (!month || !reader.dot()) return false;
  auto day = reader.number(2);
  if (!day || !reader.dot()) return false;
  auto hour = reader.number(2, true);
  if (!hour || !reader.dot()) return false;
  auto minute = reader.number(2);
  if (!minute || !reader.dot()) return false;
  auto second = reader.number(2);
  if (!second || !reader.fraction_and_end()) return false;
  std::chrono::year_month_day date{std::chrono::year{*year},
                                   std::chrono::month{static_cast<unsigned>(*month)},
                                   std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() && *hour < 24 && *minute < 60 && *second < 60;
}

}  // namespace nats::app
