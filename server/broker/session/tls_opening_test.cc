#include "server/broker/session/tls_opening.h"

#include <gtest/gtest.h>

#include "server/broker/rate_limit.h"
#include "server/config/options.h"

namespace nats::broker {
namespace {

using Phase = TlsOpening::Phase;

constexpr Instant start{1'000'000'000};
constexpr Duration delay = Duration::from_ms(50);

config::Tls first(Duration fallback) { return {.handshake_first = true, .first_fallback = fallback}; }

TlsOpening begun(const config::Tls& tls, bool allow_non_tls) {
  TlsOpening opening(tls, allow_non_tls);
  opening.begin(start);
  return opening;
}

TEST(TlsOpening, NeedsNoThoughtWhereTlsIsRequired) {
  EXPECT_EQ(begun({}, false).phase(), Phase::secures);
  EXPECT_FALSE(begun({}, false).handshake_first());
  EXPECT_EQ(begun(first({}), false).phase(), Phase::secures);
  EXPECT_TRUE(begun(first({}), true).handshake_first());
  EXPECT_EQ(begun(first({}), true).phase(), Phase::secures);
}

TEST(TlsOpening, LooksAtTheFirstOctetOfSix) {
  struct {
    const char* sent;
    Phase expected;
  } rows[] = {{"PING\r", Phase::sniffs},
              {"PING\r\n", Phase::plain},
              {"\x16\x03\x01\x02\x03\x04", Phase::secures},
              {"\x16\x03", Phase::sniffs}};
  for (const auto& row : rows) {
    TlsOpening opening = begun({}, true);
    opening.on_bytes(row.sent);
    EXPECT_EQ(opening.phase(), row.expected);
    EXPECT_EQ(opening.held(), row.sent);
  }
}

TEST(TlsOpening, LooksAtFewerWhenTimeIsUp) {
  for (auto [sent, expected] :
       {std::pair{"PI", Phase::plain}, {"", Phase::plain}, {"\x16", Phase::secures}}) {
    TlsOpening opening = begun({.timeout_seconds = 1}, true);
    opening.on_bytes(sent);
    EXPECT_EQ(opening.deadline(), start + Duration::from_seconds(1));
    EXPECT_FALSE(opening.on_deadline(start + Duration::from_ms(999)));
    EXPECT_EQ(opening.phase(), Phase::sniffs);
    EXPECT_FALSE(opening.on_deadline(start + Duration::from_seconds(1)));
    EXPECT_EQ(opening.phase(), expected);
  }
}

TEST(TlsOpening, SendsInfoToWhoSaysNothing) {
  for (bool allow_non_tls : {false, true}) {
    TlsOpening opening = begun(first(delay), allow_non_tls);
    EXPECT_EQ(opening.phase(), Phase::awaits_handshake);
    EXPECT_TRUE(opening.on_deadline(start + delay));
    EXPECT_FALSE(opening.handshake_first());
    EXPECT_EQ(opening.phase(), allow_non_tls ? Phase::sniffs : Phase::secures);
  }
}

TEST(TlsOpening, TakesAnythingForAHandshakeThatMayComeFirst) {
  TlsOpening opening = begun(first(delay), true);
  opening.on_bytes("PIN");
  EXPECT_EQ(opening.phase(), Phase::awaits_handshake);
  opening.on_bytes("G");
  EXPECT_EQ(opening.phase(), Phase::secures);
  TlsOpening late = begun(first(delay), true);
  late.on_bytes("P");
  EXPECT_FALSE(late.on_deadline(start + delay));
  EXPECT_EQ(late.phase(), Phase::secures);
  EXPECT_TRUE(late.handshake_first());
}

TEST(RateLimit, CountsAsTheReferenceCounts) {
  RateLimit rate;
  EXPECT_TRUE(rate.allow(0, start));
  EXPECT_TRUE(rate.allow(2, start));
  EXPECT_TRUE(rate.allow(2, start + Duration::from_ms(500)));
  EXPECT_FALSE(rate.allow(2, start + Duration::from_ms(600)));
  EXPECT_FALSE(rate.allow(2, start + Duration::from_seconds(1)));
  EXPECT_EQ(rate.take_refused(), 2u);
  EXPECT_EQ(rate.take_refused(), 0u);
  EXPECT_TRUE(rate.allow(2, start + Duration::from_ms(1001)));
}

}  // namespace
}  // namespace nats::broker
