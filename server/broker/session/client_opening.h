// The beginning of a connection to a server with TLS, or behind proxies: what ClientConnection keeps until it
// is over.
#pragma once

#include <memory>
#include <optional>

#include "server/broker/session/client_connection.h"
#include "server/broker/session/proxy_opening.h"
#include "server/broker/session/tls_opening.h"

namespace nats::broker {

struct ClientConnection::Opening {
  std::optional<TlsOpening> plan;     // none: the server has no TLS
  std::optional<ProxyOpening> proxy;  // none: no header is waited for, or it was read
  std::shared_ptr<const config::Tls> tls;
  std::optional<Instant> handshake_by = {};  // while hands are being shaken
  std::string held_behind_header = {};       // without a plan, which holds it otherwise

  bool plan_is_open() const { return plan && !plan->decided(); }
  bool handshake_first() const { return plan && plan->handshake_first(); }
  const std::string& held() const { return plan ? plan->held() : held_behind_header; }
  std::optional<Instant> deadline() const {
    if (handshake_by) return handshake_by;
    if (plan_is_open()) return plan->deadline();
    return proxy ? proxy->deadline() : std::nullopt;
  }
};

}  // namespace nats::broker
