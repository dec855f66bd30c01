#include "server/config/text.h"

#include <gtest/gtest.h>

namespace nats::config::text {
namespace {

struct DurationCase {
  const char* text;
  std::int64_t ns;
  const char* problem;
};

TEST(Duration, IsReadAsGoReadsIt) {
  const DurationCase cases[] = {
      {"0", 0, ""},
      {"+5s", 5'000'000'000, ""},
      {"-1.5h", -5'400'000'000'000, ""},
      {"1h2m3s4ms5us6ns", 3'723'004'005'006, ""},
      {"1µs", 1'000, ""},
      {".5s", 500'000'000, ""},
      {"2562047h47m16.854775807s", INT64_MAX, ""},
      {"", 0, "time: invalid duration \"\""},
      {"5", 0, "time: missing unit in duration \"5\""},
      {"5x", 0, "time: unknown unit \"x\" in duration \"5x\""},
      {"s", 0, "time: invalid duration \"s\""},
      {".s", 0, "time: invalid duration \".s\""},
      {"9223372036854775808ns", 0, "time: invalid duration \"9223372036854775808ns\""},
      {"\"\n", 0, "time: invalid duration \"\\\"\\x0a\""},
  };
  for (const DurationCase& c : cases) {
    Result<Duration> got = parse_duration(c.text);
    if (*c.problem == 0) {
      ASSERT_TRUE(got) << c.text << ": " << got.error().detail;
      EXPECT_EQ(got->ns, c.ns) << c.text;
    } else {
      ASSERT_FALSE(got) << c.text;
      EXPECT_EQ(got.error().detail, c.problem);
    }
  }
}

TEST(IntLiteral, MayHaveAPrefixAndUnderscores) {
  EXPECT_EQ(parse_int_literal("0x1F").value(), 31);
  EXPECT_EQ(parse_int_literal("1_000").value(), 1000);
  EXPECT_EQ(parse_int_literal("-017").value(), -15);
  EXPECT_EQ(parse_int_literal("-9223372036854775808").value(), INT64_MIN);
  for (const char* wrong : {"", "x", "1__0", "_1", "1_", "0x", "08", "0b2", "1k", "+"}) {
    EXPECT_EQ(parse_int_literal(wrong).error().detail, "parse error") << wrong;
  }
  EXPECT_EQ(parse_int_literal("9223372036854775808").error().detail, "value out of range");
}

TEST(HostPort, IsSplitAsGoSplitsIt) {
  EXPECT_EQ(split_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(split_host_port(":4222")->port, "4222");
  EXPECT_EQ(split_host_port("h:")->port, "");
  struct {
    const char* text;
    const char* problem;
  } cases[] = {
      {"", "missing port in address"},
      {"h", "address h: missing port in address"},
      {"a:b:c", "address a:b:c: too many colons in address"},
      {"[::1]", "address [::1]: missing port in address"},
      {"[::1", "address [::1: missing ']' in address"},
      {"[a]b:1", "address [a]b:1: missing port in address"},
      {"[a]:b:1", "address [a]:b:1: too many colons in address"},
      {"a]:1", "address a]:1: unexpected ']' in address"},
      {"a[:1", "address a[:1: unexpected '[' in address"},
  };
  for (const auto& [text, problem] : cases) {
    Result<HostPort> parts = split_host_port(text);
    ASSERT_FALSE(parts) << text;
    EXPECT_EQ(parts.error().detail, problem) << text;
  }
}

TEST(Address, HasAPortThatMayBeLeftOut) {
  EXPECT_EQ(parse_address(" a : 5 ", 1)->host, "a");
  EXPECT_EQ(parse_address(" a : 5 ", 1)->port, 5);
  EXPECT_EQ(parse_address("[::1]", 1)->host, "::1");
  for (const char* any : {"a", "a:0", "a:-1", "[::1]"}) EXPECT_EQ(parse_address(any, 7)->port, 7) << any;
  EXPECT_EQ(parse_address("a:-2", 7)->port, -2);
  EXPECT_EQ(parse_address("a:b", 7).error().detail, "strconv.Atoi: parsing \"b\": invalid syntax");
  EXPECT_EQ(parse_address("a:::1", 7).error().detail, "address a:::1: too many colons in address");
}

TEST(Path, IsJoinedAndCleaned) {
  EXPECT_EQ(path_directory("a.conf"), ".");
  EXPECT_EQ(path_directory("x/y/a.conf"), "x/y");
  EXPECT_EQ(path_join("x", "../y//z"), "y/z");
  EXPECT_EQ(path_join(".", "/etc/a"), "etc/a");
  EXPECT_EQ(path_clean("/../a/./b/.."), "/a");
  EXPECT_EQ(path_clean(""), ".");
}

TEST(Float, IsShownAsGoShowsIt) {
  EXPECT_EQ(float_text(2), "2");
  EXPECT_EQ(float_text(1.5), "1.5");
  EXPECT_EQ(float_text(1e21), "1e+21");
  EXPECT_EQ(float_text(0.00001), "1e-05");
  EXPECT_EQ(float_text(123456789), "1.23456789e+08");
}

}  // namespace
}  // namespace nats::config::text
