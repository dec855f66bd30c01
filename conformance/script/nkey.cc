#include "conformance/script/nkey.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>

namespace natstwin::script {
namespace {

constexpr std::string_view prefix = "sign:";
constexpr std::size_t key_size = 32;
constexpr std::size_t head_size = 2;  // that it is a seed, and of whom
constexpr std::size_t checksum_size = 2;
constexpr unsigned char seed_mark = 0x90;

using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// Octets; shorter where a character does not belong to base32.
std::string from_base32(std::string_view text) {
  std::string octets;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    int digit = -1;
    if (c >= 'A' && c <= 'Z') digit = c - 'A';
    if (c >= '2' && c <= '7') digit = c - '2' + 26;
    if (digit < 0) return octets;
    bits = bits << 5 | static_cast<std::uint32_t>(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count);
    bits &= (1u << count) - 1;
  }
  return octets;
}

std::string to_base64url(std::string_view octets) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (unsigned char octet : octets) {
    bits = bits << 8 | octet;
    for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
  }
  if (count > 0) text += digits[bits << (6 - count) & 63];
  return text;
}

// CRC-16/XMODEM.
std::uint16_t checksum(std::string_view octets) {
  std::uint16_t crc = 0;
  for (unsigned char octet : octets) {
    crc = static_cast<std::uint16_t>(crc ^ octet << 8);
    for (int i = 0; i < 8; ++i) crc = static_cast<std::uint16_t>(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

}  // namespace

std::optional<SignVariable> split_sign(std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return SignVariable{name, {}};
  return SignVariable{name.substr(0, colon), name.substr(colon + 1)};
}

bool is_nkey_seed(std::string_view text) {
  const std::string octets = from_base32(text);
  if (octets.size() != head_size + key_size + checksum_size) return false;
  const std::string_view body = std::string_view(octets).substr(0, head_size + key_size);
  const auto low = static_cast<unsigned char>(octets[body.size()]);
  const auto high = static_cast<unsigned char>(octets[body.size() + 1]);
  return (static_cast<unsigned char>(body[0]) & 0xF8) == seed_mark && checksum(body) == (low | high << 8);
}

std::string sign_with_nkey(std::string_view seed, std::string_view message) {
  const std::string octets = from_base32(seed);
  const auto* key_octets = reinterpret_cast<const unsigned char*>(octets.data()) + head_size;
  const PrivateKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key_octets, key_size),
                       &EVP_PKEY_free);
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  const bool made =
      key && digest && EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestSign(digest.get(), signature.data(), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  if (!made) return {};
  return to_base64url({reinterpret_cast<const char*>(signature.data()), size});
}

}  // namespace natstwin::script
