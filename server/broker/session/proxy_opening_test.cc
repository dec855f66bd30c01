#include "server/broker/session/proxy_opening.h"

#include <gtest/gtest.h>

namespace nats::broker {
namespace {

using Kind = protocol::ProxyHeader::Kind;

constexpr Instant start{1'000'000'000};
Instant after(int seconds) { return start + Duration::from_seconds(seconds); }

TEST(ProxyOpening, WaitsOnceForWhoSaysNothingAndTwiceForOthers) {
  ProxyOpening silent;
  silent.begin({}, start);
  EXPECT_EQ(silent.deadline(), after(5));
  EXPECT_TRUE(silent.on_deadline(after(5)));
  ProxyOpening brief;
  brief.begin({}, start);
  brief.on_bytes("PRO", after(1));
  EXPECT_FALSE(brief.on_deadline(after(5)));
  EXPECT_EQ(brief.deadline(), after(10));
  EXPECT_TRUE(brief.on_deadline(after(10)));
}

TEST(ProxyOpening, WaitsOnceMoreForTheRestOfAHeader) {
  ProxyOpening opening;
  opening.begin({}, start);
  opening.on_bytes("PROXY TCP4", after(3));
  EXPECT_EQ(opening.deadline(), after(8));
  EXPECT_FALSE(opening.on_deadline(after(7)));
  opening.on_bytes(" 1.2.3.4 5.6.7.8 1 2\r\nPI", after(7));
  EXPECT_FALSE(opening.waits());
  EXPECT_EQ(opening.header().host, "1.2.3.4");
  EXPECT_EQ(opening.deadline(), std::nullopt);
  EXPECT_EQ(opening.held().substr(opening.header().size), "PI");
}

TEST(ProxyOpening, WaitsOnceWhereOctetsCameBefore) {
  ProxyOpening opening;
  opening.begin("PRO", start);
  EXPECT_TRUE(opening.on_deadline(after(5)));
}

TEST(ProxyOpening, KnowsAClientByItsFirstOctets) {
  ProxyOpening opening;
  opening.begin({}, start);
  opening.on_bytes("CONNECT {}", start);
  EXPECT_EQ(opening.header().kind, Kind::absent);
  EXPECT_EQ(opening.held(), "CONNECT {}");
}

}  // namespace
}  // namespace nats::broker
