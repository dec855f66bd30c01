// How a connection begins where the server has TLS: INFO, a handshake, or neither, and in which order. A
// machine that is fed what the client sends in the clear.
//
// begin(); then bytes and deadlines until phase() is one of the last two.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/base/bytes.h"
#include "server/base/time.h"

namespace nats::config {
struct Tls;
}

namespace nats::broker {

class TlsOpening {
 public:
  enum class Phase : std::uint8_t {
    awaits_handshake,  // INFO is held back from who may begin with a handshake
    sniffs,            // the first octets tell TLS from plain text
    secures,           // a handshake is next
    plain,             // there is none
  };

  TlsOpening(const config::Tls& tls, bool allow_non_tls);

  // INFO comes behind the handshake, as far as is known.
  bool handshake_first() const { return handshake_first_; }
  Phase phase() const { return phase_; }
  bool decided() const { return phase_ == Phase::secures || phase_ == Phase::plain; }
  std::optional<Instant> deadline() const { return until_; }
  // What has come so far: the handshake's or the session's.
  const std::string& held() const { return held_; }

  // From the moment that the client may send.
  void begin(Instant now);
  void on_bytes(Bytes in);
  // True: INFO is to be sent now.
  bool on_deadline(Instant now);
  // The client sends no more.
  void on_end();
  // What came was a proxy's header and `held` behind it, or no header after all (`header` false).
  void begin_again(std::string held, bool header, Instant now);

 private:
  void decide_by_first_octet();

  const Duration fallback_;
  const Duration timeout_;
  const bool allow_non_tls_;
  bool handshake_first_;
  bool sniffed_ = false;  // the phase was decided by the first octet
  std::size_t sniffed_octets_;
  Phase phase_;
  std::optional<Instant> until_;
  std::string held_;
};

}  // namespace nats::broker
