#include "server/system/name_hash.h"

#include <sodium.h>

#include <array>

namespace nats::system {
namespace {

constexpr std::size_t hash_size = 8;
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string name_hash(std::string_view server_name) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum;
  crypto_hash_sha256(sum.data(), reinterpret_cast<const unsigned char*>(server_name.data()),
                     server_name.size());
  std::string text;
  for (std::size_t i = 0; i < hash_size; ++i) text += digits[sum[i] % digits.size()];
  return text;
}

}  // namespace nats::system
