#include "server/sys/sim/sim_world.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "server/base/check.h"

namespace nats::sys {

namespace {

// A failed check ends the process; the seed must be seen all the same.
constexpr std::size_t worlds_shown_max = 8;
const SimWorld* worlds[worlds_shown_max];

void print_seeds(int) {
  for (const SimWorld* world : worlds) {
    if (!world) continue;
    char text[64] = "simulation seed ";
    std::size_t length = 16;
    char digits[20];
    std::size_t count = 0;
    std::uint64_t seed = world->seed();
    do digits[count++] = static_cast<char>('0' + seed % 10);
    while ((seed /= 10) != 0);
    while (count > 0) text[length++] = digits[--count];
    text[length++] = '\n';
    if (::write(STDERR_FILENO, text, length) < 0) break;
  }
  ::signal(SIGABRT, SIG_DFL);
}

void remember(const SimWorld* world) {
  ::signal(SIGABRT, &print_seeds);
  if (auto* slot = std::find(std::begin(worlds), std::end(worlds), nullptr); slot != std::end(worlds))
    *slot = world;
}

void forget(const SimWorld* world) {
  std::replace(std::begin(worlds), std::end(worlds), world, static_cast<const SimWorld*>(nullptr));
}

}  // namespace

SimWorld::SimWorld(const SimOptions& options) : core_(options), network_(core_) { remember(this); }

SimWorld::~SimWorld() {
  // Calls that never came may own streams.
  core_.drop_calls();
  forget(this);
}

std::string SimWorld::free_address() {
  for (;;) {
    std::uint32_t number = next_address_++;
    std::string address = fmt::format("10.{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255);
    if (network_.find_host(address) == SimNetwork::no_host) return address;
  }
}

std::unique_ptr<SimGround> SimWorld::make_ground(const SimGroundOptions& options) {
  NATS_CHECK(options.loops > 0 && !options.name.empty());
  std::uint32_t number = network_.find_host(options.name);
  if (number == SimNetwork::no_host) {
    number = network_.add_host(options.name, options.address.empty() ? free_address() : options.address);
    disks_.emplace(number, std::make_unique<SimDisk>(core_));
  }
  return std::make_unique<SimGround>(core_, network_, *disks_.at(number), number, next_pid_++, options);
}

std::uint32_t SimWorld::host(std::string_view name) const {
  std::uint32_t number = network_.find_host(name);
  NATS_CHECK(number != SimNetwork::no_host);
  return number;
}

SimDisk& SimWorld::disk(std::string_view name) { return *disks_.at(host(name)); }

std::string SimWorld::describe() const {
  return fmt::format("seed {}, {} events, hash {:016x}, {:.6f} s", seed(), event_count_, event_hash(),
                     (now() - Instant{}).seconds());
}

bool SimWorld::step() {
  if (core_.queue().empty()) return false;
  Event event = core_.queue().pop();
  core_.set_now(std::max(core_.now(), event.at));
  ++event_count_;
  core_.fold(static_cast<std::uint64_t>(event.at.ns) ^ (std::uint64_t{event.target} << 32) ^
             (static_cast<std::uint64_t>(event.kind) << 60));
  core_.fold((std::uint64_t{event.generation} << 32) | event.amount);
  switch (event.kind) {
    case EventKind::loop_round:
      if (SimLoop* loop = core_.loop(event.target)) loop->on_round_event(event);
      break;
    case EventKind::call:
      core_.run_call(event);
      break;
    default:
      network_.on_event(event);
      break;
  }
  return true;
}

void SimWorld::run_until(Instant when) {
  while (!core_.queue().empty() && core_.queue().front().at <= when) step();
  core_.set_now(std::max(core_.now(), when));
}

bool SimWorld::run_until(std::move_only_function<bool()> done, Instant limit) {
  while (!done()) {
    if (core_.queue().empty() || core_.queue().front().at > limit) return false;
    step();
  }
  return true;
}

void SimWorld::partition(std::string_view a, std::string_view b) {
  partition_one_way(a, b);
  partition_one_way(b, a);
}

void SimWorld::partition_one_way(std::string_view from, std::string_view to) {
  network_.block(host(from), host(to));
}

void SimWorld::heal(std::string_view a, std::string_view b) {
  network_.unblock(host(a), host(b));
  network_.unblock(host(b), host(a));
}

void SimWorld::heal_all() { network_.unblock_all(); }

std::size_t SimWorld::break_connections(std::string_view first, std::string_view second, Break how) {
  return network_.break_connections(host(first), host(second), how);
}

bool SimWorld::break_one(Break how) { return network_.break_one(how); }

}  // namespace nats::sys
