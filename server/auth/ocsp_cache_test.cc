#include "server/auth/ocsp_cache.h"

#include <gtest/gtest.h>

#include "server/auth/fake_responders_for_test.h"

namespace nats::auth {
namespace {

constexpr WallTime noon{1'800'000'000'000'000'000};

sys::OcspAnswer answer_of(sys::OcspAnswer::Status status) {
  sys::OcspAnswer answer;
  answer.status = status;
  answer.this_update = noon;
  return answer;
}

class OcspCaches : public testing::Test {
 protected:
  KeptLines log_;
  config::OcspCacheOptions options_;
};

TEST_F(OcspCaches, GiveBackWhatWasPutAndCountIt) {
  OcspCache cache(options_, log_);
  cache.put("k", "offline", answer_of(sys::OcspAnswer::Status::good), "CN=a", noon);
  EXPECT_FALSE(cache.dirty());
  cache.go_online();
  EXPECT_EQ(cache.get("k"), "");
  cache.put("k", "answer", answer_of(sys::OcspAnswer::Status::good), "CN=a", noon);
  EXPECT_EQ(cache.get("k"), "answer");
  EXPECT_TRUE(cache.dirty());
  EXPECT_EQ(cache.stats().responses, 1);
  EXPECT_EQ(cache.stats().good, 1);
  EXPECT_EQ(cache.stats().hits, 1);
  EXPECT_EQ(cache.stats().misses, 1);
  cache.put("k", "taken back", answer_of(sys::OcspAnswer::Status::revoked), "CN=a", noon);
  EXPECT_EQ(cache.stats().good, 0);
  EXPECT_EQ(cache.stats().revoked, 1);
  EXPECT_EQ(cache.get("k"), "taken back");
}

TEST_F(OcspCaches, KeepARevocationOnlyWhereTheyShall) {
  for (bool preserve : {false, true}) {
    options_.preserve_revoked = preserve;
    OcspCache cache(options_, log_);
    cache.go_online();
    cache.put("k", "revoked", answer_of(sys::OcspAnswer::Status::revoked), "CN=a", noon);
    cache.drop_useless("k");
    EXPECT_EQ(cache.stats().revoked, preserve ? 1 : 0);
  }
}

TEST_F(OcspCaches, ReadWhatTheyWrote) {
  OcspCache one(options_, log_);
  one.go_online();
  one.put("k", std::string(5000, 'x'), answer_of(sys::OcspAnswer::Status::unknown), "CN=\"a\"", noon);
  const std::string json = one.to_json();
  OcspCache other(options_, log_);
  ASSERT_TRUE(other.load(json));
  EXPECT_FALSE(other.dirty());
  EXPECT_EQ(other.to_json(), json);
  other.go_online();
  EXPECT_EQ(other.stats().unknown, 1);
  EXPECT_EQ(other.get("k"), std::string(5000, 'x'));
}

TEST_F(OcspCaches, AreEmptyAfterADamagedFile) {
  for (std::string_view json :
       {"", "[]", "{", R"({"k":{"cached_at":"yesterday"}})", R"({"k":{"resp":"!"}})", R"({"k":7})"}) {
    OcspCache cache(options_, log_);
    cache.go_online();
    cache.put("old", "answer", answer_of(sys::OcspAnswer::Status::good), "CN=a", noon);
    EXPECT_FALSE(cache.load(json)) << json;
    EXPECT_TRUE(cache.dirty()) << json;
    EXPECT_EQ(cache.get("old"), "") << json;
  }
}

TEST_F(OcspCaches, FindNothingInAnAnswerThatWasDamaged) {
  OcspCache cache(options_, log_);
  ASSERT_TRUE(cache.load(R"({"k":{"subject":"CN=a","resp_status":"good","resp":"AAAA"}})"));
  cache.go_online();
  EXPECT_EQ(cache.get("k"), "");
}

}  // namespace
}  // namespace nats::auth
