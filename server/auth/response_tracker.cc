#include "server/auth/response_tracker.h"

namespace nats::auth {

void ResponseTracker::note_request(std::string_view reply, Instant now) {
  if (may_reply(reply, now)) return;
  while (!grants_.empty() && is_expired(grants_.front(), now)) forget(grants_.begin());
  grants_.push_back({std::string(reply), now});
  by_subject_.emplace(grants_.back().subject, std::prev(grants_.end()));
}

bool ResponseTracker::may_reply(std::string_view subject, Instant now) {
  auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) return false;
  Grants::iterator grant = found->second;
  if (is_expired(*grant, now)) {
    forget(grant);
    return false;
  }
  ++grant->used;
  if (rule_.max_messages > 0 && grant->used >= rule_.max_messages) forget(grant);
  return true;
}

void ResponseTracker::forget(Grants::iterator grant) {
  by_subject_.erase(grant->subject);
  grants_.erase(grant);
}

}  // namespace nats::auth
