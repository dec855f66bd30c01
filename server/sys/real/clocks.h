// The system clocks.
#pragma once

#include "server/base/time.h"

namespace nats::sys {

Instant read_monotonic_clock();
WallTime read_wall_clock();

}  // namespace nats::sys
