// The short name of a server in subjects: eight letters and digits made of its name, the same on every
// server that knows the name.
#pragma once

#include <string>
#include <string_view>

namespace nats::system {

std::string name_hash(std::string_view server_name);

}  // namespace nats::system
