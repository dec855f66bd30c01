// The two heaps that decide what happens next, against plain models.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <tuple>

#include "server/sys/sim/event_queue.h"
#include "server/sys/sim/random.h"
#include "server/sys/timer.h"

namespace nats::sys {
namespace {

struct RecordingTimer final : Timer {
  std::vector<int>* fired = nullptr;
  int name = 0;
  std::function<void()> then;
  void on_timer(Instant) override {
    fired->push_back(name);
    if (then) then();
  }
};

TEST(TimerQueue, FiresAsASortedListWouldHoweverItIsArmedMovedAndDisarmed) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    TimerQueue queue;
    std::vector<int> fired;
    std::vector<std::unique_ptr<RecordingTimer>> timers;
    std::set<std::tuple<std::int64_t, int, int>> model;  // deadline, order of arming, name
    std::vector<std::tuple<std::int64_t, int, int>> armed(40);
    int order = 0;
    for (int name = 0; name < 40; ++name) {
      timers.push_back(std::make_unique<RecordingTimer>());
      timers.back()->fired = &fired;
      timers.back()->name = name;
    }
    for (int step = 0; step < 400; ++step) {
      auto name = static_cast<std::size_t>(random.below(timers.size()));
      model.erase(armed[name]);
      if (random.one_in(3)) {
        queue.disarm(*timers[name]);
        continue;
      }
      auto when = random.between(0, 30);
      armed[name] = {when, order++, static_cast<int>(name)};
      model.insert(armed[name]);
      queue.arm(*timers[name], Instant{when});
    }
    std::vector<int> expected;
    for (auto& [when, arming, name] : model) expected.push_back(name);
    if (!model.empty()) {
      EXPECT_EQ(queue.next(), Instant{std::get<0>(*model.begin())});
    }
    while (queue.fire_one(Instant{30})) {
    }
    EXPECT_EQ(fired, expected) << "seed " << seed;
    EXPECT_TRUE(queue.empty());
  }
}

TEST(TimerQueue, FiresNothingBeforeItsTime) {
  TimerQueue queue;
  std::vector<int> fired;
  RecordingTimer timer;
  timer.fired = &fired;
  queue.arm(timer, Instant{10});
  EXPECT_FALSE(queue.fire_one(Instant{9}));
  EXPECT_TRUE(queue.fire_one(Instant{10}));
  EXPECT_FALSE(timer.armed());
}

TEST(TimerQueue, ATimerMayArmItselfAndDestroyOthersWhenItFires) {
  TimerQueue queue;
  std::vector<int> fired;
  RecordingTimer first;
  auto second = std::make_unique<RecordingTimer>();
  first.fired = second->fired = &fired;
  first.name = 1;
  second->name = 2;
  first.then = [&] {
    second.reset();
    if (fired.size() < 3) queue.arm(first, Instant{5});
  };
  queue.arm(first, Instant{5});
  queue.arm(*second, Instant{5});
  while (queue.fire_one(Instant{5})) {
  }
  EXPECT_EQ(fired, (std::vector<int>{1, 1, 1}));
}

TEST(TimerQueue, AQueueThatGoesFirstDisarmsItsTimers) {
  RecordingTimer timer;
  {
    TimerQueue queue;
    queue.arm(timer, Instant{1});
    EXPECT_TRUE(timer.armed());
  }
  EXPECT_FALSE(timer.armed());
}

TEST(EventQueue, GivesEventsByTimeAndThenByOrderOfScheduling) {
  Random random(7);
  EventQueue queue;
  std::vector<std::pair<std::int64_t, std::uint32_t>> model;
  for (std::uint32_t number = 0; number < 5000; ++number) {
    std::int64_t at = random.between(0, 500);
    queue.push(Event{Instant{at}, 0, number, 0, 0, EventKind::call});
    model.emplace_back(at, number);
  }
  std::sort(model.begin(), model.end());
  for (auto& [at, number] : model) {
    Event event = queue.pop();
    ASSERT_EQ(event.at, Instant{at});
    ASSERT_EQ(event.target, number);
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace nats::sys
