// One loop's part of the broker: its cache of matches and the outlets that its round has written to.
// Only its loop calls it, but for hand_over().
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/broker/delivery/match_cache.h"
#include "server/broker/delivery/outlet.h"
#include "server/broker/interest/interest.h"
#include "server/sys/loop.h"

namespace nats::broker {

struct Settings;

class LoopBroker final : public sys::RoundHook {
 public:
  // `loops` holds the brokers of all loops by index; it is filled before any loop runs.
  LoopBroker(sys::Loop& loop, const std::vector<std::unique_ptr<LoopBroker>>& loops,
             std::shared_ptr<const Settings> settings, std::uint64_t seed);
  ~LoopBroker() override;

  sys::Loop& loop() const { return loop_; }
  int index() const { return index_; }

  // What holds on this loop; good until the current task ends.
  const Settings& settings() const { return *settings_; }
  void adopt(std::shared_ptr<const Settings> settings) { settings_ = std::move(settings); }

  // Delivers to everybody interested but, without echo, the origin. True when somebody got it.
  bool publish(Interest& interest, Message& message, const Subscriber* origin);

  // Who would get it; valid until the next call.
  const MatchResult& match(Interest& interest, std::string_view subject) {
    return matches_.find(interest, subject);
  }

  // `outlet` has something to write and this loop's round is the first to say so.
  void mark_dirty(Outlet& outlet);
  // `outlet` holds so much that waiting for the end of the round would be unwise.
  void flush_early(Outlet& outlet);

  // A target is falling behind: the publisher should pause. False where it has paused enough for what
  // it has sent so far.
  bool note_stall(Duration pause);
  // The pause since the last call; the publisher takes it behind each message.
  Duration take_stall();
  // What the publisher that is read next has paused for already in this read.
  void begin_publisher(Duration stalled) { stalled_ = stalled; }

  std::uint64_t next_random();
  // What the message in hand is mapped to; good until the next one.
  std::string& mapped_subject() { return mapped_subject_; }

  void on_round_end(Instant now) override;
  // Every second or so.
  void drop_stale_matches() { matches_.drop_stale(); }

 private:
  void hand_over(std::vector<Ref<Outlet>>& outlets);  // from another loop
  void hand_over_all();
  bool deliver_to_group(const std::vector<Ref<Subscription>>& members, const Message& message,
                        const Subscriber* origin);

  sys::Loop& loop_;
  const int index_;
  const std::vector<std::unique_ptr<LoopBroker>>& loops_;
  std::shared_ptr<const Settings> settings_;
  MatchCache matches_;
  std::vector<Ref<Outlet>> dirty_;
  std::vector<Ref<Outlet>> flushing_;
  std::vector<std::vector<Ref<Outlet>>> for_others_;  // by loop index
  std::uint64_t random_;
  std::string mapped_subject_;
  Duration stall_;
  Duration stalled_;

  std::mutex inbox_mutex_;
  std::vector<Ref<Outlet>> inbox_;  // under inbox_mutex_
};

}  // namespace nats::broker
