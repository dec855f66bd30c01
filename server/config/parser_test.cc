#include "server/config/parser.h"

#include <gtest/gtest.h>

#include "server/config/memory_files_for_test.h"

namespace nats::config {
namespace {

Result<Document> parse(std::string_view text, MemoryFiles files = {}) {
  return parse_text(text, "a.conf", files, [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "$B";
    if (name == "B") return "$A";
    return std::nullopt;
  });
}

TEST(Parser, GivesValuesTheirTypes) {
  Document document =
      parse("i: 2Kib, f: 1.5, b: yes, s: 'x', d: 1970-01-02T00:00:00Z, a: [1, x], m {n: 1}").value();
  const Map& root = document.root();
  EXPECT_EQ(*root.at("i").integer(), 2048);
  EXPECT_EQ(*root.at("f").floating(), 1.5);
  EXPECT_TRUE(*root.at("b").boolean());
  EXPECT_EQ(*root.at("s").string(), "x");
  EXPECT_EQ(std::get<Date>(root.at("d").value).text, "1970-01-02T00:00:00Z");
  EXPECT_EQ(root.at("a").array()->size(), 2u);
  EXPECT_EQ(*root.at("m").map()->at("n").integer(), 1);
}

TEST(Parser, RemembersWhereValuesStood) {
  Document document = parse("x: 1\n  y: {\n    z: 2 }\n").value();
  EXPECT_EQ(document.root().at("x").spot.text(), "a.conf:1:0");
  EXPECT_EQ(document.root().at("y").spot.text(), "a.conf:2:3");
  EXPECT_EQ(document.root().at("y").map()->at("z").spot.text(), "a.conf:3:5");
}

TEST(Parser, TakesVariablesFromTheInnermostMap) {
  Document document = parse("v: 1, m { v: 2, w: $v }, w: $v").value();
  EXPECT_EQ(*document.root().at("m").map()->at("w").integer(), 2);
  EXPECT_EQ(*document.root().at("w").integer(), 1);
  EXPECT_TRUE(document.root().at("v").used_variable);
}

TEST(Parser, LeavesHashesOfPasswordsAlone) {
  Document document = parse("p: $2a$11$abcdefghijklmnopqrstuv").value();
  EXPECT_EQ(*document.root().at("p").string(), "$2a$11$abcdefghijklmnopqrstuv");
}

TEST(Parser, SeesCyclesOfTheEnvironment) {
  EXPECT_EQ(parse("a: $A").error().detail,
            "variable reference for 'A' on line 1 could not be parsed: variable reference for 'B' on line 1 "
            "could not "
            "be parsed: variable reference for 'A' on line 1 could not be parsed: variable reference cycle "
            "for 'A'");
}

TEST(Parser, IncludesBesideTheIncludingFile) {
  MemoryFiles files{{"dir/one.conf", "include 'two.conf'\n x: 1"}, {"dir/two.conf", "y: 2"}};
  Document document = parse("m { include 'dir/one.conf' }", files).value();
  const Map& map = *document.root().at("m").map();
  EXPECT_EQ(*map.at("x").integer(), 1);
  EXPECT_EQ(map.at("y").spot.text(), "dir/two.conf:1:0");
}

TEST(Parser, RefusesAFileThatIncludesItself) {
  MemoryFiles files{{"a.conf", "include a.conf\n"}};
  Result<Document> document = parse("include a.conf\n", files);
  ASSERT_FALSE(document);
  EXPECT_TRUE(document.error().detail.ends_with("includes are nested too deep"));
}

TEST(Parser, TakesAnyNestingWithoutOverflow) {
  constexpr int levels = 200'000;
  Result<Document> document = parse("a: " + std::string(levels, '['));
  ASSERT_FALSE(document);
  document = parse("a: " + std::string(levels, '[') + std::string(levels, ']'));
  ASSERT_TRUE(document);
  EXPECT_FALSE(digest(*document));
}

TEST(Digest, IsOfValuesAndNotOfSpelling) {
  std::string one = digest(parse("port: 1024, debug: true").value()).value();
  std::string two = digest(parse("{ # comment\n \"debug\" yes\n port = 1kb }").value()).value();
  EXPECT_EQ(one, two);
  EXPECT_NE(one, digest(parse("port: 1025, debug: true").value()).value());
}

TEST(Digest, RefusesWhatTheReferenceCannotPrint) {
  auto nested = [](int levels) {
    return digest(parse("a: " + std::string(levels, '[') + std::string(levels, ']')).value());
  };
  EXPECT_TRUE(nested(10'000));
  EXPECT_EQ(nested(10'001).error().detail,
            "json: error calling MarshalJSON for type *conf.token: json: error calling MarshalJSON for type "
            "*conf.token: exceeded max depth");
}

TEST(Digest, RefusesVariablesThatMultiplyWithoutEnd) {
  std::string text = "a0: [1, 1 ]\n";
  for (int i = 1; i < 64; ++i) {
    text +=
        "a" + std::to_string(i) + ": [$a" + std::to_string(i - 1) + ", $a" + std::to_string(i - 1) + " ]\n";
  }
  Result<Document> document = parse(text);
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_FALSE(digest(*document));
}

}  // namespace
}  // namespace nats::config
