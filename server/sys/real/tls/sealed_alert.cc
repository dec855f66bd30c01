#include "server/sys/real/tls/sealed_alert.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

namespace nats::sys {
namespace {

constexpr char fatal = 2;
constexpr char type_alert = 21;
constexpr std::size_t tag_size = 16;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t key_size_max = 32;

struct Suite {
  std::uint16_t number;
  const char* cipher;
  const char* digest;
  std::size_t key_size;
};
constexpr std::array suites{
    Suite{0x1301, "AES-128-GCM", "SHA256", 16},
    Suite{0x1302, "AES-256-GCM", "SHA384", 32},
    Suite{0x1303, "ChaCha20-Poly1305", "SHA256", 32},
};

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};

// HKDF-Expand-Label of RFC 8446 with an empty context.
bool expand(std::string_view secret, const char* digest, std::string_view label, unsigned char* out,
            std::size_t size) {
  std::unique_ptr<EVP_KDF, Free<EVP_KDF_free>> kdf(::EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr));
  std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>> context(kdf ? ::EVP_KDF_CTX_new(kdf.get()) : nullptr);
  if (!context) return false;
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  auto octets = [](const char* name, std::string_view value) {
    return ::OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
  };
  std::array parameters{
      ::OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      ::OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0),
      octets(OSSL_KDF_PARAM_KEY, secret),
      octets(OSSL_KDF_PARAM_PREFIX, "tls13 "),
      octets(OSSL_KDF_PARAM_LABEL, label),
      octets(OSSL_KDF_PARAM_DATA, ""),
      ::OSSL_PARAM_construct_end(),
  };
  return ::EVP_KDF_derive(context.get(), out, size, parameters.data()) == 1;
}

}  // namespace

std::string seal_first_alert(std::string_view secret, std::uint16_t suite, std::uint8_t alert) {
  auto row = std::ranges::find(suites, suite, &Suite::number);
  if (row == suites.end()) return {};
  std::array<unsigned char, key_size_max> key{};
  // Its number, zero, changes nothing of the nonce.
  std::array<unsigned char, nonce_size> nonce{};
  if (!expand(secret, row->digest, "key", key.data(), row->key_size) ||
      !expand(secret, row->digest, "iv", nonce.data(), nonce.size()))
    return {};
  const std::array<unsigned char, 3> inner{fatal, alert, type_alert};
  std::string record{23, 3, 3, 0, static_cast<char>(inner.size() + tag_size)};
  std::array<unsigned char, inner.size()> sealed{};
  std::array<unsigned char, tag_size> tag{};
  std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>> cipher(
      ::EVP_CIPHER_fetch(nullptr, row->cipher, nullptr));
  std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>> context(::EVP_CIPHER_CTX_new());
  int size = 0;
  bool made = cipher && context &&
              ::EVP_EncryptInit_ex2(context.get(), cipher.get(), key.data(), nonce.data(), nullptr) == 1 &&
              ::EVP_EncryptUpdate(context.get(), nullptr, &size,
                                  reinterpret_cast<const unsigned char*>(record.data()),
                                  static_cast<int>(record.size())) == 1 &&
              ::EVP_EncryptUpdate(context.get(), sealed.data(), &size, inner.data(), inner.size()) == 1 &&
              ::EVP_EncryptFinal_ex(context.get(), tag.data(), &size) == 1 &&
              ::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1;
  if (!made) return {};
  record.append(reinterpret_cast<const char*>(sealed.data()), sealed.size());
  return record.append(reinterpret_cast<const char*>(tag.data()), tag.size());
}

std::string plain_alert(std::uint8_t alert) {
  return {type_alert, 3, 3, 0, 2, fatal, static_cast<char>(alert)};
}

}  // namespace nats::sys
