// Signatures of users that have an nkey: ${sign:SEED:c.INFO.nonce}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace natstwin::script {

// The two arguments of `sign:`; nothing for any other variable.
struct SignVariable {
  std::string_view seed;
  std::string_view message;  // the name of another variable
};
std::optional<SignVariable> split_sign(std::string_view name);

// Is it the text of a seed ("SUA..."), checksum and all?
bool is_nkey_seed(std::string_view text);
// Base64url without padding, as CONNECT's `sig` has it. `seed` is one.
std::string sign_with_nkey(std::string_view seed, std::string_view message);

}  // namespace natstwin::script
