// Loops, workers, signals and process facts of the real ground.
#include "server/sys/real/real_ground.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

namespace nats::sys {
namespace {

struct CountingHook final : RoundHook {
  long rounds = 0;
  void on_round_end(Instant) override { ++rounds; }
};

TEST(RealLoop, PostsFromManyThreadsAllRunAndEachThreadKeepsItsOrder) {
  constexpr int threads_count = 8;
  constexpr int posts_each = 5000;
  auto ground = std::move(*RealGround::open({.loops = 1}));
  Loop& loop = ground->loop(0);
  int next[threads_count] = {};
  bool ordered = true;
  int left = threads_count * posts_each;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < threads_count; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < posts_each; ++i) {
        loop.post([&, thread, i] {
          ordered = ordered && next[thread]++ == i;
          if (--left == 0) ground->stop();
        });
      }
    });
  }
  ground->run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(ordered);
  EXPECT_EQ(left, 0);
}

TEST(RealLoop, AWakeIsNeverLostHoweverTheThreadsRace) {
  // Two loops wake each other by turns; one lost wake and the run hangs.
  auto ground = std::move(*RealGround::open({.loops = 2}));
  struct PingPong final : RoundHook {
    RealGround& ground;
    int self;
    std::atomic<int>& turn;
    int rounds = 0;
    PingPong(RealGround& on, int me, std::atomic<int>& whose) : ground(on), self(me), turn(whose) {}
    void on_round_end(Instant) override {
      if (turn != self) return;
      if (++rounds == 20000) return ground.stop();
      turn = 1 - self;
      ground.loop(1 - self).wake();
    }
  };
  std::atomic<int> turn = 0;
  PingPong first(*ground, 0, turn), second(*ground, 1, turn);
  ground->loop(0).set_round_hook(&first);
  ground->loop(1).set_round_hook(&second);
  ground->loop(0).wake();
  ground->run();
  EXPECT_GE(first.rounds + second.rounds, 39999);
}

TEST(RealLoop, AnIdleLoopSleeps) {
  auto ground = std::move(*RealGround::open({.loops = 2}));
  CountingHook hooks[2];
  struct Stop final : Timer {
    RealGround& ground;
    explicit Stop(RealGround& on) : ground(on) {}
    void on_timer(Instant) override { ground.stop(); }
  } stop(*ground);
  for (int i = 0; i < 2; ++i) ground->loop(i).set_round_hook(&hooks[i]);
  ground->loop(0).arm(stop, ground->now() + Duration::from_ms(300));
  ground->run();
  EXPECT_LE(hooks[0].rounds, 5);
  EXPECT_LE(hooks[1].rounds, 3);
}

TEST(RealLoop, NowIsReadOncePerRoundAndNowExactEachTime) {
  auto ground = std::move(*RealGround::open({.loops = 1}));
  Loop& loop = ground->loop(0);
  Instant cached[2], exact[2];
  loop.post([&] {
    cached[0] = loop.now();
    exact[0] = loop.now_exact();
    ::usleep(2000);
    cached[1] = loop.now();
    exact[1] = loop.now_exact();
    ground->stop();
  });
  ground->run();
  EXPECT_EQ(cached[0], cached[1]);
  EXPECT_GE(exact[1] - exact[0], Duration::from_ms(2));
}

TEST(RealGround, StoppedBeforeItRunsItReturnsAtOnceAndDropsWhatWasPosted) {
  auto ground = std::move(*RealGround::open({.loops = 2}));
  auto held = std::make_shared<int>(1);
  ground->stop();
  ground->run();
  ground->loop(1).post([held] { *held = 2; });
  ground.reset();
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(RealGround, SignalsReachTheHandlerOnLoopZero) {
  auto ground = std::move(*RealGround::open({.loops = 2}));
  struct Handler final : SignalHandler {
    RealGround& ground;
    std::vector<Signal> seen;
    explicit Handler(RealGround& on) : ground(on) {}
    void on_signal(Signal signal) override {
      EXPECT_TRUE(ground.loop(0).on_this_loop());
      seen.push_back(signal);
      if (seen.size() == 1) ::raise(SIGTERM);
      if (seen.size() == 2) ground.stop();
    }
  } handler(*ground);
  ground->handle_signals(handler);
  ground->loop(0).post([] { ::raise(SIGHUP); });
  ground->run();
  EXPECT_EQ(handler.seen, (std::vector<Signal>{Signal::hangup, Signal::terminate}));
}

TEST(RealGround, ConnectingToANameOrASilentAddressEndsAsGoSaysIt) {
  auto ground = std::move(*RealGround::open({.loops = 1}));
  std::map<std::string, Error> errors;
  auto connect = [&](const char* host, Duration timeout) {
    ground->connect(Endpoint{host, 4222}, ground->loop(0), timeout,
                    [&, host](Result<std::unique_ptr<Stream>> stream) {
                      ASSERT_FALSE(stream);
                      errors[host] = stream.error();
                      if (errors.size() == 2) ground->stop();
                    });
  };
  connect("no-such-host.invalid", Duration::from_seconds(20));
  connect("127.0.0.1", Duration{0});
  ground->run();
  EXPECT_EQ(errors["no-such-host.invalid"].code, ErrorCode::host_unknown);
  EXPECT_EQ(errors["127.0.0.1"].detail.find("dial tcp 127.0.0.1:4222: "), 0u) << errors["127.0.0.1"].detail;
}

TEST(RealProcess, FactsAreThoseOfThisProcess) {
  auto ground = std::move(*RealGround::open({.loops = 1}));
  Process& process = ground->process();
  EXPECT_EQ(process.pid(), ::getpid());
  EXPECT_GE(process.cores(), 1);
  EXPECT_EQ(process.executable_name(), "sys_real_test");
  EXPECT_TRUE(process.environment("PATH"));
  EXPECT_FALSE(process.environment("NATSTWIN_NO_SUCH_VARIABLE"));
  EXPECT_GT(process.resource_use().resident_bytes, 1u << 20);
  EXPECT_GT(process.memory_total_bytes(), process.resource_use().resident_bytes);
  for (const std::string& address : process.interface_addresses()) EXPECT_NE(address, "127.0.0.1");
}

}  // namespace
}  // namespace nats::sys
