// What a trace may show of a CONNECT.
#pragma once

#include <string>
#include <string_view>

namespace nats::auth {

// `connect` with the values of everything that begins like a password or token field, and of nkey, sig
// and proxy_sig, replaced by [REDACTED]. The rules are the reference's, who looks for words and not for
// JSON: of a value with a quote, comma or brace inside, what follows that is still shown.
std::string redact_secrets(std::string_view connect);

}  // namespace nats::auth
