// Octets that somebody else owns. A view is valid only as long as its owner says, which every
// function taking or returning one states.
#pragma once

#include <string_view>

namespace nats {

using Bytes = std::string_view;

}  // namespace nats
