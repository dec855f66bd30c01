// What one user may publish and subscribe: an immutable snapshot that all sessions of the user share.
//
// An allow list that is missing or empty allows everything; a deny list wins over it. With
// allow_responses a missing allow list of publish allows nothing: the user may only answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/pattern_set.h"
#include "server/base/time.h"

namespace nats::config {
struct Permissions;
struct SubjectPermission;
}  // namespace nats::config

namespace nats::auth {

// How often and how long a reply subject that was received may be published to. A limit that is not
// positive is none.
struct ResponseRule {
  int max_messages = 1;
  Duration expires;
};

enum class SubscribeDecision : std::uint8_t {
  denied,
  allowed,
  // Allowed, but the subscription can match subjects that are denied: from now on each delivery to this
  // session must pass may_deliver().
  allowed_with_filter,
};

class Permissions {
 public:
  static std::shared_ptr<const Permissions> build(const config::Permissions& configured);

  // By the lists alone, without tracked replies.
  bool may_publish(std::string_view subject) const;
  bool limits_publish() const { return publish_allow_limits_ || publish_deny_limits_; }

  // `queue` is empty for a subscription without one.
  SubscribeDecision may_subscribe(std::string_view subject, std::string_view queue) const;
  bool may_deliver(std::string_view subject, std::string_view queue) const;

  const std::optional<ResponseRule>& responses() const { return responses_; }

 private:
  // "subject queue" of a list: speaks of queue subscriptions only.
  struct QueueRule {
    std::string subject;
    std::string queue;
  };

  // One list of the subscribe permissions.
  struct SubscribeList {
    bool present = false;
    PatternSet plain;
    std::vector<QueueRule> queues;
    std::vector<std::string> subjects;  // of both kinds of entries

    void add(std::string_view entry);
    // Does a rule name `queue` for `subject`? Nothing when no rule speaks of `subject`.
    std::optional<bool> names_queue(std::string_view subject, std::string_view queue) const;
    bool overlaps(std::string_view subject) const;
  };

  void add_publish(const config::SubjectPermission& configured);
  void add_subscribe(const config::SubjectPermission& configured);

  bool publish_allow_limits_ = false;
  bool publish_deny_limits_ = false;
  PatternSet publish_allow_;
  PatternSet publish_deny_;
  SubscribeList subscribe_allow_;
  SubscribeList subscribe_deny_;
  std::optional<ResponseRule> responses_;
};

// Subjects that no client may publish to, whatever its permissions: those of gateways, and of RAFT
// outside the system account.
bool is_reserved_for_publish(std::string_view subject, bool in_system_account);
// Reply subjects that no client may ask for: service imports, JetStream acks, gateways.
bool is_reserved_reply(std::string_view reply);
// The queue of the server's own subscriptions.
constexpr std::string_view reserved_queue = "_sys_";

}  // namespace nats::auth
