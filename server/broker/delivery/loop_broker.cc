#include "server/broker/delivery/loop_broker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/broker/delivery/shared_payload.h"

namespace nats::broker {
namespace {

// From here on a payload with several targets is shared, not copied.
constexpr std::size_t share_bytes_min = 8 * 1024;
// What one read of a publisher may be paused for.
constexpr Duration stall_total_max = Duration::from_ms(10);

}  // namespace

LoopBroker::LoopBroker(sys::Loop& loop, const std::vector<std::unique_ptr<LoopBroker>>& loops,
                       std::shared_ptr<const Settings> settings, std::uint64_t seed)
    : loop_(loop), index_(loop.index()), loops_(loops), settings_(std::move(settings)), random_(seed | 1) {
  loop_.set_round_hook(this);
}

LoopBroker::~LoopBroker() { loop_.set_round_hook(nullptr); }

// xorshift64: which member of a queue group is tried first needs no better one.
std::uint64_t LoopBroker::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

bool LoopBroker::publish(Interest& interest, Message& message, const Subscriber* origin) {
  const MatchResult& result = matches_.find(interest, message.subject);
  if (result.empty()) return false;
  Ref<SharedPayload> shared;
  if (message.data.size() >= share_bytes_min && result.plain.size() + result.groups.size() > 1) {
    shared = Ref<SharedPayload>(new SharedPayload(message.data));
    message.shared = shared.get();
    message.data = shared->view();
  }
  bool delivered = false;
  for (const Ref<Subscription>& subscription : result.plain) {
    if (subscription->subscriber().deliver(*subscription, message, origin, *this)) delivered = true;
  }
  for (const auto& members : result.groups) {
    if (deliver_to_group(members, message, origin)) delivered = true;
  }
  message.shared = nullptr;
  return delivered;
}

bool LoopBroker::deliver_to_group(const std::vector<Ref<Subscription>>& members, const Message& message,
                                  const Subscriber* origin) {
  std::size_t first = members.size() > 1 ? next_random() % members.size() : 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    Subscription& member = *members[(first + i) % members.size()];
    if (member.subscriber().deliver(member, message, origin, *this)) return true;
  }
  return false;
}

void LoopBroker::mark_dirty(Outlet& outlet) {
  if (&outlet.home() == this) {
    dirty_.emplace_back(&outlet);
    return;
  }
  auto index = static_cast<std::size_t>(outlet.home().loop().index());
  if (for_others_.size() <= index) for_others_.resize(loops_.size());
  for_others_[index].emplace_back(&outlet);
}

void LoopBroker::flush_early(Outlet& outlet) {
  if (&outlet.home() == this) return outlet.flush(loop_.now());
  hand_over_all();
}

bool LoopBroker::note_stall(Duration pause) {
  if (stalled_ + stall_ >= stall_total_max) return false;
  stall_ = std::min(stall_ + pause, stall_total_max - stalled_);
  return true;
}

Duration LoopBroker::take_stall() {
  stalled_ = stalled_ + stall_;
  return std::exchange(stall_, Duration{});
}

void LoopBroker::hand_over(std::vector<Ref<Outlet>>& outlets) {
  {
    std::lock_guard lock(inbox_mutex_);
    inbox_.insert(inbox_.end(), std::make_move_iterator(outlets.begin()),
                  std::make_move_iterator(outlets.end()));
  }
  outlets.clear();
  loop_.wake();
}

void LoopBroker::hand_over_all() {
  for (std::size_t i = 0; i < for_others_.size(); ++i) {
    if (!for_others_[i].empty()) loops_[i]->hand_over(for_others_[i]);
  }
}

void LoopBroker::on_round_end(Instant now) {
  hand_over_all();
  {
    std::lock_guard lock(inbox_mutex_);
    dirty_.insert(dirty_.end(), std::make_move_iterator(inbox_.begin()),
                  std::make_move_iterator(inbox_.end()));
    inbox_.clear();
  }
  // A flush may dirty others (a closing connection ends its subscriptions).
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (const Ref<Outlet>& outlet : flushing_) outlet->flush(now);
    flushing_.clear();
  }
  hand_over_all();
}

}  // namespace nats::broker
