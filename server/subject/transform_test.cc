// Results are those that nats-server 2.15.1 delivered (scenario subjects/mapping-functions).
#include "server/subject/transform.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/subject/subject.h"

namespace nats::subject {
namespace {

std::string mapped(std::string_view source, std::string_view destination, std::string_view subject) {
  const auto transform = Transform::build(source, destination);
  if (!transform) return transform.error();
  std::vector<std::string_view> tokens;
  for (Tokens each(subject); each.next();) tokens.push_back(each.token());
  std::string out;
  transform->apply(tokens, 12345, out);
  return out;
}

TEST(Transform, PutsTokensWhereTheyBelong) {
  EXPECT_EQ(mapped("a.*", "to.$1.{{wildcard(1)}}", "a.one"), "to.one.one");
  EXPECT_EQ(mapped("o.*.*.*", "to.$3.$1.$2", "o.1.2.3"), "to.3.1.2");
  EXPECT_EQ(mapped("k.*.>", "to.$1.>", "k.1.2.3"), "to.1.2.3");
  EXPECT_EQ(mapped("p.>", "to.>", "p.1.2"), "to.1.2");
  EXPECT_EQ(mapped("q.*", "to.$x.{{left(1,99)}}", "q.abc"), "to.$x.abc");
  EXPECT_EQ(mapped("foo", "bar", "foo"), "bar");
}

TEST(Transform, HashesIntoPartitions) {
  EXPECT_EQ(mapped("b.*.*", "to.{{partition(5,1,2)}}.$2", "b.x.y"), "to.2.y");
  EXPECT_EQ(mapped("b.*.*", "to.{{partition(5,1,2)}}.$2", "b.12345.abc"), "to.3.abc");
  EXPECT_EQ(mapped("c.*", "to.{{Partition( 10 , 1 )}}", "c.foo"), "to.3");
  EXPECT_EQ(mapped("c.*", "to.{{Partition( 10 , 1 )}}", "c.bar"), "to.2");
  EXPECT_EQ(mapped("r.*", "to.{{partition(9)}}", "r.some"), "to.1");
  EXPECT_EQ(mapped("n.*", "to.{{partition(0,1)}}", "n.z"), "to.0");
}

TEST(Transform, CutsTokens) {
  EXPECT_EQ(mapped("d.*", "to.{{splitfromleft(1,3)}}", "d.abcdefg"), "to.abc.defg");
  EXPECT_EQ(mapped("d.*", "to.{{splitfromleft(1,3)}}", "d.ab"), "to.ab");
  EXPECT_EQ(mapped("e.*", "to.{{SplitFromRight(1,3)}}", "e.abcdefg"), "to.abcd.efg");
  EXPECT_EQ(mapped("f.*", "to.{{slicefromleft(1,3)}}", "f.abcdefg"), "to.abc.def.g");
  EXPECT_EQ(mapped("f.*", "to.{{slicefromleft(1,3)}}", "f.abcdef"), "to.abc.def");
  EXPECT_EQ(mapped("g.*", "to.{{sliceFromRight(1,3)}}", "g.abcdefg"), "to.a.bcd.efg");
  EXPECT_EQ(mapped("g.*", "to.{{sliceFromRight(1,3)}}", "g.abcdef"), "to.abc.def");
  EXPECT_EQ(mapped("h.*", "to.{{split(1,-)}}.x", "h.-abc-def--ghi-"), "to.abc.def.ghi.x");
  EXPECT_EQ(mapped("h.*", "to.{{split(1,-)}}.x", "h.abc"), "to.abc.x");
  EXPECT_EQ(mapped("i.*", "to.{{left(1,2)}}", "i.abcdef"), "to.ab");
  EXPECT_EQ(mapped("j.*", "to.{{right(1,2)}}", "j.abcdef"), "to.ef");
  EXPECT_EQ(mapped("j.*", "to.{{right(1,2)}}", "j.a"), "to.a");
}

TEST(Transform, TakesChanceWhereItIsAskedTo) {
  EXPECT_EQ(mapped("m.*", "to.{{random(1)}}.$1", "m.z"), "to.0.z");
  EXPECT_EQ(mapped("m.*", "to.{{random(100)}}", "m.z"), "to.45");
}

TEST(Transform, RefusesWhatTheSourceDoesNotHave) {
  const std::string head = "invalid mapping destination: ";
  EXPECT_EQ(mapped("a.*", "to.$2", ""), head + "wildcard index out of range in $2: [2]");
  EXPECT_EQ(mapped("a", "to.$1", ""), head + "wildcard index out of range in $1");
  EXPECT_EQ(mapped("a.*", "to.{{nope(1)}}", ""), head + "unknown function in {{nope(1)}}");
  EXPECT_EQ(mapped("a.*", "to.*", ""), "invalid subject");
  EXPECT_EQ(mapped("a.>", "to", ""), "invalid subject");
  EXPECT_EQ(mapped("a.*", "to.{{left(1)}}", ""),
            head + "not enough arguments passed to the function in {{left(1)}}");
}

TEST(Transform, NumbersWildcards) {
  EXPECT_EQ(numbered_wildcards("foo.*.bar.*.>"), "foo.$1.bar.$2.>");
  EXPECT_EQ(numbered_wildcards("foo"), "foo");
}

}  // namespace
}  // namespace nats::subject
