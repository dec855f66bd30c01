#include "conformance/trace/tokens.h"

#include <gtest/gtest.h>

#include "conformance/trace/times.h"

namespace natstwin::trace {

TEST(Tokens, AreCutWhereAPersonWouldCutThem) {
  struct Case {
    const char* text;
    std::vector<std::pair<TokenKind, std::string>> tokens;
  };
  using enum TokenKind;
  const Case cases[] = {
      {"", {}},
      {"_INBOX.ab-C9.1",
       {{word, "_INBOX"}, {separator, "."}, {word, "ab-C9"}, {separator, "."}, {number, "1"}}},
      {"127.0.0.1:4222",
       {{number, "127"},
        {separator, "."},
        {number, "0"},
        {separator, "."},
        {number, "0"},
        {separator, "."},
        {number, "1"},
        {separator, ":"},
        {number, "4222"}}},
      {"\"a\\r\\u000a\"",
       {{separator, "\""}, {word, "a"}, {separator, "\\r"}, {separator, "\\u000a"}, {separator, "\""}}},
      {"2026-11-24T17:25:56.12Z,", {{time, "2026-11-24T17:25:56.12Z"}, {separator, ","}}},
      {"Tue, 24 Nov 2026 17:25:56 GMT", {{time, "Tue, 24 Nov 2026 17:25:56 GMT"}}},
      {"151.014733ms", {{duration, "151.014733ms"}}},
      {"1h2m3s 5.81 GB",
       {{duration, "1h2m3s"}, {separator, " "}, {decimal, "5.81"}, {separator, " "}, {word, "GB"}}},
      {"12\xC2\xB5s", {{duration, "12\xC2\xB5s"}}},
      {"v2.15.1", {{word, "v2"}, {separator, "."}, {number, "15"}, {separator, "."}, {number, "1"}}},
      {"5sx -7", {{word, "5sx"}, {separator, " "}, {number, "-7"}}},
  };
  for (const Case& c : cases) {
    std::vector<std::pair<TokenKind, std::string>> got;
    for (const Token& token : tokenize(c.text)) got.emplace_back(token.kind, token.text);
    EXPECT_EQ(got, c.tokens) << c.text;
  }
}

TEST(Times, AreReadToTheNanosecond) {
  struct Case {
    const char* text;
    std::int64_t unix_ns;
    const char* format;
  };
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", 0, "rfc3339"},
      {"2026-11-24T17:25:56.000000001Z", 1795541156000000001, "rfc3339-nanos"},
      {"2026-11-24T18:25:56.5+01:00", 1795541156500000000, "rfc3339-nanos"},
      {"Tue, 24 Nov 2026 17:25:56 GMT", 1795541156000000000, "http"},
      {"1795541156000000001", 1795541156000000001, "unix-nanos"},
  };
  for (const Case& c : cases) {
    const auto moment = parse_moment(c.text);
    ASSERT_TRUE(moment) << c.text;
    EXPECT_EQ(moment->unix_ns, c.unix_ns) << c.text;
    EXPECT_EQ(moment->format, c.format) << c.text;
  }
  for (const char* bad : {"", "2026-11-24", "2026-11-24T17:25:56", "17", "2026-11-24T17:25:56.Z"}) {
    EXPECT_FALSE(parse_moment(bad)) << bad;
  }
  EXPECT_LT(parse_moment("0001-01-01T00:00:00Z")->unix_ns, 0);
}

TEST(Tokens, NameLikeWordsAreThoseOfARandomSource) {
  for (const char* name : {"NBQ4HXLDBDKKSDLVBMQVEX6TFXEPKZOZ7IDVRKDYUNB2GHYGMQ6DOGJD",
                           "L7ZvGBaRkYrSFSRi9tVHnM", "3y2bXzQ0-x_RpYQ"}) {
    EXPECT_TRUE(is_name_like(name)) << name;
  }
  for (const char* plain : {"connections", "max_payload", "Authorization", "PING", "1234567890123"}) {
    EXPECT_FALSE(is_name_like(plain)) << plain;
  }
}

}  // namespace natstwin::trace
