#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/sys/real/tls/ocsp.h"

namespace {

// Somebody's own certificate, in DER.
std::string make_issuer() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = ::X509_new();
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), 0);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate), 3600);
  ::X509_set_pubkey(certificate, key);
  ::X509_sign(certificate, key, ::EVP_sha256());
  unsigned char* octets = nullptr;
  const int size = ::i2d_X509(certificate, &octets);
  if (size <= 0) std::abort();
  std::string der(reinterpret_cast<char*>(octets), static_cast<std::size_t>(size));
  ::OPENSSL_free(octets);
  ::X509_free(certificate);
  ::EVP_PKEY_free(key);
  return der;
}

}  // namespace

// Any octets as a responder's answer and as the certificates of a question: reading is total, and nobody
// guesses the issuer's signature.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string issuer = make_issuer();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto answer = nats::sys::read_ocsp_answer(text, issuer);
  if (answer || answer.error().detail.empty()) std::abort();
  static_cast<void>(nats::sys::read_ocsp_answer(issuer, text));
  static_cast<void>(nats::sys::make_ocsp_request(text, issuer));
  return 0;
}
