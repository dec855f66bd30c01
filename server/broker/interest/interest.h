// The interest of one account: its subscriptions, for any loop to read and change.
//
// Readers keep what they matched and compare generation() before each use: as long as it is the
// same, so is the answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "server/broker/interest/subscription.h"

namespace nats::broker {

struct MatchResult {
  std::vector<Ref<Subscription>> plain;
  std::vector<std::vector<Ref<Subscription>>> groups;

  bool empty() const { return plain.empty() && groups.empty(); }
  void clear();
};

// What /subsz shows of it.
struct InterestStats {
  std::uint64_t subscriptions = 0;
  std::uint64_t inserts = 0;
  std::uint64_t removes = 0;
  std::uint64_t matches = 0;
  std::uint32_t fanout_max = 0;  // entries of the largest match so far
};

class Interest {
 public:
  Interest() = default;
  ~Interest();

  // False where the subject is malformed. Holds a reference until remove().
  bool insert(Subscription& subscription);
  // False where it is not there (any more).
  bool remove(Subscription& subscription);

  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  // Fills `result`; returns the generation that it holds for.
  std::uint64_t match(std::string_view subject, MatchResult& result);
  bool has_match(std::string_view subject) const;

  InterestStats stats() const;
  // Under the lock: `visit` must be quick and call nothing of this class.
  void for_each(const std::function<void(const Subscription&)>& visit) const;

 private:
  mutable std::shared_mutex mutex_;
  subject::InterestTrie trie_;
  std::uint64_t inserts_ = 0;
  std::uint64_t removes_ = 0;

  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::uint64_t> matches_{0};
  std::atomic<std::uint32_t> fanout_max_{0};
};

}  // namespace nats::broker
