// The text of Ed25519 and X25519 keys: base32 without padding of a prefix byte, the key and a
// little-endian CRC-16. formats/jwt-nkeys.md, section 1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nats {

// The prefix byte; its upper five bits are the first letter of the text.
enum class KeyKind : std::uint8_t {
  account = 0x00,    // A
  cluster = 0x10,    // C
  server = 0x68,     // N
  operator_ = 0x70,  // O
  user = 0xA0,       // U
  curve = 0xB8,      // X
};

constexpr std::size_t key_size = 32;
using KeyBytes = std::array<unsigned char, key_size>;

// `key` without a newline: 56 characters.
std::string encode_public_key(KeyKind kind, const KeyBytes& key);

// What the reference's decoder of any key text gives: everything between base32 and checksum, prefix
// byte first. Its decoder is lenient where base32 may be: line ends are skipped, and one, three or six
// characters too many are dropped.
std::optional<std::string> decode_key_text(std::string_view text);

struct PublicKey {
  KeyKind kind;
  KeyBytes key;
};
// Empty when the text is not the public key of any kind, or carries another number of octets than a key
// has (the reference takes those and then crashes when it verifies).
std::optional<PublicKey> parse_public_key(std::string_view text);

// The reference's rule for a key of one kind: decodes, and the first letter is the kind's.
bool is_public_key(std::string_view text, KeyKind kind);
// Its rule for trusted proxies: decodes, and the prefix byte is a public one.
bool is_public_key(std::string_view text);
// The secret half of a key of that kind.
bool is_seed(std::string_view text, KeyKind kind);

}  // namespace nats
