#include "server/base/ip_text.h"

#include <gtest/gtest.h>

#include <string>

namespace nats {
namespace {

std::string again(std::string_view text) {
  const auto ip = parse_ip(text);
  return ip ? ip_text(*ip) : "none";
}

TEST(IpText, ReadsAndWritesAsGoDoes) {
  EXPECT_EQ(again("1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(again("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(again("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(again("::1"), "::1");
  EXPECT_EQ(again("::"), "::");
  EXPECT_EQ(again("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(again("2001:DB8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(again("fe80:0:0:0:0:0:0:0"), "fe80::");
  EXPECT_EQ(again("::102:304"), "::102:304");
  EXPECT_EQ(again("1::2:3.4.5.6"), "1::2:304:506");
  EXPECT_EQ(again("0001:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
}

TEST(IpText, RefusesWhatGoRefuses) {
  for (const char* text : {"",
                           "1.2.3",
                           "1.2.3.4.5",
                           "01.2.3.4",
                           "256.1.1.1",
                           "1.2.3.-4",
                           "1.2.3.4 ",
                           "a.b.c.d",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "12345::",
                           "::1%eth0",
                           "1:2:3:4:5:6:7::8",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::g",
                           "1:"})
    EXPECT_EQ(again(text), "none") << text;
}

}  // namespace
}  // namespace nats
