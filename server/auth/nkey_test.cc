#include "server/auth/nkey.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "server/auth/server_identity.h"

namespace nats::auth {
namespace {

using namespace std::string_literals;

// Made with the reference's key library from the seed 00 01 02 ... 1f.
const std::string server_key = "NAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RSWB";
const std::string user_key = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const std::string curve_key = "XCHUBRNNW2HSKYSK4WZBJ2TWPJXMSTMCTU6XWXQ22G5G6PRBHAUF76G7";
constexpr std::string_view signature_of_nonce =
    "6e7c60e46f1a395d8b41d484fe570cf5c9719bf7db4d3671b2a4351294cd8095"
    "e61facf97b37ac778f645dfb8d86802ac3f0e612db0670db0976e83dc0cb910d";

std::string from_hex(std::string_view hex) {
  std::string raw(hex.size() / 2, '\0');
  sodium_hex2bin(reinterpret_cast<unsigned char*>(raw.data()), raw.size(), hex.data(), hex.size(), nullptr,
                 nullptr, nullptr);
  return raw;
}

std::array<char, 64> counting_entropy() {
  std::array<char, 64> entropy;
  for (std::size_t i = 0; i < 64; ++i) entropy[i] = static_cast<char>(i % 32);
  return entropy;
}

TEST(ServerIdentity, IsAFunctionOfItsEntropy) {
  ServerIdentity identity = make_server_identity(counting_entropy());
  EXPECT_EQ(identity.id, server_key);
  EXPECT_EQ(identity.curve_text, curve_key);
}

TEST(ServerIdentity, NonceHasFifteenCharactersOfBase64Url) {
  EXPECT_EQ(encode_nonce(std::to_array<char>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})), "AAECAwQFBgcICQo");
  std::array<char, nonce_entropy_size> ones;
  ones.fill(static_cast<char>(0xFF));
  EXPECT_EQ(encode_nonce(ones), "______________8");
}

TEST(Nkey, SignatureOfTheNonceVerifies) {
  auto key = parse_public_key(user_key);
  ASSERT_TRUE(key);
  std::string signature = from_hex(signature_of_nonce);
  EXPECT_TRUE(verify_signature(*key, "PXoWU7zWAMt75FY", signature));
  EXPECT_FALSE(verify_signature(*key, "PXoWU7zWAMt75Fy", signature));
  signature[0] ^= 1;
  EXPECT_FALSE(verify_signature(*key, "PXoWU7zWAMt75FY", signature));
  EXPECT_FALSE(verify_signature(*key, "PXoWU7zWAMt75FY", signature.substr(1)));
  EXPECT_FALSE(verify_signature(*key, "", ""));
}

TEST(Nkey, SignatureTextIsUrlBase64OrStandardBase64) {
  EXPECT_EQ(decode_signature_text("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(decode_signature_text("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(decode_signature_text("AA"), "\0"s);
  EXPECT_EQ(decode_signature_text("AA=="), "\0"s);
  EXPECT_EQ(decode_signature_text("AB"), "\0"s);
  EXPECT_EQ(decode_signature_text("AAA="), "\0\0"s);
  EXPECT_EQ(decode_signature_text("A\nA\r\n=="), "\0"s);
  EXPECT_EQ(decode_signature_text("+/8"), std::nullopt);
  EXPECT_EQ(decode_signature_text("+/8=="), std::nullopt);
  EXPECT_EQ(decode_signature_text("+/8=A"), std::nullopt);
  EXPECT_EQ(decode_signature_text("+==="), std::nullopt);
  EXPECT_EQ(decode_signature_text("A"), std::nullopt);
  EXPECT_EQ(decode_signature_text("A!"), std::nullopt);
  EXPECT_EQ(decode_signature_text(""), "");
}

}  // namespace
}  // namespace nats::auth
