// Brings the recordings of one scenario together, event by event.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

class Vocabulary;

struct AlignedEvent {
  std::vector<std::optional<Event>> of;  // by recording; only log lines may be absent in some
  int group = 0;                         // not 0: comes in any order within this group
  bool any_step = false;                 // the recordings disagree about the step

  const Event& sample() const;
};

// In the order of the first recording. The error lists, by actor and step, the frames whose number
// is not the same everywhere.
std::expected<std::vector<AlignedEvent>, std::string> align_recordings(std::span<const Trace> recordings,
                                                                       const Vocabulary& vocabulary);

}  // namespace natstwin::trace
