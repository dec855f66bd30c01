// What one session keeps of its user's permissions. Owned by the session.
//
// reset() after each CONNECT and each reload, then may_subscribe() for each subscription that is kept.
// may_publish() and may_subscribe() belong to the session's loop. may_deliver() and on_delivered() may
// come from any loop; both are one load away from doing nothing unless the user needs them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "server/auth/decision_cache.h"
#include "server/auth/permissions.h"
#include "server/auth/response_tracker.h"
#include "server/base/time.h"

namespace nats::auth {

class SessionAccess {
 public:
  // Null: everything is allowed. Tracked replies and the delivery filter start anew.
  void reset(std::shared_ptr<const Permissions> permissions);
  // A reload: the same while there are subscriptions. Every delivery is checked until settle_filter()
  // says whether one of them needs it.
  void replace(std::shared_ptr<const Permissions> permissions);
  void settle_filter(bool needed) { filters_.store(needed, std::memory_order_release); }
  const Permissions* permissions() const { return permissions_.get(); }

  // A publish to an answered subject uses up one answer.
  bool may_publish(std::string_view subject, Instant now);
  SubscribeDecision may_subscribe(std::string_view subject, std::string_view queue);

  // False: the delivery is dropped without a word. `queue` is that of the subscription.
  bool may_deliver(std::string_view subject, std::string_view queue) {
    return !filters_.load(std::memory_order_acquire) || passes_filter(subject, queue);
  }
  // `reply` may be empty.
  void on_delivered(std::string_view reply, Instant now) {
    if (tracks_replies_.load(std::memory_order_acquire) && !reply.empty()) track_reply(reply, now);
  }

 private:
  void set(std::shared_ptr<const Permissions> permissions, bool filters);
  bool passes_filter(std::string_view subject, std::string_view queue);
  void track_reply(std::string_view reply, Instant now);

  // Written by the session's loop under mutex_, which other loops hold to read it.
  std::shared_ptr<const Permissions> permissions_;
  std::atomic<bool> filters_{false};
  std::atomic<bool> tracks_replies_{false};
  DecisionCache publish_cache_;  // the session's loop only

  std::mutex mutex_;  // guards:
  std::optional<ResponseTracker> replies_;
};

}  // namespace nats::auth
