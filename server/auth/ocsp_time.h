// Is what a responder said of now?
#pragma once

#include <string>
#include <string_view>

#include "server/config/ocsp_options.h"
#include "server/sys/tls.h"

namespace nats::auth {

// "good", "revoked", "unknown"
std::string_view status_text(sys::OcspAnswer::Status status);

// Of a peer's certificate. What the log's debug line says against it; empty: it is.
std::string currency_problem(const sys::OcspAnswer& answer, const config::OcspPeer& policy, WallTime now);

// Of the server's own, without tolerance.
std::string staple_problem(const sys::OcspAnswer& answer, WallTime now);
// When to ask again.
Duration staple_pause(const sys::OcspAnswer& answer, WallTime now);
// When it said that it is to be asked again; Go's zero time where it said nothing.
std::string next_update_text(const sys::OcspAnswer& answer);

}  // namespace nats::auth
