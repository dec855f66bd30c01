// The text of log lines and of the names of rotated log files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/log.h"
#include "server/base/time.h"

namespace nats::app {

// "2026/11/24 17:49:59.893898". `local` is the wall clock plus the offset of the zone to show.
std::string log_time(WallTime local);
// The same without the fraction, as the reference prints it before it has a logger.
std::string log_time_to_the_second(WallTime local);

// "[INF] "; `colored` as a terminal shows it.
std::string_view log_label(LogLevel level, bool colored);

// What stands behind the dot of a rotated file: "2026.11.24.17.49.59.893734002".
std::string rotation_stamp(WallTime local);
// Would the reference's purge take `stamp` for one of its own?
bool is_rotation_stamp(std::string_view stamp);

}  // namespace nats::app
