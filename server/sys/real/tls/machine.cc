#include "server/sys/real/tls/machine.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "server/base/check.h"
#include "server/sys/real/clocks.h"
#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/chains.h"
#include "server/sys/real/tls/failure_texts.h"
#include "server/sys/real/tls/sealed_alert.h"
#include "server/sys/real/tls/server_name.h"

namespace nats::sys {
namespace {

constexpr std::uint16_t tls_1_0 = 0x0301;
constexpr std::uint16_t tls_1_2 = 0x0303;
// The record that stands before a client's first sealed one, for old middleboxes.
constexpr Bytes change_cipher_spec("\x14\x03\x03\x00\x01\x01", 6);

std::uint16_t number_at(const unsigned char* at) { return static_cast<std::uint16_t>(at[0] << 8 | at[1]); }

std::vector<std::uint16_t> numbers_of(const unsigned char* at, std::size_t size) {
  std::vector<std::uint16_t> numbers;
  for (std::size_t i = 0; i + 1 < size; i += 2) numbers.push_back(number_at(at + i));
  return numbers;
}

// As Go formats RFC 3339: the machine's time zone for the clock, UTC for certificates.
std::string time_text(WallTime at, bool local) {
  time_t seconds = static_cast<time_t>(at.unix_ns / 1'000'000'000);
  tm parts{};
  local ? ::localtime_r(&seconds, &parts) : ::gmtime_r(&seconds, &parts);
  char text[40];
  std::size_t size = ::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text, size);
  if (parts.tm_gmtoff == 0) return out + "Z";
  size = ::strftime(text, sizeof(text), "%z", &parts);  // "+0200"
  return out + std::string(text, 3) + ":" + std::string(text + 3, size - 3);
}

}  // namespace

// What OpenSSL calls, with a machine behind it.
struct TlsCallbacks {
  static TlsMachine& machine_of(const SSL* ssl) { return *static_cast<TlsMachine*>(SSL_get_app_data(ssl)); }

  // --- The BIO that stands between OpenSSL and the bytes at hand.

  static int bio_read(BIO* bio, char* to, std::size_t room, std::size_t* count) {
    auto& machine = *static_cast<TlsMachine*>(::BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    std::size_t size = machine.in_ ? std::min(room, machine.in_->size()) : 0;
    if (size == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(to, machine.in_->data(), size);
    machine.in_->remove_prefix(size);
    *count = size;
    return 1;
  }

  static int bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* count) {
    auto& machine = *static_cast<TlsMachine*>(::BIO_get_data(bio));
    NATS_CHECK(machine.out_);
    machine.out_->append(from, size);
    *count = size;
    return 1;
  }

  static long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* bio_method() {
    static const BIO_METHOD* method = [] {
      BIO_METHOD* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes at hand");
      NATS_CHECK(made);
      ::BIO_meth_set_read_ex(made, bio_read);
      ::BIO_meth_set_write_ex(made, bio_write);
      ::BIO_meth_set_ctrl(made, bio_control);
      return made;
    }();
    return method;
  }

  // --- The handshake.

  static int on_client_hello(SSL* ssl, int* alert, void*) {
    TlsMachine& machine = machine_of(ssl);
    if (!machine.context_->has_pair()) {
      *alert = SSL_AD_UNRECOGNIZED_NAME;
      return SSL_CLIENT_HELLO_ERROR;
    }
    const unsigned char* at = nullptr;
    std::size_t size = ::SSL_client_hello_get0_ciphers(ssl, &at);
    machine.notes_->offered_suites = numbers_of(at, size);
    auto& versions = machine.notes_->offered_versions;
    if (::SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &at, &size) == 1 && size > 0) {
      versions = numbers_of(at + 1, size - 1);
    } else {
      auto newest = std::min<unsigned>(::SSL_client_hello_get0_legacy_version(ssl), tls_1_2);
      for (unsigned version = newest; version >= tls_1_0; --version)
        versions.push_back(static_cast<std::uint16_t>(version));
    }
    return SSL_CLIENT_HELLO_SUCCESS;
  }

  static void on_message(int write, int, int type, const void* data, std::size_t size, SSL* ssl, void*) {
    TlsMachine& machine = machine_of(ssl);
    if (!machine.notes_) return;
    auto octets = static_cast<const unsigned char*>(data);
    constexpr std::size_t plain_alert_size = 2;
    if (type == SSL3_RT_HEADER && !write && size >= SSL3_RT_HEADER_LENGTH) {
      machine.notes_->record_version = number_at(octets + 1);
      machine.notes_->plain_alert = octets[0] == SSL3_RT_ALERT && number_at(octets + 3) == plain_alert_size;
    } else if (type == SSL3_RT_ALERT && write && size >= plain_alert_size) {
      machine.notes_->sent_alert = octets[1];
    } else if (type == SSL3_RT_HANDSHAKE && !write && size >= 6 && octets[0] == SSL3_MT_SERVER_HELLO) {
      machine.notes_->server_version = number_at(octets + 4);
    } else if (type == SSL3_RT_HANDSHAKE && write && size > 0 && octets[0] == SSL3_MT_SERVER_HELLO) {
      machine.notes_->server_hello_sent = true;
    }
  }

