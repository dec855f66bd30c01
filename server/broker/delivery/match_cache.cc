#include "server/broker/delivery/match_cache.h"

#include <cstring>

namespace nats::broker {
namespace {

constexpr std::size_t slot_count = 1024;  // a power of two

// Eight octets at a time: the cache needs speed, and a collision costs one look-up in the trie.
std::uint64_t hash_subject(std::string_view subject) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ull;
  std::uint64_t hash = subject.size() * odd;
  const char* at = subject.data();
  std::size_t left = subject.size();
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    hash = (hash ^ word) * odd;
    hash ^= hash >> 32;
  }
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < left; ++i) last = last << 8 | static_cast<unsigned char>(at[i]);
  hash = (hash ^ last) * odd;
  return hash ^ hash >> 29;
}

}  // namespace

MatchCache::MatchCache() : slots_(slot_count) {}

const MatchResult& MatchCache::find(Interest& interest, std::string_view subject) {
  Slot& slot = slots_[hash_subject(subject) & (slot_count - 1)];
  bool same = slot.interest == &interest && slot.subject == subject;
  if (same && slot.generation == interest.generation()) return slot.result;
  slot.generation = interest.match(subject, slot.result);
  if (!same) {
    slot.interest = &interest;
    slot.subject.assign(subject);
  }
  return slot.result;
}

void MatchCache::drop_stale() {
  for (Slot& slot : slots_) {
    if (!slot.interest || slot.generation == slot.interest->generation()) continue;
    slot.result.clear();
    slot.interest = nullptr;
  }
}

}  // namespace nats::broker
