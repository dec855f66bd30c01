// A stream that speaks TLS over another one.
#pragma once

#include <memory>

#include "server/sys/ground.h"
#include "server/sys/real/tls/context.h"

namespace nats::sys {

// Handshakes are computed by `workers`; `guard` may be null. `server_name` is for a client's context.
std::unique_ptr<TlsStream> make_tls_stream(std::unique_ptr<Stream> stream,
                                           std::shared_ptr<const OpensslContext> context, WorkerPool& workers,
                                           TlsGuard* guard = nullptr, std::string server_name = {});

}  // namespace nats::sys
