// Distinguished names: of a certificate, and as text in a configuration (RFC 4514, as the reference
// reads it). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/sys/tls.h"

namespace nats::auth {

struct DnAttribute {
  std::string type;  // "CN"; case does not matter
  std::string value;
};
using RelativeDn = std::vector<DnAttribute>;

// From the most specific name to the widest, as texts are written.
struct Dn {
  std::vector<RelativeDn> names;
};

// Nothing where it is no DN.
std::optional<Dn> parse_dn(std::string_view text);
// Nothing where an attribute has a type that the reference has no name for, or is no text.
std::optional<Dn> dn_of(const sys::DistinguishedName& subject);

// The same names in the same order.
bool equal(const Dn& a, const Dn& b);
// All of `a` are among those of `b`, in whatever order, each once.
bool is_within(const Dn& a, const Dn& b);

// "CN=bob,O=Twin" as Go's pkix writes it: well-known attributes in its own order, others (with their OID)
// behind them.
std::string subject_text(const sys::DistinguishedName& subject);
// The well-known attributes only.
std::string well_known_text(const sys::DistinguishedName& subject);
// "DC=example,DC=com": the domain components in the order of the certificate.
std::string domain_components_text(const sys::DistinguishedName& subject);

}  // namespace nats::auth
