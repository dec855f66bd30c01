// The file named by pid_file: the process's number, nothing else.
#pragma once

#include <string_view>

#include "server/base/error.h"

namespace nats::sys {
class Files;
}

namespace nats::app {

// Digits without a line end, readable by the owner only when the file is made. The reference leaves the
// file behind when it stops. The error's detail is worded as its own: "open PATH: ...".
Result<void> write_pid_file(sys::Files& files, std::string_view path, int pid);

}  // namespace nats::app
