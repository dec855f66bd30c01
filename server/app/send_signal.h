// --signal: a command for another nats-server process.
#pragma once

#include "server/base/error.h"
#include "server/config/command_line.h"
#include "server/sys/ground.h"

namespace nats::app {

// The error's detail is the reference's text.
Result<void> send_signal(sys::Process& process, const config::SignalRequest& request);

}  // namespace nats::app