  // "SERVER_TRAFFIC_SECRET_0 <client's random> <secret>", both in hex: what an alert is sealed with, a
  // server's behind its Finished, a client's before.
  static void on_secret(const SSL* ssl, const char* line) {
    TlsMachine& machine = machine_of(ssl);
    std::string_view label = machine.context_->side() == TlsSide::server ? "SERVER_TRAFFIC_SECRET_0 "
                                                                         : "CLIENT_HANDSHAKE_TRAFFIC_SECRET ";
    std::string_view text(line);
    if (!machine.notes_ || !text.starts_with(label)) return;
    std::string_view hex = text.substr(text.rfind(' ') + 1);
    auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string& secret = machine.notes_->write_secret;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      secret += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  }

  static int on_status_wanted(SSL* ssl, void*) {
    std::shared_ptr<const std::string> staple = machine_of(ssl).context_->staple();
    if (!staple) return SSL_TLSEXT_ERR_NOACK;
    auto copy = static_cast<unsigned char*>(::OPENSSL_memdup(staple->data(), staple->size()));
    if (!copy) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple->size()));
    return SSL_TLSEXT_ERR_OK;
  }

  // --- The peer's certificate.

  // What Go says of a certificate that is not of now.
  static std::string date_problem(X509& certificate) {
    WallTime now = read_wall_clock();
    std::string when;
    if (now > not_after_of(certificate))
      when = " is after " + time_text(not_after_of(certificate), false);
    else if (now < not_before_of(certificate))
      when = " is before " + time_text(not_before_of(certificate), false);
    if (when.empty()) return when;
    return verification_text(X509_V_ERR_CERT_HAS_EXPIRED) + ": current time " + time_text(now, true) + when;
  }

  static TlsMachine& machine_of(X509_STORE_CTX* store) {
    int index = ::SSL_get_ex_data_X509_STORE_CTX_idx();
    return machine_of(static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(store, index)));
  }

  static int refuse(X509_STORE_CTX* store, int error, const std::string& problem) {
    TlsMachine& machine = machine_of(store);
    machine.notes_->certificate_refused = true;
    machine.notes_->refusal = "tls: failed to verify certificate: " + problem;
    ::X509_STORE_CTX_set_error(store, error);
    machine.peers_ = std::make_shared<std::vector<Certificate>>();
    STACK_OF(X509)* shown = ::X509_STORE_CTX_get0_untrusted(store);
    for (int i = 0; i < sk_X509_num(shown); ++i)
      machine.peers_->push_back(describe(*sk_X509_value(shown, i)));
    return 0;
  }

  // Go looks at the dates of the peer's own certificate before anything else, and has fewer alerts.
  static int on_verified(int ok, X509_STORE_CTX* store) {
    if (ok) return 1;
    int error = ::X509_STORE_CTX_get_error(store);
    if (std::string problem = date_problem(*::X509_STORE_CTX_get0_cert(store)); !problem.empty())
      return refuse(store, X509_V_ERR_CERT_HAS_EXPIRED, problem);
    std::string problem = verification_text(error);
    return refuse(store, error == X509_V_ERR_INVALID_PURPOSE ? X509_V_ERR_CERT_REJECTED : error, problem);
  }

  // Then, of a server's, at the name; the chain comes last. One alert says all of it.
  static int on_server_certificate(X509_STORE_CTX* store, void*) {
    X509& own = *::X509_STORE_CTX_get0_cert(store);
    std::string problem = date_problem(own);
    if (problem.empty()) problem = server_name_problem(own, machine_of(store).server_name_);
    int ok = problem.empty() ? ::X509_verify_cert(store) : refuse(store, X509_V_ERR_CERT_REJECTED, problem);
    if (ok == 1) return 1;
    ::X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    // OpenSSL's clients say it in the clear, Go's do not: handshake() says it, when there is a key.
    auto ssl = static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
    return ::SSL_version(ssl) == TLS1_3_VERSION ? 1 : 0;
  }
};

