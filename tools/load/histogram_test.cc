#include "tools/load/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "tools/load/report.h"

namespace natstwin::load {
namespace {

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.percentile(0.50), 50U);
  EXPECT_EQ(histogram.percentile(0.99), 99U);
  EXPECT_EQ(histogram.percentile(1.0), 100U);
  EXPECT_EQ(histogram.percentile(0.0), 1U);
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(Histogram, IsWithinTwoPercentForAnyValue) {
  for (std::uint64_t value = 1; value < (std::uint64_t{1} << 62); value = value * 5 / 3 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(UINT64_MAX);
    const auto found = static_cast<double>(histogram.percentile(0.5));
    EXPECT_GE(found, static_cast<double>(value) * 0.999999);
    EXPECT_LE(found, static_cast<double>(value) * 1.02);
    EXPECT_EQ(histogram.percentile(1.0), UINT64_MAX);
  }
}

TEST(Histogram, GivesNothingWhenEmptyAndAfterClear) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.99), 0U);
  histogram.record(7);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(0.99), 0U);
}

TEST(Report, IsOneLineOfJson) {
  Report report;
  report.count("n", 3)
      .number("x", 1.5)
      .text("t", "a \"b\"\n")
      .texts("list", {"p", "q"})
      .number("bad", 1.0 / 0.0);
  EXPECT_EQ(
      report.to_json(),
      "{\"n\": 3, \"x\": 1.500, \"t\": \"a \\\"b\\\"\\u000a\", \"list\": [\"p\", \"q\"], \"bad\": null}");
}

}  // namespace
}  // namespace natstwin::load
