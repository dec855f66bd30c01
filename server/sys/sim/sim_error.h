// Errors of the simulated ground, worded as those of the real one.
#pragma once

#include <string>
#include <string_view>

#include "server/base/error.h"

namespace nats::sys {

// "no such file or directory" for not_found, and so on.
std::string_view sim_error_text(ErrorCode code);
Error sim_error(std::string_view what, ErrorCode code);
std::unexpected<Error> sim_fail(std::string_view what, ErrorCode code);

}  // namespace nats::sys
