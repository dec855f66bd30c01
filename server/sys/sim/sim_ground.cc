#include "server/sys/sim/sim_ground.h"

#include <algorithm>
#include <cstring>

namespace nats::sys {

void SimEntropy::fill(std::span<char> out) {
  while (!out.empty()) {
    std::uint64_t word = random_.next();
    std::size_t count = std::min(out.size(), sizeof(word));
    std::memcpy(out.data(), &word, count);
    out = out.subspan(count);
  }
}

void SimWorkerPool::run(Task work, Loop& home, Task done) {
  if (!*self_) return;
  std::uint64_t number = next_job_++;
  jobs_.emplace(number, Job{std::move(work), static_cast<SimLoop*>(&home), std::move(done)});
  Duration delay = core_.draw(core_.options().work_min, core_.options().work_max);
  core_.call_at(core_.now() + delay, [self = self_, number] {
    if (*self) (*self)->finish(number);
  });
}

void SimWorkerPool::finish(std::uint64_t number) {
  Job job = std::move(jobs_.extract(number).mapped());
  job.work();
  job.work = nullptr;
  job.home->post_from_outside(std::move(job.done));
}

void SimWorkerPool::stop() {
  *self_ = nullptr;
  jobs_.clear();
}

std::optional<std::string> SimProcess::environment(std::string_view name) const {
  auto found = options_.environment.find(name);
  if (found == options_.environment.end()) return std::nullopt;
  return found->second;
}

SimGround::SimGround(SimCore& core, SimNetwork& network, SimDisk& disk, std::uint32_t host, int pid,
                     const SimGroundOptions& options)
    : core_(core),
      network_(network),
      disk_(disk),
      host_(host),
      name_(options.name),
      entropy_(core.random().next()),
      process_(options, network.address(host), pid),
      workers_(core) {
  for (int index = 0; index < options.loops; ++index)
    loops_.push_back(std::make_unique<SimLoop>(core, network, index, host));
  network_.host_up(host);
}

SimGround::~SimGround() {
  kill();
  // What was posted and never ran may own streams, which are closed by now.
  for (auto& loop : loops_) loop->drop_posted();
}

Result<std::unique_ptr<Listener>> SimGround::listen(const Endpoint& at, Loop& loop, AcceptHandler& accept) {
  return network_.listen(at, static_cast<SimLoop&>(loop), accept);
}

void SimGround::connect(const Endpoint& to, Loop& loop, Duration timeout, SimConnectDone done) {
  network_.connect(to, static_cast<SimLoop&>(loop), timeout, std::move(done));
}

void SimGround::stop_running() {
  alive_ = false;
  signal_handler_ = nullptr;
  for (auto& loop : loops_) loop->die();
  workers_.stop();
}

void SimGround::kill() {
  if (!alive_) return;
  stop_running();
  network_.process_ended(host_);
}

void SimGround::power_cut() {
  if (!alive_) return;
  stop_running();
  network_.host_down(host_);
  disk_.power_cut();
}

void SimGround::suspend(bool suspended) {
  for (auto& loop : loops_) loop->set_suspended(suspended);
}

void SimGround::deliver_signal(Signal signal) {
  loops_.front()->post_from_outside([this, signal] {
    if (signal_handler_) signal_handler_->on_signal(signal);
  });
}

void SimGround::set_wall_offset(Duration offset) {
  wall_offset_ = offset;
  for (auto& loop : loops_) loop->set_wall_offset(offset);
}

}  // namespace nats::sys
