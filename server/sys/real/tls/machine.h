// One connection's TLS as a machine: bytes of the peer in, bytes for the peer and plain text out. No
// sockets, no loop. Used by one thread at a time; a handshake step may run on a worker.
//
// handshake() until `done`, then read() and write().
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/bytes.h"
#include "server/base/error.h"
#include "server/sys/real/tls/context.h"

struct ssl_st;
struct bio_st;
struct x509_store_ctx_st;

namespace nats::sys {

class TlsMachine {
 public:
  // `server_name` is for a client's context: whom it wants to reach.
  explicit TlsMachine(std::shared_ptr<const OpensslContext> context, std::string server_name = {});
  ~TlsMachine();
  TlsMachine(const TlsMachine&) = delete;
  TlsMachine& operator=(const TlsMachine&) = delete;

  static void install_callbacks(ssl_ctx_st& context, TlsSide side, bool verifies, bool guards_peers);

  enum class Step { more, done, failed };
  // Takes bytes off the front of `in`: all of them, but for what follows a handshake that is done. What
  // the peer is to be told is put behind `out`, also when it failed.
  Step handshake(Bytes& in, std::string& out);
  // Why it failed.
  const Error& failure() const { return notes_->failure; }
  // Something of the handshake has come, but not a whole record.
  bool in_mid_record() const;

  enum class Reading { more, closed, failed };
  struct Read {
    std::size_t count = 0;  // octets of plain text
    Reading state = Reading::more;
    Error error;
  };
  // As long as `room` is not full it takes all of `in`.
  Read read(Bytes& in, std::span<char> room, std::string& out);
  // One record of at most record_max octets.
  static constexpr std::size_t record_max = 16384;
  Result<void> write(Bytes plain, std::string& out);
  // "I send no more."
  void close(std::string& out);

  // Of a handshake that is done, where peers are guarded: all ways from the peer's certificate to a root.
  std::vector<VerifiedChain> peer_chains() const;
  // Instead of what the last step put out, which the peer has not seen.
  std::string refuse_peer(std::uint8_t alert) const;

  std::string_view version() const;
  std::string_view cipher_suite() const;
  std::shared_ptr<const std::vector<Certificate>> peer_certificates() const { return peers_; }
  // The handshake is over: what was remembered for its sake goes.
  void forget_handshake();

 private:
  // What the handshake's callbacks find out.
  struct Notes {
    Error failure;
    std::vector<std::uint16_t> offered_suites;
    std::vector<std::uint16_t> offered_versions;
    std::uint16_t record_version = 0;  // of the peer's last record
    std::uint16_t server_version = 0;  // a client's: what the server chose
    int sent_alert = -1;
    bool plain_alert = false;  // the peer's last record was an alert in the clear
    bool server_hello_sent = false;
    bool certificate_refused = false;
    std::string refusal;
    std::string write_secret;  // for application data of TLS 1.3, where peers are guarded
  };

  friend struct TlsCallbacks;

  void attach(Bytes* in, std::string* out);
  void explain_failure();
  std::string explain(int reason, bool from_ssl) const;
  void describe_peer();

  std::shared_ptr<const OpensslContext> context_;
  std::string server_name_;
  ssl_st* ssl_ = nullptr;
  Bytes* in_ = nullptr;         // during a call only
  std::string* out_ = nullptr;  // likewise
  std::unique_ptr<Notes> notes_;
  std::shared_ptr<std::vector<Certificate>> peers_;
};

}  // namespace nats::sys
