// Compression as files and HTTP bodies use it (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace nats {

std::string gzip(std::string_view data);

}  // namespace nats
