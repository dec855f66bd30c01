#include "server/auth/server_identity.h"

#include <sodium.h>

#include <algorithm>

#include "server/base/check.h"

namespace nats::auth {

ServerIdentity make_server_identity(std::span<const char, 2 * key_size> entropy) {
  ServerIdentity identity;
  std::copy_n(entropy.begin(), key_size, identity.seed.begin());
  std::copy_n(entropy.begin() + key_size, key_size, identity.curve_seed.begin());

  KeyBytes public_key;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key;
  NATS_CHECK(crypto_sign_seed_keypair(public_key.data(), secret_key.data(), identity.seed.data()) == 0);
  identity.id = encode_public_key(KeyKind::server, public_key);

  NATS_CHECK(crypto_scalarmult_base(public_key.data(), identity.curve_seed.data()) == 0);
  identity.curve_text = encode_public_key(KeyKind::curve, public_key);
  return identity;
}

std::string encode_nonce(std::span<const char, nonce_entropy_size> entropy) {
  constexpr std::size_t text_size = 15;
  std::array<char, text_size + 1> text;
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(entropy.data()),
                    entropy.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return {text.data(), text_size};
}

}  // namespace nats::auth
