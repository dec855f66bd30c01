// Where every thread of this process is.
#pragma once

#include <vector>

#include "server/sys/diagnostics.h"

namespace nats::sys {

// Interrupts each thread with SIGURG, which Go's runtime uses for the like. One caller at a time goes
// on, others wait.
std::vector<ThreadStack> collect_thread_stacks();

}  // namespace nats::sys
