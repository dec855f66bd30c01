#include "server/sys/real/tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string>

#include "server/base/check.h"
#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/chains.h"
#include "server/sys/real/tls/machine.h"
#include "server/sys/real/tls/pem.h"

namespace nats::sys {
namespace {

struct NamePair {
  std::string_view go;
  const char* openssl;
};

// In the order in which Go prefers them, whatever order the configuration has. RC4 and 3DES are not
// among Debian's: who asks for nothing else has TLS 1.3 only.
constexpr std::array cipher_suites{
    NamePair{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    NamePair{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    NamePair{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    NamePair{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    NamePair{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    NamePair{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    NamePair{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    NamePair{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    NamePair{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    NamePair{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    NamePair{"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
    NamePair{"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
    NamePair{"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
    NamePair{"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
    NamePair{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256"},
    NamePair{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE-RSA-AES128-SHA256"},
    NamePair{"TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256"},
};
// The first so many are Go's defaults.
constexpr std::size_t default_cipher_suites = 10;

constexpr char tls_1_3_suites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// The hybrids with ML-KEM need a later OpenSSL than Debian 12's.
constexpr std::array curves{
    NamePair{"X25519", "X25519"},
    NamePair{"CurveP256", "P-256"},
    NamePair{"CurveP384", "P-384"},
    NamePair{"CurveP521", "P-521"},
};

constexpr char signature_algorithms[] =
    "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256:ed25519:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512";

// As Go, RSA keys of 1024 bits are good enough.
constexpr int security_level = 1;

std::unexpected<Error> openssl_failure(std::string_view what) {
  const char* reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  std::string text = std::string(what) + ": " + (reason ? reason : "unknown reason");
  ERR_clear_error();
  return fail(ErrorCode::unsupported, std::move(text));
}

// Can the client verify what the key signs?
bool suits(ssl_st* ssl, const LoadedPair& pair) {
  if (!(::SSL_check_chain(ssl, pair.chain[0].get(), pair.key.get(), nullptr) & CERT_PKEY_SIGN)) return false;
  if (::SSL_version(ssl) == TLS1_3_VERSION) return true;
  // Before TLS 1.3 the suite names the kind of key.
  int wanted = ::EVP_PKEY_get_base_id(pair.key.get()) == EVP_PKEY_RSA ? NID_auth_rsa : NID_auth_ecdsa;
  STACK_OF(SSL_CIPHER)* offered = ::SSL_get_client_ciphers(ssl);
  for (int i = 0; i < sk_SSL_CIPHER_num(offered); ++i)
    if (::SSL_CIPHER_get_auth_nid(sk_SSL_CIPHER_value(offered, i)) == wanted) return true;
  return false;
}

void append(std::string& list, const char* name) {
  if (!list.empty()) list += ":";
  list += name;
}

}  // namespace

OpensslContext::OpensslContext(TlsSide side)
    : side_(side),
      context_(::SSL_CTX_new(side == TlsSide::server ? ::TLS_server_method() : ::TLS_client_method())) {
  NATS_CHECK(context_);
}

OpensslContext::~OpensslContext() { ::SSL_CTX_free(context_); }

Result<std::shared_ptr<const OpensslContext>> OpensslContext::make(TlsSide side,
                                                                   const TlsSettings& settings) {
  std::shared_ptr<OpensslContext> context(new OpensslContext(side));
  NATS_TRY_VOID(context->set_up(settings));
  return context;
}

Result<void> OpensslContext::set_up(const TlsSettings& settings) {
  ::SSL_CTX_set_security_level(context_, security_level);
  ::SSL_CTX_set_min_proto_version(context_, settings.only_tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  ::SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                      SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no buffers.
  ::SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  NATS_TRY_VOID(add_pairs(settings));
  NATS_TRY_VOID(set_cipher_suites(settings));
  NATS_TRY_VOID(set_curves(settings));
  if (::SSL_CTX_set1_sigalgs_list(context_, signature_algorithms) != 1)
    return openssl_failure("signature algorithms");
  verifies_ = settings.verify_peer;
  guards_peers_ = side_ == TlsSide::server && settings.verify_peer && settings.guard_peers;
  // No tickets: they cost each handshake a tenth and each connection a kilobyte, clients of NATS do not
  // resume, and a resumed session would show a certificate that nobody looked at again.
  ::SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(context_, 0);
  if (verifies_) NATS_TRY_VOID(set_roots(settings));
  NATS_TRY_VOID(keep_own(settings));
  TlsMachine::install_callbacks(*context_, side_, verifies_, guards_peers_);
  return {};
}

Result<void> OpensslContext::add_pairs(const TlsSettings& settings) {
  // The chain is what the file says, and nothing is added from the roots.
  ::SSL_CTX_set_mode(context_, SSL_MODE_NO_AUTO_CHAIN);
  for (const TlsPair& pair : settings.pairs) {
    LoadedPair loaded = NATS_TRY(load_pair(pair));
    if (!not_after_) not_after_ = not_after_of(*loaded.chain[0]);
    choice_.push_back(std::move(loaded));
  }
  if (choice_.size() == 1 || (side_ == TlsSide::client && !choice_.empty())) {
    NATS_TRY_VOID(use_pair(choice_[0]));
    choice_.clear();
  }
  if (!choice_.empty()) ::SSL_CTX_set_cert_cb(context_, on_certificate_wanted, this);
  return {};
}

// What is needed to ask about the certificates of both sides.
Result<void> OpensslContext::keep_own(const TlsSettings& settings) {
  if (!settings.pairs.empty()) {
    bundle_ = std::move(NATS_TRY(load_pair(settings.pairs[0])).chain);
    own_ = describe_for_status(*bundle_[0]);
  }
  for (const PemBlock& block : read_pem(settings.roots))
    if (block.type != "CERTIFICATE" && roots_problem_.empty())
      roots_problem_ = "unexpected PEM certificate type: " + block.type;
  if (!settings.roots.empty()) roots_ = NATS_TRY(load_roots(settings.roots));
  return {};
}

std::vector<x509_st*> OpensslContext::roots() const {
  std::vector<x509_st*> out;
  out.reserve(roots_.size());
  for (const X509Ptr& root : roots_) out.push_back(root.get());
  return out;
}

Result<StatusCertificate> OpensslContext::find_issuer() const {
  if (!roots_problem_.empty())
    return fail(ErrorCode::malformed, "failed to parse ca_file: " + roots_problem_);
  auto none = [] { return fail(ErrorCode::not_found, "no issuers found"); };
  X509* issuer = nullptr;
  if (bundle_.size() > 1) {
    EVP_PKEY* key = ::X509_get0_pubkey(bundle_[1].get());
    if (!key || ::X509_verify(bundle_[0].get(), key) != 1) {
      ERR_clear_error();
      return none();
    }
    issuer = bundle_[1].get();
  } else if (!bundle_.empty()) {
    std::vector<X509*> trusted = roots();
    std::vector<CertificateChain> chains = find_chains(*bundle_[0], {}, trusted);
    if (!chains.empty() && chains[0].size() > 1) issuer = chains[0][1];
  }
  if (!issuer) return none();
  return describe_for_status(*issuer);
}

Result<void> OpensslContext::use_pair(const LoadedPair& pair) {
  if (::SSL_CTX_use_certificate(context_, pair.chain[0].get()) != 1 ||
      ::SSL_CTX_use_PrivateKey(context_, pair.key.get()) != 1)
    return openssl_failure("certificate");
  for (std::size_t i = 1; i < pair.chain.size(); ++i)
    if (::SSL_CTX_add1_chain_cert(context_, pair.chain[i].get()) != 1)
      return openssl_failure("certificate chain");
  return {};
}

// The first that has the name which the client asks for and a key that it can verify; else the first.
int OpensslContext::on_certificate_wanted(ssl_st* ssl, void* context) {
  const auto& choice = static_cast<const OpensslContext*>(context)->choice_;
  const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const LoadedPair* chosen = &choice.front();
  for (const LoadedPair& pair : choice) {
    bool named = !name || ::X509_check_host(pair.chain[0].get(), name, 0, 0, nullptr) == 1;
    if (!named || !suits(ssl, pair)) continue;
    chosen = &pair;
    break;
  }
  ERR_clear_error();
  if (::SSL_use_certificate(ssl, chosen->chain[0].get()) != 1 ||
      ::SSL_use_PrivateKey(ssl, chosen->key.get()) != 1)
    return 0;
  ::SSL_clear_chain_certs(ssl);
  for (std::size_t i = 1; i < chosen->chain.size(); ++i)
    if (::SSL_add1_chain_cert(ssl, chosen->chain[i].get()) != 1) return 0;
  return 1;
}

Result<void> OpensslContext::set_roots(const TlsSettings& settings) {
  X509_STORE* store = ::SSL_CTX_get_cert_store(context_);
  if (settings.roots.empty()) {
    if (::SSL_CTX_set_default_verify_paths(context_) != 1) return openssl_failure("roots of the system");
    return {};
  }
  std::vector<X509Ptr> roots = NATS_TRY(load_roots(settings.roots));
  for (X509Ptr& root : roots) {
    ::X509_STORE_add_cert(store, root.get());  // an error is a root that is there already
    if (side_ == TlsSide::server) ::SSL_CTX_add_client_CA(context_, root.get());
  }
  ERR_clear_error();
  // A certificate among the roots is trusted, whether it signed itself or not.
  ::X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> OpensslContext::set_cipher_suites(const TlsSettings& settings) {
  std::string list;
  for (std::size_t i = 0; i < cipher_suites.size(); ++i) {
    const auto& wanted = settings.cipher_suites;
    bool chosen = wanted.empty()
                      ? i < default_cipher_suites
                      : std::find(wanted.begin(), wanted.end(), cipher_suites[i].go) != wanted.end();
    if (chosen) append(list, cipher_suites[i].openssl);
  }
  if (list.empty()) ::SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  if (!list.empty() && ::SSL_CTX_set_cipher_list(context_, list.c_str()) != 1)
    return openssl_failure("cipher_suites");
  if (::SSL_CTX_set_ciphersuites(context_, tls_1_3_suites) != 1) return openssl_failure("cipher suites");
  return {};
}

Result<void> OpensslContext::set_curves(const TlsSettings& settings) {
  std::string list;
  for (const NamePair& curve : curves) {
    const auto& wanted = settings.curves;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), curve.go) != wanted.end())
      append(list, curve.openssl);
  }
  if (list.empty()) return fail(ErrorCode::unsupported, "curve_preferences with nothing but ML-KEM");
  if (::SSL_CTX_set1_groups_list(context_, list.c_str()) != 1) return openssl_failure("curve_preferences");
  return {};
}

}  // namespace nats::sys
