// The texts of trace lines (-V): payloads cut and quoted as the reference does.
#pragma once

#include <cstdint>
#include <string>

#include "server/base/bytes.h"

namespace nats::config {
struct Options;
}

namespace nats::broker {

// What stands between the brackets of MSG_PAYLOAD; empty where nothing is traced. `data` ends with
// CRLF; `header_size` is not positive for a message without headers.
std::string traced_payload(const config::Options& options, Bytes data, std::int64_t header_size);

}  // namespace nats::broker
