#include "server/sys/sim/sim_loop.h"

#include <algorithm>

#include "server/sys/sim/sim_network.h"

namespace nats::sys {

namespace {

// A loop's turn is never free, so that two loops that wake each other do not stop the clock.
constexpr Duration turn_min{200};
constexpr int round_timers_max = 4096;

// Posters that are not loops; loops are known by their number plus one, code outside rounds by 0.
constexpr std::uint64_t outside_posters_begin = std::uint64_t{1} << 32;

}  // namespace

SimLoop::SimLoop(SimCore& core, SimNetwork& network, int index, std::uint32_t host)
    : core_(core), network_(network), index_(index), host_(host), number_(core.add_loop(*this)) {}

SimLoop::~SimLoop() { core_.remove_loop(number_); }

WallTime SimLoop::wall_now() const { return core_.wall_now() + wall_offset_; }

void SimLoop::arm(Timer& timer, Instant when) {
  timers_.arm(timer, when);
  if (!in_round_) schedule_next();
}

void SimLoop::add_posted(std::uint64_t poster, Task task) {
  if (!alive_) return;
  inbox_.push_back(Posted{poster, std::move(task)});
  request_round_soon();
}

void SimLoop::post(Task task) {
  add_posted(core_.current_loop ? core_.current_loop->number() + std::uint64_t{1} : 0, std::move(task));
}

void SimLoop::post_from_outside(Task task) {
  add_posted(outside_posters_begin + core_.random().below(outside_posters_begin), std::move(task));
}

void SimLoop::wake() { request_round_soon(); }

void SimLoop::add_ready(ReadyItem item) {
  ready_.push_back(item);
  request_round_soon();
}

void SimLoop::die() {
  alive_ = false;
  hook_ = nullptr;
  ready_.clear();
}

void SimLoop::set_suspended(bool suspended) {
  suspended_ = suspended;
  if (!suspended) schedule_next();
}

void SimLoop::request_round_soon() {
  round_wanted_ = true;
  if (!in_round_) schedule_next();
}

void SimLoop::schedule_round(Instant at) {
  if (round_scheduled_ && round_at_ <= at) return;
  round_scheduled_ = true;
  round_at_ = at;
  core_.schedule(at, EventKind::loop_round, number_, ++round_generation_);
}

void SimLoop::schedule_next() {
  if (!alive_ || suspended_) return;
  Instant soonest = core_.now() + turn_min;
  // A round that is due within the scheduling delay anyway needs no other draw.
  if (round_scheduled_ && round_at_ <= soonest + core_.options().scheduling_delay_max) return;
  if (!round_wanted_ && timers_.empty()) return;
  Instant at = round_wanted_ ? soonest : std::max(soonest, timers_.next());
  if (round_scheduled_ && round_at_ <= at) return;
  schedule_round(at + core_.draw(Duration{}, core_.options().scheduling_delay_max));
}

void SimLoop::on_round_event(const Event& event) {
  if (event.generation != round_generation_ || !alive_) return;
  round_scheduled_ = false;
  if (suspended_) return;
  bool timer_due = !timers_.empty() && timers_.next() <= core_.now();
  if (round_wanted_ || timer_due) run_round();
  schedule_next();
}

void SimLoop::run_round() {
  in_round_ = true;
  round_wanted_ = false;
  core_.current_loop = this;
  serve_ready();
  for (int count = 0; count < round_timers_max && alive_; ++count) {
    if (!timers_.fire_one(core_.now())) break;
  }
  run_posted();
  if (hook_) hook_->on_round_end(core_.now());
  core_.current_loop = nullptr;
  in_round_ = false;
}

void SimLoop::serve_ready() {
  serving_.swap(ready_);
  for (std::size_t left = serving_.size(); left > 0 && alive_; --left) {
    std::swap(serving_[core_.random().below(left)], serving_[left - 1]);
    network_.serve(serving_[left - 1], *this);
  }
  serving_.clear();
}

// Of the first `count` in running_ that have not run: the first one of a poster drawn by chance.
std::size_t SimLoop::draw_next_posted(std::size_t count) {
  std::size_t drawn = core_.random().below(count);
  while (!running_[drawn].task) drawn = (drawn + 1) % count;
  for (std::size_t i = 0; i < drawn; ++i) {
    if (running_[i].task && running_[i].poster == running_[drawn].poster) return i;
  }
  return drawn;
}

void SimLoop::run_posted() {
  if (inbox_.empty() || !alive_) return;
  running_.swap(inbox_);
  std::size_t count = running_.size();
  bool one_poster = std::all_of(running_.begin(), running_.end(), [this](const Posted& posted) {
    return posted.poster == running_.front().poster;
  });
  for (std::size_t done = 0; done < count && alive_; ++done) {
    std::size_t next = one_poster ? done : draw_next_posted(count);
    Task task = std::move(running_[next].task);
    running_[next].task = nullptr;
    task();
  }
  running_.clear();
}

}  // namespace nats::sys
