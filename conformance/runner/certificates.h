// Makes the certificates of a scenario: new keys for each run, valid from 2020 to 2120.
#pragma once

#include <expected>
#include <string>

#include "conformance/script/certificate.h"

namespace natstwin::runner {

struct MadeCertificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
  std::string pin;          // SHA-256 of the public key, lower-case hexadecimal: pinned_certs
  std::string digest;       // of the whole certificate
  std::string fingerprint;  // the same in base64
  std::string chain;        // PEM of those that signed it, but for the one that signed itself
};

// `issuer` is null where it signs itself. `responder` is the URL of the OCSP responder, or empty.
std::expected<MadeCertificate, std::string> make_certificate(const script::Certificate& wanted,
                                                             const MadeCertificate* issuer,
                                                             const std::string& responder);

}  // namespace natstwin::runner
