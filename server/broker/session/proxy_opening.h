// The wait for a proxy's header, where the server takes such: a machine that is fed the first octets.
#pragma once

#include <optional>
#include <string>

#include "server/base/bytes.h"
#include "server/base/time.h"
#include "server/protocol/proxy_header.h"

namespace nats::broker {

class ProxyOpening {
 public:
  // `in`: what came already. Then octets and deadlines, until header() is no longer incomplete.
  void begin(Bytes in, Instant now);
  bool begun() const { return until_.has_value(); }
  void on_bytes(Bytes in, Instant now);
  // True: time is up.
  bool on_deadline(Instant now);

  const protocol::ProxyHeader& header() const { return header_; }
  bool waits() const { return header_.kind == protocol::ProxyHeader::Kind::incomplete; }
  std::optional<Instant> deadline() const { return waits() ? until_ : std::nullopt; }
  // All that came.
  const std::string& held() const { return held_; }

 private:
  protocol::ProxyHeader header_;
  std::string held_;
  std::optional<Instant> until_;
  // Until it is told what this is; then there is as much time again for whoever said anything.
  bool probes_ = true;
};

}  // namespace nats::broker
