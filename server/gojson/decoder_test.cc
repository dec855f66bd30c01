#include "server/gojson/decoder.h"

#include <gtest/gtest.h>

#include "server/gojson/go_quote.h"

namespace nats::gojson {
namespace {

// A part of the reference's ClientOpts. The expected texts were recorded from its log.
struct SubjectPermission {
  std::vector<std::string> allow, deny;
};

void decode(Decoder& decoder, Value value, SubjectPermission& to) {
  decoder.struct_type("server.SubjectPermission");
  decoder.object(value, {{"allow", to.allow}, {"deny", to.deny}});
}

struct Options {
  bool verbose = true;
  std::string nkey, name, lang;
  std::int64_t protocol = 0;
  std::optional<SubjectPermission> import;
};

std::string decode_error(std::string_view json, Options& to) {
  auto document = Document::parse(json);
  if (!document) return document.error().detail;
  Decoder decoder("ClientOpts", "server.ClientOpts");
  decoder.object(document->root(), {{"verbose", to.verbose},
                                    {"nkey", to.nkey},
                                    {"name", to.name},
                                    {"lang", to.lang},
                                    {"protocol", to.protocol},
                                    {"import", to.import}});
  const auto result = decoder.result();
  return result ? "" : result.error().detail;
}

TEST(Decoder, MatchesNamesWithoutCaseAndPrefersTheExactOne) {
  const struct {
    std::string_view json;
    bool verbose;
  } table[] = {
      {R"({"verbose":false})", false},
      {R"({"VERBOSE":false})", false},
      {R"({"verbose":true,"VERBOSE":false})", false},
      {R"({"VERBOSE":false,"verbose":true})", true},
      {"{\"VerBo\xc5\xbf"
       "e\":false}",
       false},
      {R"({"ver_bose":false})", true},
      {R"({"verb\u006fse":false})", false},
      {R"({"verbose":null})", true},
      {"null", true},
      {" \t\r\n{}\n", true},
  };
  for (const auto& row : table) {
    Options options;
    EXPECT_EQ(decode_error(row.json, options), "") << row.json;
    EXPECT_EQ(options.verbose, row.verbose) << row.json;
  }
}

TEST(Decoder, GoesOnAfterAMismatchAndTellsTheFirst) {
  Options options;
  EXPECT_EQ(decode_error(R"({"name":5,"lang":"after","protocol":"1"})", options),
            "json: cannot unmarshal number into Go struct field ClientOpts.name of type string");
  EXPECT_EQ(options.lang, "after");
}

TEST(Decoder, ReplacesWhatIsNoUnicode) {
  const struct {
    std::string_view json, name;
  } table[] = {
      {R"({"name":"\ud800x"})", "\xef\xbf\xbdx"},
      {R"({"name":"\ud83d\ude00\u00e9"})", "😀é"},
      {R"({"name":"\udc00\ud83d"})", "\xef\xbf\xbd\xef\xbf\xbd"},
      {R"({"name":"\ud83d\u0041"})",
       "\xef\xbf\xbd"
       "A"},
      {"{\"name\":\"\xff\xfe"
       "ab\xe2(\"}",
       "\xef\xbf\xbd\xef\xbf\xbd"
       "ab\xef\xbf\xbd("},
      {R"({"name":"a\/b\b\f\n\r\t\"\\"})", "a/b\b\f\n\r\t\"\\"},
      {R"({"name":"a","name":"b"})", "b"},
  };
  for (const auto& row : table) {
    Options options;
    EXPECT_EQ(decode_error(row.json, options), "") << row.json;
    EXPECT_EQ(options.name, row.name) << row.json;
  }
}

