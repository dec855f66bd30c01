#include "server/sys/real/tls/made_certificates_for_test.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "server/base/check.h"
#include "server/sys/real/tls/certificates.h"

namespace nats::sys {
namespace {

constexpr long day_seconds = 24 * 60 * 60;

template <class Write>
std::string pem_of(Write write) {
  BIO* bio = ::BIO_new(::BIO_s_mem());
  NATS_CHECK(write(bio) == 1);
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  ::BIO_free(bio);
  return text;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  NATS_CHECK(extension);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

}  // namespace

MadeCertificate make_certificate(const CertificateWish& wish, const MadeCertificate* issuer) {
  static long serial = 1;
  KeyPtr key(EVP_EC_gen("P-256"));
  X509Ptr certificate(::X509_new());
  ::X509_set_version(certificate.get(), 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), serial++);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), wish.begins_in_days * day_seconds);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), wish.ends_in_days * day_seconds);
  X509_NAME* name = ::X509_get_subject_name(certificate.get());
  for (const std::string& part : wish.subject) {
    std::size_t equals = part.find('=');
    auto value = reinterpret_cast<const unsigned char*>(part.c_str() + equals + 1);
    NATS_CHECK(::X509_NAME_add_entry_by_txt(name, part.substr(0, equals).c_str(), MBSTRING_UTF8, value, -1,
                                            -1, 0) == 1);
  }
  ::X509_set_pubkey(certificate.get(), key.get());
  if (wish.authority) add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.alternative_names.empty())
    add_extension(certificate.get(), NID_subject_alt_name, wish.alternative_names);
  if (!wish.usage.empty()) add_extension(certificate.get(), NID_ext_key_usage, wish.usage);
  LoadedPair signer;
  if (issuer) signer = std::move(*load_pair(issuer->pair()));
  X509* issued_by = issuer ? signer.chain[0].get() : certificate.get();
  ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(issued_by));
  NATS_CHECK(::X509_sign(certificate.get(), issuer ? signer.key.get() : key.get(), ::EVP_sha256()) > 0);
  return {pem_of([&](BIO* bio) { return ::PEM_write_bio_X509(bio, certificate.get()); }),
          pem_of([&](BIO* bio) {
            return ::PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

namespace {

TEST(Pair, IsWordedAsGoWordsWhatIsWrong) {
  MadeCertificate made = make_certificate({});
  MadeCertificate other = make_certificate({});
  std::string damaged = made.certificate;
  damaged[damaged.find('\n') + 1] = '*';
  constexpr char no_certificate[] = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
  struct {
    TlsPair pair;
    std::string expected;
  } rows[] = {
      {made.pair(), ""},
      {{made.certificate, other.key}, "tls: private key does not match public key"},
      {{"", made.key}, "tls: failed to find any PEM data in certificate input"},
      {{damaged, made.key}, "tls: failed to find any PEM data in certificate input"},
      {{no_certificate, made.key}, "x509: malformed certificate"},
      {{made.key, made.key},
       "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM "
       "inputs "
       "may have been switched"},
      {{made.certificate, ""}, "tls: failed to find any PEM data in key input"},
      {{made.certificate, made.certificate},
       "tls: found a certificate rather than a key in the PEM for the private key"},
      {{made.certificate, "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n"},
       "tls: failed to parse private key"},
  };
  for (const auto& row : rows) {
    Result<LoadedPair> loaded = load_pair(row.pair);
    EXPECT_EQ(loaded ? "" : loaded.error().detail, row.expected);
  }
}

TEST(Roots, AreThoseThatCanBeRead) {
  MadeCertificate made = make_certificate({.authority = true});
  EXPECT_EQ(load_roots(made.certificate + "junk\n" + made.certificate)->size(), 2u);
  EXPECT_EQ(load_roots("").error().detail, "failed to parse root ca certificate");
  EXPECT_EQ(load_roots(made.key).error().detail, "failed to parse root ca certificate");
}

TEST(Certificate, IsDescribed) {
  MadeCertificate made = make_certificate({.subject = {"DC=com", "O=Twin", "CN=b\u00e9"},
                                           .alternative_names = "email:a@b.c,DNS:d.e,URI:spiffe://f/g"});
  LoadedPair loaded = std::move(*load_pair(made.pair()));
  Certificate shown = describe(*loaded.chain[0]);
  DistinguishedName expected{{{"0.9.2342.19200300.100.1.25", "com", true}},
                             {{"2.5.4.10", "Twin", true}},
                             {{"2.5.4.3", "b\u00e9", true}}};
  EXPECT_EQ(shown.subject, expected);
  EXPECT_EQ(shown.emails, std::vector<std::string>{"a@b.c"});
  EXPECT_EQ(shown.dns_names, std::vector<std::string>{"d.e"});
  EXPECT_EQ(shown.uris, std::vector<std::string>{"spiffe://f/g"});
  EXPECT_EQ(shown.sha256.size(), 64u);
  EXPECT_NE(shown.sha256, shown.key_sha256);
}

}  // namespace
}  // namespace nats::sys
