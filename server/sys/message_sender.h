// Messages to a log daemon: syslog's sockets.
#pragma once

#include <cstdint>
#include <string>

namespace nats::sys {

enum class MessageTransport : std::uint8_t { unix_datagram, unix_stream, udp, tcp };

// Sends from a thread of its own, so that a slow receiver slows nobody. A connection that broke is made anew
// for the next message. Destroyed, it sends what waits, for at most a second.
class MessageSender {
 public:
  virtual ~MessageSender() = default;

  // Thread-safe, in order, and never blocks: what finds more than a megabyte waiting is lost.
  virtual void send(std::string message) = 0;
  // Of our end; empty for a Unix socket.
  virtual std::string local_address() const = 0;
};

}  // namespace nats::sys