void TlsMachine::install_callbacks(ssl_ctx_st& context, TlsSide side, bool verifies, bool guards_peers) {
  if (side == TlsSide::client) {
    if (!verifies) return;
    ::SSL_CTX_set_keylog_callback(&context, TlsCallbacks::on_secret);
    ::SSL_CTX_set_cert_verify_callback(&context, TlsCallbacks::on_server_certificate, nullptr);
    return ::SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, TlsCallbacks::on_verified);
  }
  SSL_CTX_set_tlsext_status_cb(&context, TlsCallbacks::on_status_wanted);
  if (guards_peers) ::SSL_CTX_set_keylog_callback(&context, TlsCallbacks::on_secret);
  ::SSL_CTX_set_client_hello_cb(&context, TlsCallbacks::on_client_hello, nullptr);
  int mode = verifies ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE;
  ::SSL_CTX_set_verify(&context, mode, TlsCallbacks::on_verified);
}

TlsMachine::TlsMachine(std::shared_ptr<const OpensslContext> context, std::string server_name)
    : context_(std::move(context)),
      server_name_(std::move(server_name)),
      ssl_(::SSL_new(context_->get())),
      notes_(std::make_unique<Notes>()) {
  NATS_CHECK(ssl_);
  BIO* bio = ::BIO_new(TlsCallbacks::bio_method());
  NATS_CHECK(bio);
  ::BIO_set_data(bio, this);
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  ::SSL_set_msg_callback(ssl_, TlsCallbacks::on_message);
  if (context_->side() == TlsSide::server) {
    ::SSL_set_accept_state(ssl_);
    return;
  }
  ::SSL_set_connect_state(ssl_);
  // A name that no hello has room for is not said; no certificate is for it either.
  if (!is_address(server_name_)) SSL_set_tlsext_host_name(ssl_, server_name_.c_str());
  ERR_clear_error();
}

TlsMachine::~TlsMachine() { ::SSL_free(ssl_); }

void TlsMachine::attach(Bytes* in, std::string* out) {
  in_ = in;
  out_ = out;
}

TlsMachine::Step TlsMachine::handshake(Bytes& in, std::string& out) {
  ERR_clear_error();
  attach(&in, &out);
  std::size_t out_before = out.size();
  int result = ::SSL_do_handshake(ssl_);
  Step step = Step::done;
  if (result != 1) {
    bool wants_more = ::SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ;
    step = wants_more ? Step::more : Step::failed;
    if (!wants_more) explain_failure();
  } else if (notes_->certificate_refused) {
    step = Step::failed;
    explain_failure();
    out.resize(out_before);
    out.append(change_cipher_spec).append(refuse_peer(SSL_AD_BAD_CERTIFICATE));
  } else {
    describe_peer();
  }
  attach(nullptr, nullptr);
  return step;
}

bool TlsMachine::in_mid_record() const { return ::SSL_has_pending(ssl_) == 1; }

void TlsMachine::explain_failure() {
  unsigned long code = ::ERR_peek_error();
  int reason = ERR_GET_REASON(code);
  if (notes_->certificate_refused)
    notes_->failure = {ErrorCode::tls_certificate_refused, notes_->refusal};
  else
    notes_->failure = {ErrorCode::tls_failed, explain(reason, ERR_GET_LIB(code) == ERR_LIB_SSL)};
  ERR_clear_error();
}

std::string TlsMachine::explain(int reason, bool from_ssl) const {
  if (reason > SSL_AD_REASON_OFFSET) {
    // Go expects TLS 1.3's alerts encrypted from the server's hello on; OpenSSL's clients send them plain.
    bool undecipherable =
        notes_->plain_alert && notes_->server_hello_sent && ::SSL_version(ssl_) == TLS1_3_VERSION;
    if (undecipherable) return "local error: " + alert_text(SSL_AD_BAD_RECORD_MAC);
    return "remote error: " + alert_text(reason - SSL_AD_REASON_OFFSET);
  }
  switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "tls: client didn't provide a certificate";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      if (context_->side() == TlsSide::client)
        return "tls: server selected unsupported protocol version " + hex(notes_->server_version);
      return "tls: client offered only unsupported versions: " + hex_list(notes_->offered_versions);
    case SSL_R_CALLBACK_FAILED:
      return "tls: no certificates configured";
    case SSL_R_NO_SHARED_CIPHER:
      return "tls: no cipher suite supported by both client and server; client offered: " +
             hex_list(notes_->offered_suites);
    case SSL_R_WRONG_VERSION_NUMBER:
      return "tls: received record with version " + hex(notes_->record_version) + " when expecting version " +
             hex(tls_1_2);
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_MISSING_SUPPORTED_GROUPS_EXTENSION:
      return "tls: no key exchanges supported by both client and server";
    case SSL_R_BAD_KEY_SHARE:
    case SSL_R_BAD_ECPOINT:
      return "tls: invalid client key share";
    case SSL_R_NO_COMPRESSION_SPECIFIED:
      return "tls: client does not support uncompressed connections";
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
      return "tls: peer doesn't support any of the certificate's signature algorithms";
    default:
      // What the arithmetic does not take is the client's share.
      if (!from_ssl && notes_->sent_alert == SSL_AD_ILLEGAL_PARAMETER) return "tls: invalid client key share";
      return "local error: " +
             alert_text(notes_->sent_alert >= 0 ? notes_->sent_alert : SSL_AD_INTERNAL_ERROR);
  }
}

