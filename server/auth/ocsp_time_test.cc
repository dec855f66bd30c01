#include "server/auth/ocsp_time.h"

#include <gtest/gtest.h>

namespace nats::auth {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr WallTime noon{1'800'000'000 * second};

WallTime in_seconds(std::int64_t seconds) { return {noon.unix_ns + seconds * second}; }

sys::OcspAnswer answer_of(std::int64_t this_update, std::optional<std::int64_t> next_update) {
  sys::OcspAnswer answer;
  answer.this_update = in_seconds(this_update);
  if (next_update) answer.next_update = in_seconds(*next_update);
  return answer;
}

TEST(OcspTime, AnAnswerIsCurrentWithinTheSkew) {
  config::OcspPeer policy;  // 30 s of skew, an hour where no end is said
  EXPECT_EQ(currency_problem(answer_of(-60, 60), policy, noon), "");
  EXPECT_EQ(currency_problem(answer_of(-60, -30), policy, noon), "");
  EXPECT_EQ(currency_problem(answer_of(-60, -31), policy, noon),
            "OCSP response NextUpdate [2027-01-15T07:59:29Z] is before now [2027-01-15T08:00:00Z] with "
            "clockskew [30s]");
  EXPECT_EQ(currency_problem(answer_of(30, 60), policy, noon), "");
  EXPECT_TRUE(currency_problem(answer_of(31, 60), policy, noon).starts_with("OCSP response ThisUpdate"));
}

TEST(OcspTime, AnAnswerWithoutEndHasTheConfiguredOne) {
  config::OcspPeer policy;
  policy.unset_ttl = Duration::from_seconds(10);
  EXPECT_EQ(currency_problem(answer_of(-40, {}), policy, noon), "");
  EXPECT_TRUE(currency_problem(answer_of(-41, {}), policy, noon).starts_with("OCSP response cache expiry"));
}

TEST(OcspTime, TimesAtTheEndsOfTheClockDoNotOverflow) {
  config::OcspPeer policy;
  sys::OcspAnswer answer;
  answer.this_update = {INT64_MAX};
  EXPECT_NE(currency_problem(answer, policy, noon), "");
  answer.this_update = {INT64_MIN};
  EXPECT_NE(currency_problem(answer, policy, noon), "");
  policy.unset_ttl = Duration{INT64_MAX};
  answer.this_update = noon;
  EXPECT_EQ(currency_problem(answer, policy, noon), "");
}

TEST(OcspTime, AStapleEndsWithoutSkew) {
  EXPECT_EQ(staple_problem(answer_of(0, 0), noon), "");
  EXPECT_TRUE(staple_problem(answer_of(-5, -1), noon).starts_with("invalid ocsp NextUpdate"));
  EXPECT_TRUE(staple_problem(answer_of(1, 5), noon).starts_with("invalid ocsp ThisUpdate"));
}

TEST(OcspTime, AStapleIsAskedForAgainHalfWay) {
  EXPECT_EQ(staple_pause(answer_of(0, 100), noon), Duration::from_seconds(50));
  EXPECT_EQ(staple_pause(answer_of(0, -100), noon), Duration::from_seconds(120));
  EXPECT_EQ(staple_pause(answer_of(0, {}), noon), Duration::from_seconds(24 * 3600));
}

}  // namespace
}  // namespace nats::auth
