// A connected TCP socket as a Stream.
#pragma once

#include <memory>

#include "server/base/error.h"
#include "server/sys/real/address.h"
#include "server/sys/real/descriptor.h"
#include "server/sys/real/real_loop.h"
#include "server/sys/stream.h"

namespace nats::sys {

// On `loop`'s thread, or before it runs. `socket` is connected and does not block.
Result<std::unique_ptr<Stream>> make_real_stream(RealLoop& loop, Descriptor socket, const IpAddress& remote);

}  // namespace nats::sys
