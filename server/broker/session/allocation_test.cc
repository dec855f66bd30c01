// The hot path allocates nothing once it is warm.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "server/broker/session/session_fixture.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nats::broker {
namespace {

TEST(HotPath, TenThousandMessagesAllocateNothing) {
  TestBroker server;
  auto publisher = server.connected("\"headers\":true");
  auto plain = server.connected();
  auto grouped = server.connected();
  plain->says("SUB foo.* 1\r\n");
  grouped->says("SUB foo.bar q 1\r\n");
  std::string burst;
  for (int i = 0; i < 50; ++i)
    burst += "PUB foo.bar 16\r\n0123456789abcdef\r\nHPUB foo.bar 12 14\r\nNATS/1.0\r\n\r\nok\r\n";
  auto round = [&] {
    publisher->says(burst);
    plain->skips();
    grouped->skips();
    LoopBroker& loop = server.broker->loop(0);
    loop.on_round_end(loop.loop().now());
  };
  for (int i = 0; i < 10; ++i) round();
  std::uint64_t before = allocations.load();
  for (int i = 0; i < 100; ++i) round();
  EXPECT_EQ(allocations.load() - before, 0u);
}

}  // namespace
}  // namespace nats::broker
