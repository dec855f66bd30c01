// Which event of a replay answers which event of the golden.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/trace/bindings.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/trace.h"

namespace natstwin::trace {

inline constexpr std::size_t unpaired = static_cast<std::size_t>(-1);

struct Pairing {
  std::vector<std::size_t> replay_of;  // by golden event; `unpaired` if missing
  std::vector<std::size_t> golden_of;  // by replay event; `unpaired` if extra
  std::vector<bool> moved;             // by golden event: found, but at another place
};

// Events pair by actor, direction and frame, in order, so that as many leaves as possible fit; within
// a group of the golden, and for log lines, in any order. With `bindings`, names must fit as well.
Pairing pair_events(const Golden& golden, const Trace& replay, const Bindings* bindings);

bool is_compared(const Golden& golden, Direction direction, const std::string& frame);

}  // namespace natstwin::trace
