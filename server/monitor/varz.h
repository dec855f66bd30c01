// /varz: what a server is, how it is configured and what it has done.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/monitor/snapshot.h"

namespace nats::monitor {

std::string varz(const ServerSnapshot& server, const std::map<std::string, std::uint64_t>& request_counts);

}  // namespace nats::monitor
