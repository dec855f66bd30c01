#include "server/gojson/writer.h"

#include <gtest/gtest.h>

#include "server/gojson/time_text.h"

namespace nats::gojson {
namespace {

TEST(Writer, WritesCompactObjectsAndArrays) {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.integer("a", -1);
  w.key("b");
  w.begin_array();
  w.boolean(true);
  w.null();
  w.begin_object();
  w.end_object();
  w.begin_array();
  w.end_array();
  w.end_array();
  w.unsigned_integer("c", 18446744073709551615u);
  w.string("d", "x");
  w.end_object();
  EXPECT_EQ(out, R"({"a":-1,"b":[true,null,{},[]],"c":18446744073709551615,"d":"x"})");
}

TEST(Writer, IndentsAsMarshalIndentDoes) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", "X");
  w.key("empty");
  w.begin_object();
  w.end_object();
  w.key("none");
  w.begin_array();
  w.end_array();
  w.key("list");
  w.begin_array();
  w.begin_object();
  w.integer("cid", 1);
  w.end_object();
  w.string("s");
  w.end_array();
  w.end_object();
  EXPECT_EQ(out, R"({
  "server_id": "X",
  "empty": {},
  "none": [],
  "list": [
    {
      "cid": 1
    },
    "s"
  ]
})");
}

TEST(Writer, LeavesOutEmptyMembersThatAreTaggedSo) {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.string_unless_empty("a", "");
  w.integer_unless_zero("b", 0);
  w.boolean_unless_false("c", false);
  w.unsigned_unless_zero("d", 7);
  w.number_unless_zero("e", 0);
  w.end_object();
  EXPECT_EQ(out, R"({"d":7})");
}

TEST(Writer, EscapesStringsAsGoDoes) {
  const struct {
    std::string_view text, json;
  } table[] = {
      {"plain", R"("plain")"},
      {"<a>&'b'", R"("\u003ca\u003e\u0026'b'")"},
      {"\"\\/", R"("\"\\/")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {std::string_view("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\x7f", "\"\x7f\""},
      {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"},
      {"\xff"
       "a\xe2\x28",
       R"("\ufffda\ufffd()"
       "\""},
      {"\xef\xbf\xbd", "\"\xef\xbf\xbd\""},
      {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"é😀", "\"é😀\""},
  };
  for (const auto& row : table) EXPECT_EQ(quoted_json(row.text), row.json) << row.text;
}

TEST(Writer, WritesFloatsAsGoDoes) {
  const struct {
    double number;
    std::string_view json;
  } table[] = {{0, "0"},          {1, "1"},
               {2.5, "2.5"},      {0.1, "0.1"},
               {-0.5, "-0.5"},    {1e20, "100000000000000000000"},
               {1e21, "1e+21"},   {1e-6, "0.000001"},
               {1e-7, "1e-7"},    {1.5e-9, "1.5e-9"},
               {1e-10, "1e-10"},  {123456789.125, "123456789.125"},
               {1e300, "1e+300"}, {0.9999939, "0.9999939"}};
  for (const auto& row : table) {
    std::string out;
    Writer(out).number(row.number);
    EXPECT_EQ(out, row.json);
  }
}

TEST(TimeText, WritesTimesAsGoMarshalsThem) {
  const struct {
    std::int64_t ns;
    std::int64_t offset_minutes;
    std::string_view text;
  } table[] = {
      {0, 0, "1970-01-01T00:00:00Z"},
      {1'700'000'000'123'456'789, 0, "2023-11-14T22:13:20.123456789Z"},
      {1'700'000'000'120'000'000, 0, "2023-11-14T22:13:20.12Z"},
      {1'700'000'000'000'000'000, -300, "2023-11-14T17:13:20-05:00"},
      {1'700'000'000'000'000'001, 345, "2023-11-15T03:58:20.000000001+05:45"},
      {951'782'400'000'000'000, 0, "2000-02-29T00:00:00Z"},
      {-1, 0, "1969-12-31T23:59:59.999999999Z"},
      {zero_time.unix_ns, 0, "0001-01-01T00:00:00Z"},
  };
  for (const auto& row : table)
    EXPECT_EQ(rfc3339_nano({row.ns}, Duration::from_seconds(row.offset_minutes * 60)), row.text);
}

TEST(TimeText, WritesHttpDates) {
  EXPECT_EQ(http_date({784'111'777'000'000'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(TimeText, WritesDurationsAsGoDoes) {
  const struct {
    std::int64_t ns;
    std::string_view text;
  } table[] = {{0, "0s"},
               {1, "1ns"},
               {1'100, "1.1µs"},
               {2'000'000, "2ms"},
               {2'200'000, "2.2ms"},
               {3'300'000'000, "3.3s"},
               {4 * 60'000'000'000 + 5'001'000'000, "4m5.001s"},
               {3'600'000'000'000, "1h0m0s"},
               {-1'500'000'000, "-1.5s"},
               {std::numeric_limits<std::int64_t>::max(), "2562047h47m16.854775807s"},
               {std::numeric_limits<std::int64_t>::min(), "-2562047h47m16.854775808s"}};
  for (const auto& row : table) EXPECT_EQ(duration_text({row.ns}), row.text);
}

TEST(TimeText, WritesUptimesWithoutLeadingZeroUnits) {
  const struct {
    std::int64_t seconds;
    std::string_view text;
  } table[] = {{0, "0s"},        {59, "59s"},         {61, "1m1s"},
               {3600, "1h0m0s"}, {93784, "1d2h3m4s"}, {370 * 86400 + 1, "1y5d0h0m1s"}};
  for (const auto& row : table) EXPECT_EQ(uptime_text(Duration::from_seconds(row.seconds)), row.text);
}

}  // namespace
}  // namespace nats::gojson
