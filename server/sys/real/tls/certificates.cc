#include "server/sys/real/tls/certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "server/sys/real/tls/pem.h"

namespace nats::sys {
namespace {

using TypeList = std::vector<std::string>;

std::unexpected<Error> malformed(std::string text) {
  ERR_clear_error();
  return fail(ErrorCode::malformed, std::move(text));
}

std::string go_list(const TypeList& types) {
  std::string text = "[";
  for (const std::string& type : types) text += (text.size() > 1 ? " " : "") + type;
  return text + "]";
}

std::string no_certificate_text(const TypeList& skipped) {
  if (skipped.empty()) return "tls: failed to find any PEM data in certificate input";
  if (skipped.size() == 1 && skipped[0].ends_with("PRIVATE KEY")) {
    return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM "
           "inputs may have been switched";
  }
  return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of "
         "the "
         "following types: " +
         go_list(skipped);
}

std::string no_key_text(const TypeList& skipped) {
  if (skipped.empty()) return "tls: failed to find any PEM data in key input";
  if (skipped.size() == 1 && skipped[0] == "CERTIFICATE")
    return "tls: found a certificate rather than a key in the PEM for the private key";
  return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM "
         "blocks of the following types: " +
         go_list(skipped);
}

Result<X509Ptr> parse_certificate(const std::string& der) {
  auto at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = at + der.size();
  X509Ptr certificate(::d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) return malformed("x509: malformed certificate");
  if (at != end) return malformed("x509: trailing data");
  const X509_ALGOR* outer = nullptr;
  ::X509_get0_signature(nullptr, &outer, certificate.get());
  if (::X509_ALGOR_cmp(::X509_get0_tbs_sigalg(certificate.get()), outer) != 0)
    return malformed("x509: inner and outer signature algorithm identifiers don't match");
  return certificate;
}

Result<KeyPtr> parse_key(const std::string& der) {
  auto at = reinterpret_cast<const unsigned char*>(der.data());
  KeyPtr key(::d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!key) return malformed("tls: failed to parse private key");
  return key;
}

Result<std::vector<X509Ptr>> parse_chain(std::string_view pem) {
  std::vector<X509Ptr> chain;
  TypeList skipped;
  for (const PemBlock& block : read_pem(pem)) {
    if (block.type != "CERTIFICATE") {
      skipped.push_back(block.type);
      continue;
    }
    chain.push_back(NATS_TRY(parse_certificate(block.der)));
  }
  if (chain.empty()) return malformed(no_certificate_text(skipped));
  return chain;
}

Result<KeyPtr> find_key(std::string_view pem) {
  TypeList skipped;
  for (const PemBlock& block : read_pem(pem)) {
    if (block.type == "PRIVATE KEY" || block.type.ends_with(" PRIVATE KEY")) return parse_key(block.der);
    skipped.push_back(block.type);
  }
  return malformed(no_key_text(skipped));
}

// lower-case hex
std::string sha256_text(const unsigned char* data, std::size_t size) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(data, size, digest.data());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned char octet : digest) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

// i2d_ functions that allocate.
template <class T>
std::string digest_of(int (*encode)(T*, unsigned char**), T* object) {
  unsigned char* der = nullptr;
  int size = encode(object, &der);
  if (size < 0) return {};
  std::string text = sha256_text(der, static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return text;
}

bool is_text(int asn1_type) {
  switch (asn1_type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_BMPSTRING:
      return true;
    default:
      return false;
  }
}

std::string raw_text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(::ASN1_STRING_length(string))};
}

std::string der_of(const ASN1_STRING* string) {
  ASN1_TYPE* any = ::ASN1_TYPE_new();
  std::string text;
  unsigned char* der = nullptr;
  if (any && ::ASN1_TYPE_set1(any, ::ASN1_STRING_type(string), string) == 1) {
    int size = ::i2d_ASN1_TYPE(any, &der);
    if (size >= 0) text.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    ::OPENSSL_free(der);
  }
  ::ASN1_TYPE_free(any);
  return text;
}

