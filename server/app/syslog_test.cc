#include "server/app/syslog.h"

#include <gtest/gtest.h>

namespace nats::app {
namespace {

// 2026-11-07T09:08:07.5Z
constexpr WallTime noon{1'794'042'487'500'000'000};

TEST(Syslog, IsShortForThisMachine) {
  EXPECT_EQ(syslog_message(29, noon, {}, true, "host", "nats-server[7]: ", "text"),
            "<29>Nov  7 09:08:07 nats-server[7]: text\n");
}

TEST(Syslog, NamesTheHostForOthers) {
  const Duration offset = Duration::from_seconds(-3600);
  EXPECT_EQ(syslog_message(5, noon + offset, offset, false, "host", "nats-server[7]: ", "text\n"),
            "<5>2026-11-07T08:08:07-01:00 host nats-server[7]: text\n");
}

}  // namespace
}  // namespace nats::app
