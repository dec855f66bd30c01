#include "server/sys/real/tls/chains.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "server/sys/real/tls/certificates.h"

namespace nats::sys {
namespace {

// As in Go, against certificates that were made to be tried.
constexpr int signature_checks_max = 100;

class ChainFinder {
 public:
  ChainFinder(std::span<X509* const> others, std::span<X509* const> roots) : others_(others), roots_(roots) {}

  std::vector<CertificateChain> find(X509& own) {
    if (contains(roots_, own)) {
      found_.push_back({&own});
    } else {
      CertificateChain begun{&own};
      extend(begun);
    }
    ERR_clear_error();
    return std::move(found_);
  }

 private:
  static bool same(const X509* a, const X509* b) { return ::X509_cmp(a, b) == 0; }
  static bool contains(std::span<X509* const> list, const X509& wanted) {
    return std::ranges::any_of(list, [&](X509* each) { return same(each, &wanted); });
  }

  void extend(CertificateChain& chain) {
    for (X509* root : parents(*chain.back(), roots_)) {
      if (contains(chain, *root) || !signs(*root, chain)) continue;
      found_.push_back(chain);
      found_.back().push_back(root);
    }
    for (X509* other : parents(*chain.back(), others_)) {
      if (contains(chain, *other) || !signs(*other, chain)) continue;
      chain.push_back(other);
      extend(chain);
      chain.pop_back();
    }
  }

  // By name; those that the key's id fits come first, those that it does not fit last.
  static std::vector<X509*> parents(X509& child, std::span<X509* const> list) {
    std::vector<X509*> found;
    for (X509* each : list)
      if (::X509_NAME_cmp(::X509_get_issuer_name(&child), ::X509_get_subject_name(each)) == 0)
        found.push_back(each);
    std::ranges::stable_sort(found, {}, [&](X509* each) { return misfit(child, *each); });
    return found;
  }

  static int misfit(X509& child, X509& parent) {
    const ASN1_OCTET_STRING* wanted = ::X509_get0_authority_key_id(&child);
    const ASN1_OCTET_STRING* has = ::X509_get0_subject_key_id(&parent);
    if (!wanted && !has) return 0;
    if (!wanted || !has) return 1;
    return ::ASN1_OCTET_STRING_cmp(wanted, has) == 0 ? 0 : 2;
  }

  bool signs(X509& parent, const CertificateChain& below) {
    if (++checks_ > signature_checks_max) return false;
    bool in_time = ::X509_cmp_current_time(::X509_get0_notBefore(&parent)) < 0 &&
                   ::X509_cmp_current_time(::X509_get0_notAfter(&parent)) > 0;
    if (!in_time || ::X509_check_ca(&parent) != 1) return false;
    if ((::X509_get_key_usage(&parent) & KU_KEY_CERT_SIGN) == 0) return false;
    long between = static_cast<long>(below.size()) - 1;
    long allowed = ::X509_get_pathlen(&parent);
    if (allowed >= 0 && between > allowed) return false;
    EVP_PKEY* key = ::X509_get0_pubkey(&parent);
    return key && ::X509_verify(below.back(), key) == 1;
  }

  std::span<X509* const> others_;
  std::span<X509* const> roots_;
  std::vector<CertificateChain> found_;
  int checks_ = 0;
};

std::string der_of(X509& certificate) {
  unsigned char* der = nullptr;
  int size = ::i2d_X509(&certificate, &der);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return out;
}

bool wants_staple(X509& certificate) {
  constexpr long status_request = 5;
  auto features =
      static_cast<TLS_FEATURE*>(::X509_get_ext_d2i(&certificate, NID_tlsfeature, nullptr, nullptr));
  bool wanted = false;
  for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i)
    wanted = wanted || ::ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == status_request;
  ::TLS_FEATURE_free(features);
  return wanted;
}

}  // namespace

std::vector<CertificateChain> find_chains(x509_st& own, std::span<x509_st* const> others,
                                          std::span<x509_st* const> roots) {
  return ChainFinder(others, roots).find(own);
}

StatusCertificate describe_for_status(x509_st& certificate) {
  StatusCertificate out;
  out.der = der_of(certificate);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(out.der.data()), out.der.size(), digest.data());
  out.sha256.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
  out.subject = name_of(::X509_get_subject_name(&certificate));
  out.issuer = name_of(::X509_get_issuer_name(&certificate));
  out.must_staple = wants_staple(certificate);
  out.authority = ::X509_check_ca(&certificate) == 1;
  STACK_OF(OPENSSL_STRING)* urls = ::X509_get1_ocsp(&certificate);
  for (int i = 0; i < sk_OPENSSL_STRING_num(urls); ++i)
    out.responders.emplace_back(sk_OPENSSL_STRING_value(urls, i));
  ::X509_email_free(urls);
  ERR_clear_error();
  return out;
}

}  // namespace nats::sys