void TlsMachine::describe_peer() {
  X509* own = ::SSL_get0_peer_certificate(ssl_);
  if (!own) return;
  peers_ = std::make_shared<std::vector<Certificate>>();
  peers_->push_back(describe(*own));
  STACK_OF(X509)* chain = ::SSL_get_peer_cert_chain(ssl_);
  for (int i = 0; i < sk_X509_num(chain); ++i) peers_->push_back(describe(*sk_X509_value(chain, i)));
}

std::vector<VerifiedChain> TlsMachine::peer_chains() const {
  std::vector<VerifiedChain> out;
  X509* own = ::SSL_get0_peer_certificate(ssl_);
  if (!own) return out;
  std::vector<X509*> others;
  STACK_OF(X509)* shown = ::SSL_get_peer_cert_chain(ssl_);
  others.reserve(shown ? static_cast<std::size_t>(sk_X509_num(shown)) : 0);
  for (int i = 0; i < sk_X509_num(shown); ++i) others.push_back(sk_X509_value(shown, i));
  std::vector<X509*> roots = context_->roots();
  std::vector<CertificateChain> chains = find_chains(*own, others, roots);
  if (chains.empty()) {
    // The roots are the system's, which nobody can list.
    STACK_OF(X509)* verified = ::SSL_get0_verified_chain(ssl_);
    chains.emplace_back();
    for (int i = 0; i < sk_X509_num(verified); ++i) chains[0].push_back(sk_X509_value(verified, i));
  }
  for (const CertificateChain& chain : chains) {
    out.emplace_back();
    for (X509* certificate : chain) out.back().push_back(describe_for_status(*certificate));
  }
  return out;
}

std::string TlsMachine::refuse_peer(std::uint8_t alert) const {
  if (::SSL_version(ssl_) != TLS1_3_VERSION) return plain_alert(alert);
  std::uint16_t suite = ::SSL_CIPHER_get_protocol_id(::SSL_get_current_cipher(ssl_));
  return seal_first_alert(notes_->write_secret, suite, alert);
}

void TlsMachine::forget_handshake() {
  ::SSL_set_msg_callback(ssl_, nullptr);
  notes_.reset();
}

TlsMachine::Read TlsMachine::read(Bytes& in, std::span<char> room, std::string& out) {
  ERR_clear_error();
  attach(&in, &out);
  Read read;
  while (read.count < room.size()) {
    std::size_t got = 0;
    int result = ::SSL_read_ex(ssl_, room.data() + read.count, room.size() - read.count, &got);
    if (result == 1) {
      read.count += got;
      continue;
    }
    int error = ::SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_ZERO_RETURN) {
      read.state = Reading::closed;
    } else if (error != SSL_ERROR_WANT_READ) {
      int reason = ERR_GET_REASON(::ERR_peek_error());
      bool alert = reason > SSL_AD_REASON_OFFSET;
      read.state = Reading::failed;
      read.error = {ErrorCode::tls_failed, alert
                                               ? "remote error: " + alert_text(reason - SSL_AD_REASON_OFFSET)
                                               : "local error: " + alert_text(SSL_AD_BAD_RECORD_MAC)};
      ERR_clear_error();
    }
    break;
  }
  attach(nullptr, nullptr);
  return read;
}

Result<void> TlsMachine::write(Bytes plain, std::string& out) {
  ERR_clear_error();
  attach(nullptr, &out);
  std::size_t written = 0;
  int result = ::SSL_write_ex(ssl_, plain.data(), plain.size(), &written);
  attach(nullptr, nullptr);
  if (result == 1) return {};
  ERR_clear_error();
  return fail(ErrorCode::tls_failed, "tls: the connection takes no more");
}

void TlsMachine::close(std::string& out) {
  ERR_clear_error();
  attach(nullptr, &out);
  ::SSL_shutdown(ssl_);
  attach(nullptr, nullptr);
  ERR_clear_error();
}

std::string_view TlsMachine::version() const { return ::SSL_version(ssl_) == TLS1_3_VERSION ? "1.3" : "1.2"; }

std::string_view TlsMachine::cipher_suite() const {
  const SSL_CIPHER* cipher = ::SSL_get_current_cipher(ssl_);
  return cipher ? ::SSL_CIPHER_standard_name(cipher) : "";
}

}  // namespace nats::sys
