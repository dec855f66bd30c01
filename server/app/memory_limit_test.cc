#include "server/app/memory_limit.h"

#include <gtest/gtest.h>

namespace nats::app {
namespace {

TEST(MemoryLimit, IsReadAsGoReadsIt) {
  EXPECT_EQ(read_memory_limit("12345"), 12345);
  EXPECT_EQ(read_memory_limit("12345B"), 12345);
  EXPECT_EQ(read_memory_limit("3KiB"), 3 << 10);
  EXPECT_EQ(read_memory_limit("500MiB"), 500 << 20);
  EXPECT_EQ(read_memory_limit("1GiB"), 1 << 30);
  EXPECT_EQ(read_memory_limit("2TiB"), std::int64_t{2} << 40);
}

TEST(MemoryLimit, IsNoneWhereNothingCanBeRead) {
  for (const char* text :
       {"", "off", "GiB", "1 GiB", "1GB", "-1", "1.5GiB", "9223372036854775807", "8388608TiB"})
    EXPECT_EQ(read_memory_limit(text), 0) << text;
}

}  // namespace
}  // namespace nats::app
