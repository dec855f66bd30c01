// A world of simulated hosts in one thread: virtual time, one seed, the same events each time.
//
// Make grounds, build servers on them, then step(), run_until() or run_for(). Between steps a test may
// call nemeses and look at anything. Every choice comes from the seed; event_hash() folds all that
// happened, so equal hashes mean equal runs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/sys/sim/sim_core.h"
#include "server/sys/sim/sim_ground.h"

namespace nats::sys {

class SimWorld {
 public:
  explicit SimWorld(const SimOptions& options = {});
  ~SimWorld();

  // A host keeps its address and disk from one ground to the next; one ground at a time stands on it.
  std::unique_ptr<SimGround> make_ground(const SimGroundOptions& options);
  // Of a host that once had a ground.
  SimDisk& disk(std::string_view host);

  std::uint64_t seed() const { return core_.options().seed; }
  Instant now() const { return core_.now(); }
  WallTime wall_now() const { return core_.wall_now(); }
  std::uint64_t event_hash() const { return core_.hash(); }
  std::uint64_t event_count() const { return event_count_; }
  // "seed 7, 12034 events, hash 0123456789abcdef, 1.204 s": for the message of a failing test.
  std::string describe() const;
  // Choices of the test itself.
  Random& random() { return core_.random(); }

  // Runs the next event; false when nothing is left to happen.
  bool step();
  // Until the clock shows `when`.
  void run_until(Instant when);
  void run_for(Duration length) { run_until(now() + length); }
  // Until `done` holds, looked at after each event; false when the clock passed `limit` or nothing is
  // left to happen.
  bool run_until(std::move_only_function<bool()> done, Instant limit);
  bool run_until(std::move_only_function<bool()> done, Duration limit = Duration::from_seconds(60)) {
    return run_until(std::move(done), now() + limit);
  }

  // Nemeses. Hosts are known by name.
  void partition(std::string_view a, std::string_view b);
  void partition_one_way(std::string_view from, std::string_view to);
  void heal(std::string_view a, std::string_view b);
  void heal_all();
  std::size_t break_connections(std::string_view first, std::string_view second, Break how);
  bool break_one(Break how);
  std::size_t connection_count() const { return network_.connection_count(); }

 private:
  std::uint32_t host(std::string_view name) const;
  std::string free_address();

  SimCore core_;
  SimNetwork network_;
  std::map<std::uint32_t, std::unique_ptr<SimDisk>> disks_;
  std::uint64_t event_count_ = 0;
  int next_pid_ = 1000;
  std::uint32_t next_address_ = 1;
};

}  // namespace nats::sys
