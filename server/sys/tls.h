// TLS: what a configuration asks for, made once into an immutable context; and streams that begin in
// the clear and are secured when their owner says so.
//
// Contexts are shared by loops and threads and never change: to replace one is to make another, and
// connections keep theirs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/time.h"
#include "server/sys/loop.h"
#include "server/sys/stream.h"

namespace nats::sys {

// Texts of PEM files; whoever reads files words what is wrong with them.
struct TlsPair {
  std::string certificates;  // one's own first, then what signed it
  std::string key;
};

struct TlsSettings {
  std::vector<TlsPair> pairs;
  std::string roots;  // who may sign the peer's; empty: whom the system trusts
  bool verify_peer =
      false;  // a client must show a certificate that the roots signed; a server, one that is its name's too
  std::vector<std::string> cipher_suites;  // up to TLS 1.2, names of the IANA registry; empty: the usual ones
  std::vector<std::string> curves;         // Go's names ("CurveP256"); empty: the usual ones
  bool only_tls_1_3 = false;               // else 1.2 as well
  bool guard_peers = false;                // a handshake's TlsGuard is asked about the client
};

// One "type=value" of a distinguished name.
struct NameAttribute {
  std::string type;   // "2.5.4.3"
  std::string value;  // UTF-8, or the DER encoding of what is no text
  bool is_text = true;

  friend bool operator==(const NameAttribute&, const NameAttribute&) = default;
};
// Relative names in the order of the certificate, each with one attribute or more.
using DistinguishedName = std::vector<std::vector<NameAttribute>>;

// What is asked of a certificate.
struct Certificate {
  DistinguishedName subject;
  std::vector<std::string> emails;  // of the subject's alternative names, as all three
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::string key_sha256;  // of the public key's DER encoding, lower-case hex
  std::string sha256;      // of the whole certificate's
  WallTime not_after;
};

// A certificate as whoever asks for its status needs it.
struct StatusCertificate {
  std::string der;
  std::string sha256;  // 32 octets
  DistinguishedName subject;
  DistinguishedName issuer;
  std::vector<std::string> responders;  // URLs
  bool must_staple = false;             // RFC 7633
  bool authority = false;               // may sign others
};
// The peer's own first, a root last.
using VerifiedChain = std::vector<StatusCertificate>;

class TlsContext {
 public:
  virtual ~TlsContext() = default;
  // When the first pair's certificate expires; nothing without a pair.
  virtual std::optional<WallTime> not_after() const = 0;
  // The first pair's; null without a pair.
  virtual const StatusCertificate* own_certificate() const = 0;
  // What signed it: the second of the pair, or found among the roots. The error's detail is the
  // reference's.
  virtual Result<StatusCertificate> find_issuer() const = 0;
  // What clients that ask are shown of the first pair's status from now on; null: nothing. Thread-safe,
  // and the one thing of a context that changes.
  virtual void set_staple(std::shared_ptr<const std::string> staple) const = 0;
};

// Has a say in handshakes. Called on the stream's loop; `done` is called there, at once or later. It
// outlives all streams. A Result's error ends the handshake: its detail is what the log says.
class TlsGuard {
 public:
  using Done = std::move_only_function<void(Result<void>)>;
  virtual ~TlsGuard() = default;
  // Before the client is answered.
  virtual void on_hello(const TlsContext& context, Loop& loop, Done done) = 0;
  // Before the client hears that the handshake is over, where the context has guard_peers: all ways
  // from its certificate to a root.
  virtual void on_peer(std::vector<VerifiedChain> chains, Loop& loop, Done done) = 0;
};

// What an OCSP responder says of one certificate.
struct OcspAnswer {
  enum class Status : std::uint8_t { good, revoked, unknown };
  Status status = Status::unknown;
  WallTime this_update;
  std::optional<WallTime> next_update;
  // The certificate that it came with is another one than the issuer's.
  bool delegated = false;
  bool delegate_may_sign = false;  // that one is meant to sign answers
};

// A stream that is in the clear until start_tls().
//
// write() takes nothing while hands are being shaken; on_writable() follows as asked for. What ends a
// handshake is told by on_end() with one of the codes tls_*, before anything else of it was told.
class TlsStream : public Stream {
 public:
  // A server's peer is to begin a handshake, a client begins it itself; `received` of it was read already.
  // What was written before has left. Then on_secured(), or on_end().
  virtual void start_tls(Bytes received) = 0;
  virtual bool secured() const = 0;

  // Once secured: "1.3", "TLS_AES_128_GCM_SHA256".
  virtual std::string_view tls_version() const = 0;
  virtual std::string_view cipher_suite() const = 0;
  // The peer's own first; null: it showed none. Also of a handshake that failed with
  // tls_certificate_refused.
  virtual std::shared_ptr<const std::vector<Certificate>> peer_certificates() const = 0;
};

// Makes contexts and streams. Errors are worded as Go's crypto/tls words them. Thread-safe, but for
// secure(), which is for the stream's loop.
class Tls {
 public:
  virtual ~Tls() = default;

  // Can the certificates be read, and does the key belong to the first?
  virtual Result<void> check_pair(const TlsPair& pair) = 0;
  virtual Result<void> check_roots(std::string_view pem) = 0;
  // Of pairs and roots that were checked. unsupported: something is asked for that this ground lacks.
  virtual Result<std::shared_ptr<const TlsContext>> server_context(const TlsSettings& settings) = 0;
  // Takes a stream that was not started. The context lives as long as the stream needs it.
  virtual std::unique_ptr<TlsStream> server_stream(std::unique_ptr<Stream> stream,
                                                   std::shared_ptr<const TlsContext> context,
                                                   TlsGuard* guard = nullptr) = 0;

  // The same for whoever connects. Of several pairs the first is shown.
  virtual Result<std::shared_ptr<const TlsContext>> client_context(const TlsSettings& settings) = 0;
  // `server_name`: a host or an address, that the certificate must be for; hosts are named to the server.
  virtual std::unique_ptr<TlsStream> client_stream(std::unique_ptr<Stream> stream,
                                                   std::shared_ptr<const TlsContext> context,
                                                   std::string server_name) = 0;

  // OCSP, all in DER. What to ask a responder about a certificate:
  virtual Result<std::string> ocsp_request(std::string_view certificate, std::string_view issuer) = 0;
  // and what it said, signed by the issuer or somebody whose certificate the issuer signed. Not looked
  // at: whether it is of now.
  virtual Result<OcspAnswer> read_ocsp_answer(std::string_view answer, std::string_view issuer) = 0;
};

}  // namespace nats::sys
