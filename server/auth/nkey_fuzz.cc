#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/auth/nkey.h"

// Key texts of any octets: decoding is total, and a key that is read is written as it was read, up to
// what the lenient decoder drops.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  nats::auth::decode_signature_text(text);
  bool is_user = nats::is_public_key(text, nats::KeyKind::user);
  auto key = nats::parse_public_key(text);
  if (!key) return 0;
  if (!nats::is_public_key(text)) std::abort();
  if (is_user != (key->kind == nats::KeyKind::user)) std::abort();
  auto again = nats::parse_public_key(nats::encode_public_key(key->kind, key->key));
  if (!again || again->key != key->key || again->kind != key->kind) std::abort();
  return 0;
}
