// Certificates for tests, made when they run.
#pragma once

#include <string>
#include <vector>

#include "server/sys/tls.h"

namespace nats::sys {

struct MadeCertificate {
  std::string certificate;  // PEM, as the key
  std::string key;

  TlsPair pair() const { return {certificate, key}; }
};

struct CertificateWish {
  // "type=value" by short names, in the order of the certificate: {"O=Twin", "CN=bob"}.
  std::vector<std::string> subject = {"CN=localhost"};
  std::string alternative_names;  // as OpenSSL writes them: "email:a@b,DNS:c,URI:d"
  std::string usage;              // "clientAuth"; empty: any
  bool authority = false;
  int begins_in_days = -1;
  int ends_in_days = 30;
};

// Signed by `issuer`, or by itself.
MadeCertificate make_certificate(const CertificateWish& wish, const MadeCertificate* issuer = nullptr);

}  // namespace nats::sys