NameAttribute attribute_of(const X509_NAME_ENTRY* entry) {
  NameAttribute attribute;
  char oid[128];
  ::OBJ_obj2txt(oid, sizeof(oid), ::X509_NAME_ENTRY_get_object(entry), 1);
  attribute.type = oid;
  const ASN1_STRING* value = ::X509_NAME_ENTRY_get_data(entry);
  attribute.is_text = is_text(::ASN1_STRING_type(value));
  unsigned char* converted = nullptr;
  if (attribute.is_text && ::ASN1_STRING_type(value) != V_ASN1_UTF8STRING) {
    int size = ::ASN1_STRING_to_UTF8(&converted, value);
    if (size >= 0) {
      attribute.value.assign(reinterpret_cast<char*>(converted), static_cast<std::size_t>(size));
      ::OPENSSL_free(converted);
      return attribute;
    }
    ERR_clear_error();
  }
  attribute.value = attribute.is_text ? raw_text(value) : der_of(value);
  return attribute;
}

void add_alternative_names(x509_st& certificate, Certificate& out) {
  auto names =
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    int type = 0;
    void* value = ::GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    std::vector<std::string>* list = type == GEN_EMAIL ? &out.emails
                                     : type == GEN_DNS ? &out.dns_names
                                     : type == GEN_URI ? &out.uris
                                                       : nullptr;
    if (list) list->push_back(raw_text(static_cast<const ASN1_STRING*>(value)));
  }
  ::GENERAL_NAMES_free(names);
}

}  // namespace

void OpensslDelete::operator()(x509_st* certificate) const { ::X509_free(certificate); }
void OpensslDelete::operator()(evp_pkey_st* key) const { ::EVP_PKEY_free(key); }

Result<LoadedPair> load_pair(const TlsPair& pair) {
  LoadedPair loaded;
  loaded.chain = NATS_TRY(parse_chain(pair.certificates));
  loaded.key = NATS_TRY(find_key(pair.key));
  EVP_PKEY* public_key = ::X509_get0_pubkey(loaded.chain[0].get());
  if (!public_key) return malformed("tls: unknown public key algorithm");
  if (::EVP_PKEY_get_base_id(public_key) != ::EVP_PKEY_get_base_id(loaded.key.get()))
    return malformed("tls: private key type does not match public key type");
  if (::X509_check_private_key(loaded.chain[0].get(), loaded.key.get()) != 1)
    return malformed("tls: private key does not match public key");
  return loaded;
}

Result<std::vector<X509Ptr>> load_roots(std::string_view pem) {
  std::vector<X509Ptr> roots;
  for (const PemBlock& block : read_pem(pem)) {
    if (block.type != "CERTIFICATE" || block.has_headers) continue;
    Result<X509Ptr> root = parse_certificate(block.der);
    if (root) roots.push_back(std::move(*root));
  }
  if (roots.empty()) return malformed("failed to parse root ca certificate");
  return roots;
}

DistinguishedName name_of(const X509_name_st* name) {
  DistinguishedName out;
  int last_set = -1;
  for (int i = 0; i < ::X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = ::X509_NAME_get_entry(name, i);
    int set = ::X509_NAME_ENTRY_set(entry);
    if (out.empty() || set != last_set) out.emplace_back();
    last_set = set;
    out.back().push_back(attribute_of(entry));
  }
  return out;
}

WallTime time_of(const asn1_string_st* time) {
  tm parts{};
  if (::ASN1_TIME_to_tm(time, &parts) != 1) return {};
  constexpr std::int64_t second_ns = 1'000'000'000;
  // A date beyond the year 2262 counts as the last that fits.
  std::int64_t seconds = ::timegm(&parts);
  constexpr std::int64_t seconds_max = INT64_MAX / second_ns;
  return {std::min(seconds, seconds_max) * second_ns};
}

Certificate describe(x509_st& certificate) {
  Certificate out;
  out.subject = name_of(::X509_get_subject_name(&certificate));
  add_alternative_names(certificate, out);
  out.key_sha256 = digest_of<const X509_PUBKEY>(&::i2d_X509_PUBKEY, ::X509_get_X509_PUBKEY(&certificate));
  out.sha256 = digest_of<const X509>(&::i2d_X509, &certificate);
  out.not_after = not_after_of(certificate);
  return out;
}

WallTime not_before_of(x509_st& certificate) { return time_of(::X509_get0_notBefore(&certificate)); }
WallTime not_after_of(x509_st& certificate) { return time_of(::X509_get0_notAfter(&certificate)); }

}  // namespace nats::sys
