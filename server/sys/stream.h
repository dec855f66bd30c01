// Byte streams and their listeners: the only way bytes of a peer enter or leave the server.
//
// A stream belongs to one loop for life; every call to it and from it happens on that loop.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "server/base/bytes.h"
#include "server/base/error.h"

namespace nats::sys {

class Loop;

// `host` is a textual IP address once a stream or listener exists ("127.0.0.1", "::1"); a listener
// may also be given a name or "" / "0.0.0.0" / "::".
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "127.0.0.1:4222", "[::1]:4222"
std::string to_text(const Endpoint& endpoint);

// What a stream tells its owner.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // Bytes from the peer. `in` is the loop's own buffer: valid during the call only.
  virtual void on_bytes(Bytes in) = 0;
  // The stream takes bytes again; once per want_writable().
  virtual void on_writable() = 0;
  // The handshake that TlsStream::start_tls() began is complete.
  virtual void on_secured() {}
  // The peer closed (end_of_stream) or reading or writing failed. Nothing follows; the handler may
  // destroy the stream from within any of these calls.
  virtual void on_end(const Error& reason) = 0;
};

class Stream {
 public:
  // Closes at once; what the kernel has taken is still sent.
  virtual ~Stream() = default;

  // Starts reading. `handler` must live until on_end or the stream's destruction.
  virtual void start(StreamHandler& handler) = 0;

  // Reading stops and starts; bytes stay in the kernel meanwhile.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // Hands over as many bytes as fit without blocking and returns their number, 0 when none fit.
  // An error means the stream is broken; on_end is NOT called for it.
  virtual Result<std::size_t> write(std::span<const Bytes> pieces) = 0;
  // Asks for one on_writable().
  virtual void want_writable() = 0;

  virtual Endpoint local() const = 0;
  virtual Endpoint remote() const = 0;
  virtual Loop& loop() const = 0;
};

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;

  // On the listener's loop: where shall the next stream live?
  virtual Loop& pick_loop() = 0;
  // On the picked loop. The stream does not read before start().
  virtual void on_accept(std::unique_ptr<Stream> stream) = 0;
  // Accepting failed for a passing reason (no descriptors left); the listener goes on.
  virtual void on_accept_error(const Error& error) = 0;
};

class Listener {
 public:
  // Stops accepting; connections in the backlog are reset.
  virtual ~Listener() = default;
  // The bound address, with the port the system chose where 0 was asked for.
  virtual Endpoint local() const = 0;
};

}  // namespace nats::sys
