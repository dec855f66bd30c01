// Three kinds of time that must never be mixed: a length, a reading of the monotonic clock, and a
// reading of the wall clock. Logic that needs the time takes an Instant or a WallTime as an
// argument; only server/sys/ reads clocks.
#pragma once

#include <compare>
#include <cstdint>

namespace nats {

struct Duration {
  std::int64_t ns = 0;

  static constexpr Duration from_us(std::int64_t us) { return {us * 1'000}; }
  static constexpr Duration from_ms(std::int64_t ms) { return {ms * 1'000'000}; }
  static constexpr Duration from_seconds(std::int64_t s) { return {s * 1'000'000'000}; }
  constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return {a.ns / n}; }
};

// A reading of the monotonic clock; comparable only within one process run.
struct Instant {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, Duration d) { return {a.ns + d.ns}; }
  friend constexpr Instant operator-(Instant a, Duration d) { return {a.ns - d.ns}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.ns - b.ns}; }
};

// Nanoseconds since 1970-01-01 UTC.
struct WallTime {
  std::int64_t unix_ns = 0;

  friend constexpr auto operator<=>(WallTime, WallTime) = default;
  friend constexpr WallTime operator+(WallTime a, Duration d) { return {a.unix_ns + d.ns}; }
  friend constexpr Duration operator-(WallTime a, WallTime b) { return {a.unix_ns - b.unix_ns}; }
};

}  // namespace nats
