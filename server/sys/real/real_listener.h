// A listening TCP socket.
#pragma once

#include <memory>

#include "server/base/error.h"
#include "server/sys/real/real_loop.h"
#include "server/sys/stream.h"

namespace nats::sys {

// Binds and listens at once; accepts when `loop` runs.
Result<std::unique_ptr<Listener>> make_real_listener(const Endpoint& at, RealLoop& loop,
                                                     AcceptHandler& accept);

}  // namespace nats::sys
