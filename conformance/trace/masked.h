// What an event looks like when its names, times and, more coarsely, its numbers are blanked. Only for
// finding the events and array elements that belong together; no comparison rests on it.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

enum class Mask : std::uint8_t {
  names,    // random names, times, durations
  numbers,  // and every word with a digit in it
  values,   // all values: only direction and frame are left
};

// The words that all recordings have. A word of one recording alone is a name, however it looks.
class Vocabulary {
 public:
  explicit Vocabulary(std::span<const Trace> recordings);
  bool knows(std::string_view word) const { return words_.contains(word); }

 private:
  std::set<std::string, std::less<>> words_;
};

std::string masked(std::string_view value, Mask mask, const Vocabulary& vocabulary);
std::string signature(const Event& event, Mask mask, const Vocabulary& vocabulary);

}  // namespace natstwin::trace
