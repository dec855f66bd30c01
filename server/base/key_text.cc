#include "server/base/key_text.h"

#include <algorithm>

namespace nats {
namespace {

constexpr unsigned char kind_bits = 0xF8;
constexpr unsigned char seed_bits = 0x90;  // S
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr std::array<std::int8_t, 256> base32_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < base32_alphabet.size(); ++i)
    values[static_cast<unsigned char>(base32_alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

std::string encode_base32(std::string_view raw) {
  std::string text;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (unsigned char octet : raw) {
    bits = bits << 8 | octet;
    bit_count += 8;
    for (; bit_count >= 5; bit_count -= 5) text += base32_alphabet[bits >> (bit_count - 5) & 31];
  }
  if (bit_count > 0) text += base32_alphabet[bits << (5 - bit_count) & 31];
  return text;
}

std::optional<std::string> decode_base32(std::string_view text) {
  std::string raw;
  std::uint64_t bits = 0;
  int filled = 0;  // characters of the current group of eight
  auto flush = [&] {
    // Go drops a last group that no whole number of octets makes.
    bool dropped = filled == 1 || filled == 3 || filled == 6;
    for (int left = filled * 5 - 8; left >= 0 && !dropped; left -= 8)
      raw += static_cast<char>(bits >> left & 0xFF);
    bits = 0;
    filled = 0;
  };
  for (unsigned char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (base32_values[c] < 0) return std::nullopt;
    bits = bits << 5 | static_cast<std::uint64_t>(base32_values[c]);
    if (++filled == 8) flush();
  }
  flush();
  return raw;
}

// CRC-16/XMODEM.
std::uint16_t crc16(std::string_view data) {
  std::uint16_t crc = 0;
  for (unsigned char octet : data) {
    crc = static_cast<std::uint16_t>(crc ^ octet << 8);
    for (int i = 0; i < 8; ++i) crc = static_cast<std::uint16_t>(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

bool is_public_kind(unsigned char prefix) {
  switch (static_cast<KeyKind>(prefix)) {
    case KeyKind::account:
    case KeyKind::cluster:
    case KeyKind::server:
    case KeyKind::operator_:
    case KeyKind::user:
    case KeyKind::curve:
      return true;
  }
  return false;
}

}  // namespace

std::string encode_public_key(KeyKind kind, const KeyBytes& key) {
  std::string raw(1, static_cast<char>(kind));
  raw.append(reinterpret_cast<const char*>(key.data()), key.size());
  std::uint16_t crc = crc16(raw);
  raw += static_cast<char>(crc & 0xFF);
  raw += static_cast<char>(crc >> 8);
  return encode_base32(raw);
}

std::optional<std::string> decode_key_text(std::string_view text) {
  std::optional<std::string> raw = decode_base32(text);
  if (!raw || raw->size() < 4) return std::nullopt;
  std::string_view body(raw->data(), raw->size() - 2);
  auto low = static_cast<unsigned char>((*raw)[raw->size() - 2]);
  auto high = static_cast<unsigned char>((*raw)[raw->size() - 1]);
  if (crc16(body) != (low | high << 8)) return std::nullopt;
  raw->resize(raw->size() - 2);
  return raw;
}

std::optional<PublicKey> parse_public_key(std::string_view text) {
  std::optional<std::string> raw = decode_key_text(text);
  if (!raw || raw->size() != 1 + key_size) return std::nullopt;
  auto prefix = static_cast<unsigned char>(raw->front());
  if (!is_public_kind(prefix)) return std::nullopt;
  PublicKey key{static_cast<KeyKind>(prefix), {}};
  std::copy(raw->begin() + 1, raw->end(), key.key.begin());
  return key;
}

bool is_public_key(std::string_view text, KeyKind kind) {
  std::optional<std::string> raw = decode_key_text(text);
  return raw && (static_cast<unsigned char>(raw->front()) & kind_bits) == static_cast<unsigned char>(kind);
}

bool is_public_key(std::string_view text) {
  std::optional<std::string> raw = decode_key_text(text);
  return raw && is_public_kind(static_cast<unsigned char>(raw->front()));
}

bool is_seed(std::string_view text, KeyKind kind) {
  std::optional<std::string> raw = decode_key_text(text);
  if (!raw || raw->size() != 2 + key_size) return false;
  // The seed's mark takes five bits, the kind the next eight.
  auto first = static_cast<unsigned char>((*raw)[0]);
  auto second = static_cast<unsigned char>((*raw)[1]);
  auto marked = static_cast<unsigned char>((first & 7) << 5 | second >> 3);
  return (first & kind_bits) == seed_bits && marked == static_cast<unsigned char>(kind);
}

}  // namespace nats
