// What all recordings of a scenario have in common: the events, and for each leaf a pattern that
// every recording fits. docs/trace-format.md describes its text, in which it is kept and reviewed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

// One piece of a pattern. Everything but a literal stands for one token (see tokens.h).
enum class PartKind : std::uint8_t {
  literal,
  name,      // <id:N>: the same token wherever N stands
  time,      // <time:N>: the same moment wherever N stands
  duration,  // <duration>: Go duration text
  integer,   // <int:LOW..HIGH>
  any,       // <any>: anything of that JSON type
};

struct Part {
  PartKind kind = PartKind::literal;
  std::string literal;
  int id = 0;  // of a name or a time, from 1
  std::int64_t low = 0;
  std::int64_t high = 0;

  friend bool operator==(const Part&, const Part&) = default;
};

using Pattern = std::vector<Part>;

// How a leaf is compared: the weakest of its parts.
enum class LeafClass : std::uint8_t { constant, name, time, duration, bounds, free };
LeafClass class_of(const Pattern& pattern);
std::string_view name_of(LeafClass leaf_class);

struct LeafSpec {
  std::string path;
  Pattern pattern;
  bool optional = false;  // not present in every recording

  friend bool operator==(const LeafSpec&, const LeafSpec&) = default;
};

struct EventSpec {
  int step = 0;
  std::string actor;
  Direction direction = Direction::received;
  std::string frame;
  int group = 0;                  // events of one actor with the same group come in any order
  bool any_step = false;          // not at the same step in every recording
  bool optional = false;          // a log line that not every recording has
  std::vector<std::string> sets;  // paths of arrays whose elements come in any order
  std::vector<LeafSpec> leaves;
  int line = 0;  // in the golden's text

  friend bool operator==(const EventSpec&, const EventSpec&) = default;
};

// What every token bound to one name looks like: a fixed prefix, then `min` to `max` characters.
struct NameShape {
  std::string prefix;
  std::string alphabet;  // "A-Z2-7"; "port" for a TCP port
  std::size_t min = 0;
  std::size_t max = 0;

  friend bool operator==(const NameShape&, const NameShape&) = default;
};

struct TimeShape {
  std::string format;  // "rfc3339", "rfc3339-nanos", "http", "unix-nanos"
  std::string zone;    // "Z", "offset", "" where the format has none
  bool in_run = false;

  friend bool operator==(const TimeShape&, const TimeShape&) = default;
};

struct TimeOrder {
  int earlier = 0;
  int later = 0;  // never before `earlier`

  friend bool operator==(const TimeOrder&, const TimeOrder&) = default;
};

struct Golden {
  std::string scenario;
  std::string script_hash;
  std::string reference;
  std::vector<std::string> conditions;  // one line for each recording
  std::vector<std::string> log_levels;  // compared beside INF WRN ERR FTL
  std::vector<NameShape> names;         // of <id:1>, <id:2>, ...
  std::vector<TimeShape> times;
  std::vector<TimeOrder> order;
  std::vector<EventSpec> events;
};

// Recordings of one scenario (at least `recordings_min`). The error lists what disagreed where the
// recordings are not the same events.
inline constexpr std::size_t recordings_min = 5;
std::expected<Golden, std::string> make_golden(std::span<const Trace> recordings);
// From a single recording: what typed knowledge and the look of a token tell. For comparing two
// raw traces; not fit to be kept.
std::expected<Golden, std::string> make_provisional_golden(const Trace& recording);

std::string to_text(const Golden& golden);
std::expected<Golden, std::string> golden_from_text(std::string_view text);

// How many leaves are compared in which way: the mask budget.
struct LeafCounts {
  std::size_t exact = 0;
  std::size_t renamed = 0;
  std::size_t bounded = 0;
  std::size_t free = 0;

  std::size_t total() const { return exact + renamed + bounded + free; }
  LeafCounts& operator+=(const LeafCounts& other);
};
LeafCounts count_leaves(const Golden& golden);

}  // namespace natstwin::trace
