#include "server/system/name_hash.h"

#include <gtest/gtest.h>

namespace nats::system {
namespace {

// Read off the $SYS subscriptions of nats-server 2.15.1.
TEST(NameHash, IsThatOfTheReference) {
  EXPECT_EQ(name_hash("NCBNEMPBBFY2VOFD6KMG2ML5P4VK6N3HMTDNUNO6URRYJTORVEABH4SI"), "DUns5odr");
}

}  // namespace
}  // namespace nats::system
