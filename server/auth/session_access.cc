#include "server/auth/session_access.h"

#include <utility>

namespace nats::auth {

void SessionAccess::reset(std::shared_ptr<const Permissions> permissions) {
  set(std::move(permissions), false);
}

void SessionAccess::replace(std::shared_ptr<const Permissions> permissions) {
  set(std::move(permissions), true);
}

void SessionAccess::set(std::shared_ptr<const Permissions> permissions, bool filters) {
  std::scoped_lock lock(mutex_);
  permissions_ = std::move(permissions);
  publish_cache_.clear();
  replies_.reset();
  if (permissions_ && permissions_->responses()) replies_.emplace(*permissions_->responses());
  filters_.store(filters, std::memory_order_release);
  tracks_replies_.store(replies_.has_value(), std::memory_order_release);
}

bool SessionAccess::may_publish(std::string_view subject, Instant now) {
  if (!permissions_ || !permissions_->limits_publish()) return true;
  if (auto known = publish_cache_.find(subject)) {
    if (*known || !tracks_replies_.load(std::memory_order_relaxed)) return *known;
  } else {
    bool allowed = permissions_->may_publish(subject);
    publish_cache_.store(subject, allowed);
    if (allowed || !tracks_replies_.load(std::memory_order_relaxed)) return allowed;
  }
  std::scoped_lock lock(mutex_);
  return replies_->may_reply(subject, now);
}

SubscribeDecision SessionAccess::may_subscribe(std::string_view subject, std::string_view queue) {
  if (queue == reserved_queue) return SubscribeDecision::denied;
  if (!permissions_) return SubscribeDecision::allowed;
  SubscribeDecision decision = permissions_->may_subscribe(subject, queue);
  if (decision == SubscribeDecision::allowed_with_filter) filters_.store(true, std::memory_order_release);
  return decision;
}

bool SessionAccess::passes_filter(std::string_view subject, std::string_view queue) {
  std::scoped_lock lock(mutex_);
  return !permissions_ || permissions_->may_deliver(subject, queue);
}

void SessionAccess::track_reply(std::string_view reply, Instant now) {
  std::scoped_lock lock(mutex_);
  if (replies_ && !permissions_->may_publish(reply)) replies_->note_request(reply, now);
}

}  // namespace nats::auth
