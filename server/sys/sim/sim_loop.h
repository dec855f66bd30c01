// A loop of a simulated host. The world gives it its rounds; between the loops of a host, and between
// those who post to it, the order is the seed's.
#pragma once

#include <vector>

#include "server/sys/loop.h"
#include "server/sys/sim/sim_core.h"

namespace nats::sys {

// Something of the network that a loop must look at in its next round.
struct ReadyItem {
  std::uint32_t number;
  std::uint32_t generation;
  bool listener;
};

class SimNetwork;

class SimLoop final : public Loop {
 public:
  SimLoop(SimCore& core, SimNetwork& network, int index, std::uint32_t host);
  ~SimLoop() override;

  int index() const override { return index_; }
  Instant now() const override { return core_.now(); }
  Instant now_exact() const override { return core_.now(); }
  WallTime wall_now() const override;
  void arm(Timer& timer, Instant when) override;
  void disarm(Timer& timer) override { timers_.disarm(timer); }
  void post(Task task) override;
  void wake() override;
  bool on_this_loop() const override { return core_.current_loop == this; }
  void set_round_hook(RoundHook* hook) override { hook_ = hook; }

  // A post by nobody's loop: a worker, the network. No order with other posts.
  void post_from_outside(Task task);
  void add_ready(ReadyItem item);
  void on_round_event(const Event& event);
  // The process is gone: nothing runs here any more.
  void die();
  // A stopped process (SIGSTOP): its rounds wait until it goes on.
  void set_suspended(bool suspended);
  void drop_posted() { inbox_.clear(); }

  std::uint32_t number() const { return number_; }
  std::uint32_t host() const { return host_; }
  void set_wall_offset(Duration offset) { wall_offset_ = offset; }

 private:
  struct Posted {
    std::uint64_t poster;
    Task task;
  };

  void run_round();
  void serve_ready();
  void run_posted();
  void add_posted(std::uint64_t poster, Task task);
  std::size_t draw_next_posted(std::size_t count);
  void request_round_soon();
  void schedule_round(Instant at);
  void schedule_next();

  SimCore& core_;
  SimNetwork& network_;
  const int index_;
  const std::uint32_t host_;
  const std::uint32_t number_;
  Duration wall_offset_;
  TimerQueue timers_;
  RoundHook* hook_ = nullptr;
  std::vector<ReadyItem> ready_;
  std::vector<ReadyItem> serving_;
  std::vector<Posted> inbox_;
  std::vector<Posted> running_;
  std::vector<std::uint64_t> posters_served_;

  bool alive_ = true;
  bool suspended_ = false;
  bool in_round_ = false;
  bool round_wanted_ = false;
  bool round_scheduled_ = false;
  Instant round_at_;
  std::uint32_t round_generation_ = 0;
};

}  // namespace nats::sys
