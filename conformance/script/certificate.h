// Certificates that a scenario asks for; the runner makes them anew for each run.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstwin::script {

struct SubjectPart {
  std::string type, value;      // "CN", "a"
  bool joins_previous = false;  // of the same relative distinguished name: "DC=a+O=b"

  friend bool operator==(const SubjectPart&, const SubjectPart&) = default;
};

// `certificate NAME [issuer=NAME] [cn=...] [san=localhost,127.0.0.1] [email=...] [uri=...]
// [subject=/C=US/DC=a+O=NATS/CN=a] [ocsp=PORT] [authority] [chain] [expired] [must-staple]
// [ocsp-signing] [rsa]`
struct Certificate {
  std::string name;                            // becomes NAME.pem and NAME-key.pem in the server's directory
  std::string issuer;                          // empty: it signs itself
  std::vector<SubjectPart> subject;            // in this order
  std::vector<std::string> alternative_names;  // as OpenSSL writes them: "DNS:localhost"
  std::string ocsp;                            // port of the responder that it names; empty: none
  bool authority = false;
  bool chain = false;  // its file also holds who signed it, up to but without the one that signed itself
  bool expired = false;
  bool must_staple = false;
  bool ocsp_signing = false;  // may sign what a responder says
  bool rsa = false;
};

// `words` is what follows the name; each issuer must be one of `known`.
std::expected<Certificate, std::string> read_certificate(std::string_view name,
                                                         const std::vector<std::string>& words,
                                                         const std::vector<Certificate>& known);

}  // namespace natstwin::script
