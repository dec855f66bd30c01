#include "conformance/script/nkey.h"

#include <gtest/gtest.h>

namespace natstwin::script {
namespace {

// Made with the Go key library from the seed 00 01 02 ... 1f.
constexpr std::string_view seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";

TEST(Nkey, ASeedIsKnownByItsMarkAndChecksum) {
  EXPECT_TRUE(is_nkey_seed(seed));
  EXPECT_FALSE(is_nkey_seed(seed.substr(1)));
  EXPECT_FALSE(is_nkey_seed("SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H7B6Y"));
  EXPECT_FALSE(is_nkey_seed("UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK"));
  EXPECT_FALSE(is_nkey_seed(""));
}

TEST(Nkey, TheSignatureIsTheGoLibrarys) {
  EXPECT_EQ(sign_with_nkey(seed, "PXoWU7zWAMt75FY"),
            "bnxg5G8aOV2LQdSE_lcM9clxm_fbTTZxsqQ1EpTNgJX"
            "mH6z5ezesd49kXfuNhoAqw_DmEtsGcNsJdug9wMuRDQ");
  EXPECT_NE(sign_with_nkey(seed, "a"), sign_with_nkey(seed, "b"));
}

TEST(Nkey, TheVariableNamesASeedAndAnotherVariable) {
  const auto both = split_sign("sign:SUA:c.INFO.nonce");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->seed, "SUA");
  EXPECT_EQ(both->message, "c.INFO.nonce");
  EXPECT_FALSE(split_sign("c.INFO.nonce"));
}

}  // namespace
}  // namespace natstwin::script
