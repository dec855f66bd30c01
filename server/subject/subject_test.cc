#include "server/subject/subject.h"

#include <gtest/gtest.h>

namespace nats::subject {
namespace {

TEST(Subject, ValidityFollowsTheTokens) {
  for (auto s : {"a", "a.b", "*", ">", "a.*", "a.>", "*.b.>", "a*", "foo>", "a.>b", "é"})
    EXPECT_TRUE(is_valid(s)) << s;
  for (auto s : {"", ".", "a.", ".a", "a..b", ">.a", "a.>.b", "a b", "a\tb", "a. ", "\r"})
    EXPECT_FALSE(is_valid(s)) << s;
}

TEST(Subject, StrictValidityRefusesNulAndMalformedUtf8) {
  EXPECT_TRUE(is_valid_strict("a.é"));
  EXPECT_FALSE(is_valid_strict(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_valid_strict("a\xff"));
  EXPECT_FALSE(is_valid_strict("\xed\xa0\x80"));
}

TEST(Subject, WildcardsCountOnlyAsWholeTokens) {
  for (auto s : {"a", "a*", "*a.b", "foo>", "a.>b"}) EXPECT_TRUE(is_literal(s)) << s;
  for (auto s : {"*", ">", "a.*", "*.a", "a.>"}) EXPECT_FALSE(is_literal(s)) << s;
  EXPECT_FALSE(is_valid_literal("a..b"));
  EXPECT_TRUE(is_valid_literal("a.b c"));
}

struct MatchCase {
  const char* literal;
  const char* pattern;
  bool matches;
};

TEST(Subject, LiteralsMatchPatterns) {
  for (const MatchCase& c : {MatchCase{"a", "a", true},
                             {"a.b", "a.*", true},
                             {"a.b.c", "a.*", false},
                             {"a.b.c", "a.>", true},
                             {"a", "a.>", false},
                             {"a", ">", true},
                             {"a.b", "*.*", true},
                             {"a.b", "*", false},
                             {"a*", "a*", true},
                             {"ab", "a*", false},
                             {"*", "*", true},
                             {"a.>", "a.>", true},
                             {"b.a", "a.*", false}})
    EXPECT_EQ(matches(c.literal, c.pattern), c.matches) << c.literal << " " << c.pattern;
}

TEST(Subject, SubsetsAreDecidedTokenByToken) {
  for (const MatchCase& c : {MatchCase{"a.*", "a.>", true},
                             {"a.>", "a.*", false},
                             {"a.*", "a.*", true},
                             {"*", "a", false},
                             {"a", "*", true},
                             {">", "*", false},
                             {"a.b", "a", false},
                             {"*.*", ">", true},
                             {"a.*.c", "a.>", true}})
    EXPECT_EQ(is_subset(c.literal, c.pattern), c.matches) << c.literal << " " << c.pattern;
}

TEST(Subject, OverlapIsSymmetric) {
  for (const MatchCase& c : {MatchCase{"a.*", "*.b", true},
                             {"a.*", "b.*", false},
                             {"a.>", "a.b.c", true},
                             {"a.*", "a.*.c", false},
                             {">", "x", true},
                             {"a", "a.>", false},
                             {"*.x", "a.>", true}}) {
    EXPECT_EQ(overlaps(c.literal, c.pattern), c.matches) << c.literal << " " << c.pattern;
    EXPECT_EQ(overlaps(c.pattern, c.literal), c.matches) << c.literal << " " << c.pattern;
  }
}

}  // namespace
}  // namespace nats::subject
