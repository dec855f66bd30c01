#include "server/auth/password.h"

#include <gtest/gtest.h>

#include <string>

namespace nats::auth {
namespace {

using namespace std::string_literals;

// Made with Go's bcrypt at cost 4.
const std::string of_secret = "$2a$04$sAANjZZRXcm/Z2P2erlrteHdD3wITxUjhGGVLr/RBArDCZU5nGiWS";
const std::string of_empty = "$2a$04$rvuh3G5Wt.FUmoNgwhGSYeWYK332AAqqC3aNa.4.0JFlR2GGW6g2.";
const std::string of_72_p = "$2a$04$aPQlFvKdvIE4OAuV1yr1xen2GtXEqB7xyU3HYJng40YwhRbeVnEfS";
const std::string of_binary = "$2a$04$twoYm69rjCmhwIvnkY897e4lXCA/9qr4WQe2aCu4xRtsDst2JH6AG";

std::string with_version(char version) {
  std::string hash = of_secret;
  hash[2] = version;
  return hash;
}

std::string with_cost(std::string_view cost) { return "$2a$" + std::string(cost) + of_secret.substr(6); }

struct Case {
  const char* name;
  std::string configured;
  std::string offered;
  bool expected;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class PasswordTable : public testing::TestWithParam<Case> {};

TEST_P(PasswordTable, IsJudgedAsByTheReference) {
  EXPECT_EQ(verify_password(GetParam().configured, GetParam().offered), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Passwords, PasswordTable,
    testing::Values(
        Case{"plain", "secret", "secret", true}, Case{"plain wrong", "secret", "secreT", false},
        Case{"plain shorter", "secret", "secre", false}, Case{"plain empty", "", "", true},
        Case{"plain with nul", "a\0b"s, "a\0b"s, true}, Case{"plain nul is not an end", "a", "a\0b"s, false},
        Case{"bcrypt", of_secret, "secret", true}, Case{"bcrypt wrong", of_secret, "Secret", false},
        Case{"the hash itself is not the password", of_secret, of_secret, false},
        Case{"version b", with_version('b'), "secret", true},
        Case{"version x", with_version('x'), "secret", true},
        Case{"version y", with_version('y'), "secret", true}, Case{"empty password", of_empty, "", true},
        Case{"empty password wrong", of_empty, "x", false}, Case{"nul for empty", of_empty, "\0"s, true},
        Case{"octets past 72 do not count", of_72_p, std::string(72, 'p') + "extra", true},
        Case{"71 octets", of_72_p, std::string(71, 'p'), false},
        Case{"octets above 127", of_binary, "caf\xc3\xa9\xff", true},
        Case{"repeated over nul is the same key", of_secret, "secret\0secret"s, true},
        Case{"a nul is not an end", of_secret, "secret\0x"s, false},
        Case{"trailing octets are ignored", of_secret + "xyz", "secret", true},
        Case{"one octet short", of_secret.substr(0, 59), "secret", false},
        Case{"only the prefix", "$2a$10$", "", false}, Case{"cost below 4", with_cost("03"), "secret", false},
        Case{"cost above 31", with_cost("32"), "secret", false},
        Case{"salt not base64", "$2a$04$" + std::string(22, '!') + of_secret.substr(29), "secret", false}));

TEST(Bcrypt, IsRecognisedByItsPrefixAlone) {
  EXPECT_TRUE(is_bcrypt("$2a$11$"));
  EXPECT_TRUE(is_bcrypt("$2b$99$anything at all"));
  EXPECT_TRUE(is_bcrypt("$2y$04$\n"));
  EXPECT_FALSE(is_bcrypt("$2a$1$x"));
  EXPECT_FALSE(is_bcrypt("$2c$11$x"));
  EXPECT_FALSE(is_bcrypt("$2$11$x"));
  EXPECT_FALSE(is_bcrypt(" $2a$11$x"));
  EXPECT_FALSE(is_bcrypt("$2a$11"));
  EXPECT_FALSE(is_bcrypt(""));
}

}  // namespace
}  // namespace nats::auth
