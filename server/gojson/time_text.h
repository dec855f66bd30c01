// Times and lengths of time in the words of the reference.
#pragma once

#include <limits>
#include <string>

#include "server/base/time.h"

namespace nats::gojson {

// Go's zero time.Time, "0001-01-01T00:00:00Z": a time that was never set.
constexpr WallTime zero_time{std::numeric_limits<std::int64_t>::min()};

// As time.Time marshals: RFC 3339 with as many digits of the second as are needed.
void append_rfc3339_nano(std::string& out, WallTime at, Duration utc_offset = {});
std::string rfc3339_nano(WallTime at, Duration utc_offset = {});

// HTTP's date: "Mon, 02 Jan 2006 15:04:05 GMT".
std::string http_date(WallTime at);

// As time.Duration.String(): "1h2m3.5s", "1.5ms", "0s".
std::string duration_text(Duration length);

// As monitoring shows uptime and idle time: whole seconds, "1y2d3h4m5s" without leading zero units.
std::string uptime_text(Duration length);

}  // namespace nats::gojson
