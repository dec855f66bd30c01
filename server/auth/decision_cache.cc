#include "server/auth/decision_cache.h"

#include <functional>
#include <utility>

namespace nats::auth {
namespace {

constexpr std::size_t first_slots = 8;

}  // namespace

DecisionCache::Slot* DecisionCache::find_slot(std::size_t hash, std::string_view subject) {
  if (slots_.empty()) return nullptr;
  for (std::size_t at : {first_slot(hash), first_slot(hash) ^ 1})
    if (slots_[at].hash == hash && slots_[at].subject == subject) return &slots_[at];
  return nullptr;
}

DecisionCache::Slot* DecisionCache::free_slot(std::size_t hash) {
  for (std::size_t at : {first_slot(hash), first_slot(hash) ^ 1})
    if (slots_[at].subject.empty()) return &slots_[at];
  return nullptr;
}

std::optional<bool> DecisionCache::find(std::string_view subject) {
  Slot* slot = find_slot(std::hash<std::string_view>{}(subject), subject);
  if (!slot || subject.empty()) return std::nullopt;
  return slot->allowed;
}

void DecisionCache::store(std::string_view subject, bool allowed) {
  if (subject.empty() || subject.size() > subject_size_max) return;
  std::size_t hash = std::hash<std::string_view>{}(subject);
  if (slots_.empty()) slots_.resize(first_slots);
  Slot* slot = find_slot(hash, subject);
  if (!slot) slot = free_slot(hash);
  while (!slot && slots_.size() < slots_max) {
    grow();
    slot = free_slot(hash);
  }
  if (!slot) slot = &slots_[first_slot(hash)];
  slot->hash = hash;
  slot->subject = subject;
  slot->allowed = allowed;
}

void DecisionCache::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (Slot& slot : old)
    if (!slot.subject.empty())
      if (Slot* target = free_slot(slot.hash)) *target = std::move(slot);
}

}  // namespace nats::auth
