// Remembers the last answers about subjects. One owner, one thread; a hit allocates nothing, and a miss
// allocates only until the cache has its full size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nats::auth {

class DecisionCache {
 public:
  // As many as the reference keeps. Longer subjects are decided each time, so that a client cannot fill
  // the memory with them.
  static constexpr std::size_t slots_max = 128;
  static constexpr std::size_t subject_size_max = 256;

  std::optional<bool> find(std::string_view subject);
  void store(std::string_view subject, bool allowed);
  void clear() { slots_ = {}; }

 private:
  struct Slot {
    std::size_t hash = 0;
    std::string subject;  // empty: the slot is free
    bool allowed = false;
  };

  // Each subject has two neighbouring slots to be in. The number of slots is a power of two.
  std::size_t first_slot(std::size_t hash) const { return hash & (slots_.size() - 1); }
  Slot* find_slot(std::size_t hash, std::string_view subject);
  Slot* free_slot(std::size_t hash);
  void grow();

  std::vector<Slot> slots_;
};

}  // namespace nats::auth
