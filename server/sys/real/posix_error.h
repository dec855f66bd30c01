// errno as our Error, worded as Go words it.
#pragma once

#include <string>
#include <string_view>

#include "server/base/error.h"

namespace nats::sys {

// "no such file or directory"
std::string errno_text(int error);
ErrorCode errno_code(int error);
// Detail "WHAT: no such file or directory", where `what` is "open /some/path" or the like.
Error errno_error(std::string_view what, int error);
std::unexpected<Error> fail_errno(std::string_view what, int error);

}  // namespace nats::sys
