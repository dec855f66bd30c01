#include "server/app/memory_limit.h"

#include <array>
#include <charconv>
#include <limits>

namespace nats::app {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t bytes;
};

// The longest first: all end in "B".
constexpr std::array units{
    Unit{"KiB", std::int64_t{1} << 10},
    Unit{"MiB", std::int64_t{1} << 20},
    Unit{"GiB", std::int64_t{1} << 30},
    Unit{"TiB", std::int64_t{1} << 40},
    Unit{"B", 1},
};

}  // namespace

std::int64_t read_memory_limit(std::string_view text) {
  std::int64_t unit = 1;
  for (const Unit& row : units) {
    if (!text.ends_with(row.suffix)) continue;
    unit = row.bytes;
    text.remove_suffix(row.suffix.size());
    break;
  }
  std::int64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 0) return 0;
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  return count > none / unit || count * unit == none ? 0 : count * unit;
}

}  // namespace nats::app
