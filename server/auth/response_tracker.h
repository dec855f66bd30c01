// The reply subjects that a session has received and may answer (allow_responses). Not thread-safe.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/auth/permissions.h"
#include "server/base/time.h"

namespace nats::auth {

class ResponseTracker {
 public:
  explicit ResponseTracker(ResponseRule rule) : rule_(rule) {}

  // A message with this reply subject was delivered. As in the reference, delivering it again while it
  // may still be answered uses up one answer instead of granting new ones.
  void note_request(std::string_view reply, Instant now);
  // May the session publish to `subject` as an answer? Uses up one answer.
  bool may_reply(std::string_view subject, Instant now);

  std::size_t size() const { return by_subject_.size(); }

 private:
  struct Grant {
    std::string subject;
    Instant noted;
    int used = 0;
  };
  using Grants = std::list<Grant>;

  bool is_expired(const Grant& grant, Instant now) const {
    return rule_.expires > Duration{} && now - grant.noted > rule_.expires;
  }
  void forget(Grants::iterator grant);

  ResponseRule rule_;
  Grants grants_;  // oldest first
  std::unordered_map<std::string_view, Grants::iterator> by_subject_;
};

}  // namespace nats::auth