TEST(Decoder, WordsErrorsAsTheReferenceDoes) {
  const struct {
    std::string_view json, error;
  } table[] = {
      {R"({"protocol":1.5})",
       "json: cannot unmarshal number 1.5 into Go struct field ClientOpts.protocol of type int"},
      {R"({"protocol":1e3})",
       "json: cannot unmarshal number 1e3 into Go struct field ClientOpts.protocol of type int"},
      {R"({"protocol":9223372036854775808})",
       "json: cannot unmarshal number 9223372036854775808 into Go struct field ClientOpts.protocol of type "
       "int"},
      {R"({"protocol":-9223372036854775808})", ""},
      {R"({"protocol":-0})", ""},
      {R"({"x":1E400})", ""},
      {R"({"nKey":1})", "json: cannot unmarshal number into Go struct field ClientOpts.nKey of type string"},
      {R"({"verbose":[]})",
       "json: cannot unmarshal array into Go struct field ClientOpts.verbose of type bool"},
      {"[]", "json: cannot unmarshal array into Go value of type server.ClientOpts"},
      {"true", "json: cannot unmarshal bool into Go value of type server.ClientOpts"},
      {R"({"import":5})",
       "json: cannot unmarshal number into Go struct field ClientOpts.import of type "
       "server.SubjectPermission"},
      {R"({"import":{"allow":{"a":1}}})",
       "json: cannot unmarshal object into Go struct field ClientOpts.import.allow of type []string"},
      {R"({"import":{"allow":[1,"a",true]}})",
       "json: cannot unmarshal number into ClientOpts.import.allow.0 of type string"},
      {"", "unexpected end of JSON input"},
      {"\t\r", "unexpected end of JSON input"},
      {"{", "unexpected end of JSON input"},
      {R"({"a)", "unexpected end of JSON input"},
      {R"({"a")", "unexpected end of JSON input"},
      {R"({"a":1,)", "unexpected end of JSON input"},
      {"-", "unexpected end of JSON input"},
      {"1e+", "unexpected end of JSON input"},
      {"tru", "unexpected end of JSON input"},
      {R"("\u12)", "unexpected end of JSON input"},
      {R"({"lang":"x"}x)", "invalid character 'x' after top-level value"},
      {"01", "invalid character '1' after top-level value"},
      {R"({"lang":"x",})", "invalid character '}' looking for beginning of object key string"},
      {"{,}", "invalid character ',' looking for beginning of object key string"},
      {R"({"a" 1})", "invalid character '1' after object key"},
      {R"({"a":1 "b"})", "invalid character '\"' after object key:value pair"},
      {R"({"protocol":01})", "invalid character '1' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"[}", "invalid character '}' looking for beginning of value"},
      {"trux", "invalid character 'x' in literal true (expecting 'e')"},
      {"falsx", "invalid character 'x' in literal false (expecting 'e')"},
      {"1.x", "invalid character 'x' in numeric literal"},
      {"-x", "invalid character 'x' in numeric literal"},
      {R"({"name":"\q"})", "invalid escape sequence `\\q` in string"},
      {R"("\u12x4")", "invalid escape sequence `\\u12x4` in string"},
      {"{\"name\":\"a\x01\"}", "invalid character '\\x01' in string"},
      {"{\"name\":\"a\tb\"}", "invalid character '\\t' in string"},
      {"\xef\xbb\xbf{}", "invalid character '\\ufeff' looking for beginning of value"},
      {"\xc2\xa0{}", "invalid character '\\u00a0' looking for beginning of value"},
      {"[\xff]", "invalid character '\\xff' looking for beginning of value"},
      {"{\"a\":\xc3\xa9}", "invalid character 'é' looking for beginning of value"},
      {"{\"a\":'}", "invalid character '\\'' looking for beginning of value"},
  };
  for (const auto& row : table) {
    Options options;
    EXPECT_EQ(decode_error(row.json, options), row.error) << row.json;
  }
}

TEST(Document, NestsTenThousandLevelsAndNoMore) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_TRUE(Document::parse(nested(10'000)));
  const auto deeper = Document::parse(nested(10'001));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().detail, "exceeded max depth");
}

TEST(Document, FindsTheLastMemberOfAName) {
  const auto document = Document::parse(R"({"a":{"b":[1,{"c":2}]},"d":"x","d":"y"})");
  ASSERT_TRUE(document);
  Value found = document->root();
  ASSERT_TRUE(document->root().find("d", found));
  EXPECT_EQ(found.text(), "y");
  EXPECT_FALSE(document->root().find("b", found));
}

TEST(GoQuote, EscapesAsStrconvDoes) {
  const struct {
    std::string_view text, quoted;
  } table[] = {
      {"plain é😀", "\"plain é😀\""},
      {"a\"b\\c'", R"("a\"b\\c'")"},
      {"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
      {std::string_view("\0\x1b\x7f", 3), R"("\x00\x1b\x7f")"},
      {"\xff\xc2\xa0\xe2\x80\xa8", R"("\xff\u00a0\u2028")"},
      {"\xef\xbf\xbd", "\"\xef\xbf\xbd\""},
      {"\xf3\xa0\x80\x81", R"("\U000e0001")"},
  };
  for (const auto& row : table) EXPECT_EQ(go_quote(row.text), row.quoted);
  EXPECT_EQ(go_quote_rune("'"), R"('\'')");
  EXPECT_EQ(go_quote_rune("\""), R"('"')");
}

}  // namespace
}  // namespace nats::gojson
