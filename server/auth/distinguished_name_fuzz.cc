#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/auth/distinguished_name.h"

// Names of any octets: reading is total, and a name that is read equals itself, in any order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto dn = nats::auth::parse_dn(text);
  if (dn) {
    if (!nats::auth::equal(*dn, *dn) || !nats::auth::is_within(*dn, *dn)) std::abort();
  }
  // The same octets as what a certificate could say.
  nats::sys::DistinguishedName subject;
  for (std::size_t i = 0; i < text.size(); i += 8)
    subject.push_back({{text[i] & 1 ? "2.5.4.3" : "1.2.3", std::string(text.substr(i, 8)), true}});
  nats::auth::subject_text(subject);
  nats::auth::well_known_text(subject);
  return 0;
}
