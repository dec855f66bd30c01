// One alert of TLS 1.3, made by hand: OpenSSL offers no way to send one when it has nothing against the
// handshake itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nats::sys {

// The first record that the server sends under its application traffic secret. `suite` is the number of
// the cipher suite (0x1301). Empty: a suite that it does not know.
std::string seal_first_alert(std::string_view secret, std::uint16_t suite, std::uint8_t alert);
// The record of an alert in the clear.
std::string plain_alert(std::uint8_t alert);

}  // namespace nats::sys
