// GOMEMLIMIT, which /varz shows. This server has no garbage that it could collect earlier: it is only said.
#pragma once

#include <cstdint>
#include <string_view>

namespace nats::app {

// Bytes: "1GiB", "500MiB", "12345B", "12345"; 0: none, be it "off" or nothing that can be read.
std::int64_t read_memory_limit(std::string_view text);

}  // namespace nats::app
