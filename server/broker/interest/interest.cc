#include "server/broker/interest/interest.h"

#include <mutex>

namespace nats::broker {
namespace {

Subscription& subscription_of(subject::TrieEntry* entry) { return *static_cast<Subscription*>(entry); }

}  // namespace

void MatchResult::clear() {
  plain.clear();
  groups.clear();
}

Interest::~Interest() {
  trie_.for_each([](subject::TrieEntry& entry) { static_cast<Subscription&>(entry).release(); });
}

bool Interest::insert(Subscription& subscription) {
  std::unique_lock lock(mutex_);
  if (!trie_.insert(subscription)) return false;
  subscription.add_ref();
  ++inserts_;
  generation_.fetch_add(1, std::memory_order_release);
  return true;
}

bool Interest::remove(Subscription& subscription) {
  {
    std::unique_lock lock(mutex_);
    if (!trie_.remove(subscription)) return false;
    ++removes_;
    generation_.fetch_add(1, std::memory_order_release);
  }
  subscription.release();
  return true;
}

std::uint64_t Interest::match(std::string_view subject, MatchResult& result) {
  result.clear();
  matches_.fetch_add(1, std::memory_order_relaxed);
  subject::TrieMatch match;
  std::shared_lock lock(mutex_);
  trie_.match(subject, match);
  std::size_t fanout = match.plain.size();
  // Under the lock, so that nobody can release the last reference meanwhile.
  result.plain.reserve(match.plain.size());
  for (subject::TrieEntry* entry : match.plain) result.plain.emplace_back(&subscription_of(entry));
  for (subject::TrieMatch::Group& group : match.groups) {
    auto& members = result.groups.emplace_back();
    members.reserve(group.members.size());
    for (subject::TrieEntry* entry : group.members) members.emplace_back(&subscription_of(entry));
    fanout += group.members.size();
  }
  if (fanout > fanout_max_.load(std::memory_order_relaxed))
    fanout_max_.store(static_cast<std::uint32_t>(fanout), std::memory_order_relaxed);
  return generation_.load(std::memory_order_acquire);
}

bool Interest::has_match(std::string_view subject) const {
  std::shared_lock lock(mutex_);
  return trie_.has_match(subject);
}

InterestStats Interest::stats() const {
  std::shared_lock lock(mutex_);
  return {trie_.size(), inserts_, removes_, matches_.load(std::memory_order_relaxed),
          fanout_max_.load(std::memory_order_relaxed)};
}

void Interest::for_each(const std::function<void(const Subscription&)>& visit) const {
  std::shared_lock lock(mutex_);
  trie_.for_each([&](subject::TrieEntry& entry) { visit(subscription_of(&entry)); });
}

}  // namespace nats::broker
