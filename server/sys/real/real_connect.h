// Outgoing TCP connections.
#pragma once

#include <functional>
#include <memory>

#include "server/base/error.h"
#include "server/sys/ground.h"
#include "server/sys/real/real_loop.h"

namespace nats::sys {

// As Ground::connect. A host that is a name is looked up by `workers`.
void connect_real_stream(const Endpoint& to, RealLoop& loop, WorkerPool& workers, Duration timeout,
                         std::move_only_function<void(Result<std::unique_ptr<Stream>>)> done);

}  // namespace nats::sys
