// The shell round a client's session: its stream, its timer, its writes. Lives in its LoopClients,
// on one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/broker/session/client_session.h"
#include "server/sys/stream.h"
#include "server/sys/timer.h"

namespace nats::config {
struct Tls;
}
namespace nats::sys {
class TlsStream;
}

namespace nats::broker {

class LoopClients;

class ClientConnection final : public sys::StreamHandler, private sys::Timer {
 public:
  ClientConnection(Broker& broker, LoopBroker& loop, LoopClients& owner, std::unique_ptr<sys::Stream> stream,
                   std::uint64_t client_id);
  // Of a server with TLS: begins as `tls` says, whose context the stream has.
  ClientConnection(Broker& broker, LoopBroker& loop, LoopClients& owner,
                   std::unique_ptr<sys::TlsStream> stream, std::shared_ptr<const config::Tls> tls,
                   std::uint64_t client_id);
  ~ClientConnection() override;

  void start();
  ClientSession& session() { return session_; }

  // Writes what the outlet holds, as far as the stream takes it.
  void flush(Instant now);
  // Feeds what was kept while the session was paused.
  void resume();
  void close(CloseReason reason);
  // After something was done to the session that may have ended it or moved its deadline.
  void settle();
  // True where nothing was written for a while and the memory was given back.
  bool cool_down(Instant now);

  void on_bytes(Bytes in) override;
  void on_writable() override;
  void on_secured() override;
  void on_end(const Error& reason) override;

 private:
  // Until TLS is there, or known not to be wanted, and a proxy's header is read.
  struct Opening;

  void on_timer(Instant now) override;
  void begin_opening(Instant now);
  void go_on_opening(Instant now);
  void take_proxy_header(Instant now);
  void refuse_proxy_header(std::string_view problem);
  void begin_handshake(Instant now);
  void on_opening_deadline(Instant now);
  void on_opening_end(const Error& reason);
  void note_broken_handshake();
  std::string handshake_read_text(std::string_view what) const;
  void feed(Bytes in);
  void keep_rest(Bytes rest);
  void rearm();
  void begin_close();
  void remember();
  void finish();
  bool begin_front(Instant now);
  bool write_front(std::size_t& written);
  void end_front(Instant now);
  void on_write_deadline();

  Broker& broker_;
  LoopBroker& loop_;
  LoopClients& owner_;
  std::unique_ptr<sys::Stream> stream_;
  const Duration write_deadline_;     // of the time when it was made, as in the reference
  sys::TlsStream* secure_ = nullptr;  // stream_, where the server has TLS
  ClientSession session_;
  std::unique_ptr<Opening> opening_;  // null: the session is fed
  std::string kept_;                  // bytes the paused session has not taken
  std::optional<Instant> write_by_;
  // A flush is one front; after a missed deadline it is all that waited then, front by front.
  std::size_t flush_bytes_ = 0;   // when it began
  std::size_t behind_front_ = 0;  // of those
  Instant flush_begun_;
  Instant last_flush_;
  bool write_blocked_ = false;
  bool progress_ = false;  // something of the front went since its deadline was set
  bool slow_ = false;      // it missed one and was given another
  bool warm_ = false;
  bool closing_ = false;
  bool remembered_ = false;  // among the closed clients
  bool finished_ = false;
};

}  // namespace nats::broker
