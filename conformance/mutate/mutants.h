// What a mutating proxy does to a server's bytes. Each mutant is one small wrong that a server could
// do; a harness that does not see it would not see the bug.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "conformance/mutate/frames.h"
#include "conformance/mutate/json_edit.h"

namespace natstwin::mutate {

// What happens to a frame beside a change of its bytes.
enum class FrameFate : std::uint8_t {
  change,       // the bytes that `change` gives
  drop,         // never comes
  repeat,       // comes twice
  swap,         // comes after the next one
  delay,        // comes only after the client has spoken again
  silence,      // neither it nor anything after it comes
  early_close,  // comes, and then the connection is closed
  no_close,     // the connection's end is not seen
};

struct Mutant {
  std::string_view name;
  std::string_view what;
  std::string_view on;  // kind of frame: INFO, MSG, ..., "*" for any but the first INFO, "HTTP"
  FrameFate fate = FrameFate::change;
  // The changed bytes of a frame; nothing if this frame does not lend itself to it. `choice` picks
  // one of several places.
  Edit (*change)(std::string_view bytes, std::uint64_t choice) = nullptr;
  // The same for an HTTP answer; false if it does not lend itself to it.
  bool (*change_http)(HttpAnswer& answer, std::uint64_t choice) = nullptr;
};

std::span<const Mutant> mutants();
const Mutant* find_mutant(std::string_view name);

// The two tables that mutants() joins.
std::span<const Mutant> frame_mutants();
std::span<const Mutant> http_mutants();

}  // namespace natstwin::mutate
