#include "server/auth/nkey.h"

#include <sodium.h>

namespace nats::auth {
namespace {

int base64_value(char c, bool url) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (url ? '-' : '+')) return 62;
  if (c == (url ? '_' : '/')) return 63;
  return -1;
}

// As Go decodes: line ends are skipped, surplus bits of the last character are ignored. The url form has
// no padding, the standard form must have it.
std::optional<std::string> decode_base64(std::string_view text, bool url) {
  std::string raw;
  std::uint32_t bits = 0;
  int filled = 0;
  int padding = 0;
  for (char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=' && !url && filled >= 2 && filled + padding < 4) {
      ++padding;
      continue;
    }
    int value = base64_value(c, url);
    if (value < 0 || padding > 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++filled < 4) continue;
    for (int shift : {16, 8, 0}) raw += static_cast<char>(bits >> shift & 0xFF);
    bits = 0;
    filled = 0;
  }
  if (filled == 1 || (!url && filled > 0 && filled + padding != 4)) return std::nullopt;
  if (filled >= 2) raw += static_cast<char>(bits >> (filled * 6 - 8) & 0xFF);
  if (filled == 3) raw += static_cast<char>(bits >> 2 & 0xFF);
  return raw;
}

}  // namespace

bool verify_signature(const PublicKey& key, Bytes message, Bytes signature) {
  if (signature.size() != crypto_sign_BYTES) return false;
  return crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.data()),
                                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                     key.key.data()) == 0;
}

std::optional<std::string> decode_proxy_signature_text(std::string_view text) {
  return decode_base64(text, true);
}

std::optional<std::string> decode_signature_text(std::string_view text) {
  if (auto raw = decode_base64(text, true)) return raw;
  return decode_base64(text, false);
}

}  // namespace nats::auth
