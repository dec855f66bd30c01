#include "server/base/key_text.h"

#include <gtest/gtest.h>

namespace nats {
namespace {

// Made with the reference's key library from the seed 00 01 02 ... 1f.
const std::string server_key = "NAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RSWB";
const std::string user_key = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const std::string curve_key = "XCHUBRNNW2HSKYSK4WZBJ2TWPJXMSTMCTU6XWXQ22G5G6PRBHAUF76G7";
const std::string user_seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";

TEST(KeyText, PublicKeyTextIsReadBack) {
  auto key = parse_public_key(user_key);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->kind, KeyKind::user);
  EXPECT_EQ(encode_public_key(key->kind, key->key), user_key);
}

struct Validity {
  std::string text;
  bool any_public_key;
  bool user_key;
};

// Answers of the reference's key library.
TEST(KeyText, ValidityIsTheReferences) {
  const Validity table[] = {
      {user_key, true, true},
      {user_key + "A", true, true},
      {user_key + "AA", false, false},
      {user_key + "AAA", true, true},
      {user_key + "AAAAAA", true, true},
      {user_key.substr(0, 20) + "\n" + user_key.substr(20), true, true},
      {user_key + "\r\n", true, true},
      {"uab2cb576phbbpq5odorrz2lycmwpzgwgcn2kdk7dxoimzaskuy3rlkk", false, false},
      {user_key.substr(0, 55), false, false},
      {user_key.substr(0, 55) + "L", false, false},
      {user_key + "=", false, false},
      {"", false, false},
      {"AAAA", false, false},
      {user_seed, false, false},
      {server_key, true, false},
      {curve_key, true, false},
  };
  for (const Validity& row : table) {
    EXPECT_EQ(is_public_key(row.text), row.any_public_key) << row.text;
    EXPECT_EQ(is_public_key(row.text, KeyKind::user), row.user_key) << row.text;
  }
}

TEST(KeyText, KeyOfAnotherLengthIsNoKey) {
  const std::string one_octet = "UAAV6DI";
  EXPECT_TRUE(is_public_key(one_octet, KeyKind::user));
  EXPECT_FALSE(parse_public_key(one_octet));
  EXPECT_FALSE(parse_public_key(user_seed));
}

TEST(KeyText, ASeedSaysOfWhatKindItIs) {
  EXPECT_TRUE(is_seed(user_seed, KeyKind::user));
  EXPECT_FALSE(is_seed(user_seed, KeyKind::account));
  EXPECT_FALSE(is_seed(user_key, KeyKind::user));
}

}  // namespace
}  // namespace nats
