#include "conformance/runner/certificates.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace natstwin::runner {
namespace {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

constexpr int serial_bits = 120;
constexpr unsigned int rsa_bits = 2048;

std::unexpected<std::string> failure(std::string_view what) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  return std::unexpected(std::string(what) + ": " + (reason ? reason : "OpenSSL failed"));
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::array<unsigned char, 32> sha256(const std::string& bytes) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

template <typename T, auto encode>
std::string der_of(T* object) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string base64(const std::array<unsigned char, 32>& bytes) {
  std::array<unsigned char, 48> text{};
  const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {reinterpret_cast<char*>(text.data()), static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  const Number number(BN_new());
  return number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// The same in each run: a server shows when a certificate ends.
bool set_times(X509* certificate, bool expired) {
  const char* begin = expired ? "20190101000000Z" : "20200101000000Z";
  const char* end = expired ? "20200101000000Z" : "21200101000000Z";
  return ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), begin) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), end) == 1;
}

bool set_extensions(X509* certificate, X509* issuer, const script::Certificate& wanted,
                    const std::string& responder) {
  if (!responder.empty() && !add_extension(certificate, issuer, NID_info_access, "OCSP;URI:" + responder))
    return false;
  if (wanted.must_staple && !add_extension(certificate, issuer, NID_tlsfeature, "status_request"))
    return false;
  std::string names;
  for (const std::string& name : wanted.alternative_names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty() && !add_extension(certificate, issuer, NID_subject_alt_name, names)) return false;
  if (!add_extension(certificate, issuer, NID_subject_key_identifier, "hash")) return false;
  if (wanted.authority)
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature");
  return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_ext_key_usage,
                       wanted.ocsp_signing ? "OCSPSigning" : "serverAuth,clientAuth");
}

std::expected<void, std::string> set_subject(X509* certificate, const script::Certificate& wanted) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  for (const auto& [type, value, joins_previous] : wanted.subject) {
    const auto* text = reinterpret_cast<const unsigned char*>(value.data());
    const int size = static_cast<int>(value.size());
    if (X509_NAME_add_entry_by_txt(subject, type.c_str(), MBSTRING_UTF8, text, size, -1,
                                   joins_previous ? -1 : 0) != 1)
      return failure("subject " + type + "=" + value);
  }
  return {};
}

std::expected<MadeCertificate, std::string> written(X509* certificate, EVP_PKEY* key) {
  const Memory pem(BIO_new(BIO_s_mem()));
  const Memory key_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(pem.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failure("PEM");
  MadeCertificate made;
  made.certificate = text_of(pem.get());
  made.key = text_of(key_pem.get());
  const auto pin = sha256(der_of<EVP_PKEY, i2d_PUBKEY>(key));
  const auto digest = sha256(der_of<X509, i2d_X509>(certificate));
  made.pin = hex(pin.data(), pin.size());
  made.digest = hex(digest.data(), digest.size());
  made.fingerprint = base64(digest);
  return made;
}

template <auto read, typename T>
T read_pem(const std::string& pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return T(read(memory.get(), nullptr, nullptr, nullptr));
}

}  // namespace

std::expected<MadeCertificate, std::string> make_certificate(const script::Certificate& wanted,
                                                             const MadeCertificate* issuer,
                                                             const std::string& responder) {
  const Key key(wanted.rsa ? EVP_RSA_gen(rsa_bits) : EVP_EC_gen("P-256"));
  const X509Pointer certificate(X509_new());
  if (!key || !certificate) return failure("key");
  X509Pointer issuer_certificate;
  Key issuer_key;
  if (issuer) {
    issuer_certificate = read_pem<PEM_read_bio_X509, X509Pointer>(issuer->certificate);
    issuer_key = read_pem<PEM_read_bio_PrivateKey, Key>(issuer->key);
    if (!issuer_certificate || !issuer_key) return failure("issuer");
  }
  X509* signer = issuer ? issuer_certificate.get() : certificate.get();
  X509_set_version(certificate.get(), X509_VERSION_3);
  if (auto named = set_subject(certificate.get(), wanted); !named) return std::unexpected(named.error());
  const bool made = set_serial(certificate.get()) && set_times(certificate.get(), wanted.expired) &&
                    X509_set_pubkey(certificate.get(), key.get()) == 1 &&
                    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1 &&
                    set_extensions(certificate.get(), signer, wanted, responder) &&
                    X509_sign(certificate.get(), issuer ? issuer_key.get() : key.get(), EVP_sha256()) > 0;
  if (!made) return failure("certificate " + wanted.name);
  auto out = written(certificate.get(), key.get());
  const bool issuer_is_root =
      issuer && X509_NAME_cmp(X509_get_subject_name(signer), X509_get_issuer_name(signer)) == 0;
  if (out && issuer && !issuer_is_root) out->chain = issuer->certificate + issuer->chain;
  return out;
}

}  // namespace natstwin::runner
