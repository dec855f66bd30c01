#include "server/auth/password.h"

#include <crypt.h>
#include <sodium.h>

#include <memory>
#include <optional>
#include <string>

namespace nats::auth {
namespace {

constexpr std::size_t key_octets_max = 72;
constexpr std::size_t setting_size = 29;  // "$2a$10$" and 22 characters of salt
constexpr std::size_t digest_size = 31;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The algorithm's key is the password and a NUL, repeated to 72 octets. Returns the C string that gives
// the same key, or nothing when no C string does.
std::optional<std::string> as_c_string(std::string_view password) {
  auto key_octet = [](std::string_view text, std::size_t i) {
    std::size_t at = i % (text.size() + 1);
    return at == text.size() ? '\0' : text[at];
  };
  std::string text(password.substr(0, key_octets_max));
  std::size_t end = text.find('\0');
  if (end == std::string::npos) return text;
  text.resize(end);
  for (std::size_t i = 0; i < key_octets_max; ++i)
    if (key_octet(text, i) != key_octet(password, i)) return std::nullopt;
  return text;
}

bool verify_bcrypt(std::string_view hash, std::string_view offered) {
  if (hash.size() < setting_size + digest_size) return false;
  std::optional<std::string> password = as_c_string(offered);
  if (!password) return false;
  // All four letters mean the same algorithm to the reference; crypt_r would repeat an old bug for x.
  std::string setting(hash.substr(0, setting_size));
  setting[2] = 'b';
  auto work = std::make_unique<crypt_data>();
  const char* computed = crypt_r(password->c_str(), setting.c_str(), work.get());
  if (computed == nullptr) return false;
  std::string_view result(computed);
  if (result.size() != setting_size + digest_size) return false;
  return equal_in_constant_time(result.substr(setting_size), hash.substr(setting_size, digest_size));
}

}  // namespace

bool is_bcrypt(std::string_view configured) {
  if (configured.size() < 7 || !configured.starts_with("$2")) return false;
  char version = configured[2];
  bool known = version == 'a' || version == 'b' || version == 'x' || version == 'y';
  return known && configured[3] == '$' && is_digit(configured[4]) && is_digit(configured[5]) &&
         configured[6] == '$';
}

bool verify_password(std::string_view configured, std::string_view offered) {
  if (is_bcrypt(configured)) return verify_bcrypt(configured, offered);
  return equal_in_constant_time(configured, offered);
}

}  // namespace nats::auth
