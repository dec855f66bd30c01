// /debug/vars: the command line and what memory is used for, under the names of Go's runtime.MemStats.
#pragma once

#include <string>
#include <vector>

#include "server/sys/diagnostics.h"

namespace nats::monitor {

std::string expvars(sys::Diagnostics& diagnostics, const std::vector<std::string>& command_line);

}  // namespace nats::monitor
