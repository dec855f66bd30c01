// Who a server says it is in INFO: its id (`N...`, the public half of a fresh Ed25519 key) and its
// curve key (`X...`). Neither is kept across starts.
#pragma once

#include <array>
#include <span>
#include <string>

#include "server/auth/nkey.h"

namespace nats::auth {

struct ServerIdentity {
  std::string id;          // server_id
  std::string curve_text;  // xkey
  KeyBytes seed;
  KeyBytes curve_seed;
};

// A function of its argument: the ground's Entropy makes it fresh, a seed makes it repeatable.
ServerIdentity make_server_identity(std::span<const char, 2 * key_size> entropy);

// INFO's nonce: 11 octets as 15 characters of base64url.
constexpr std::size_t nonce_entropy_size = 11;
std::string encode_nonce(std::span<const char, nonce_entropy_size> entropy);

}  // namespace nats::auth
