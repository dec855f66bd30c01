#include "server/auth/permissions.h"

#include <algorithm>

#include "server/config/options.h"
#include "server/subject/subject.h"

namespace nats::auth {
namespace {

constexpr int default_max_responses = 1;
constexpr Duration default_response_expiry = Duration::from_seconds(120);

// The two white-space separated words of an entry; `queue` is empty when there is one word.
struct Entry {
  std::string_view subject;
  std::string_view queue;
};

std::optional<Entry> split_entry(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  std::string_view words[2];
  int count = 0;
  while (true) {
    std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) break;
    if (count == 2) return std::nullopt;
    text.remove_prefix(start);
    words[count++] = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(words[count - 1].size());
  }
  if (count == 0 || !subject::is_valid(words[0])) return std::nullopt;
  if (count == 2 && !subject::is_valid(words[1])) return std::nullopt;
  return Entry{words[0], words[1]};
}

bool is_longer_and_starts_with(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && text.starts_with(prefix);
}

bool is_gateway_subject(std::string_view subject) {
  return is_longer_and_starts_with(subject, "_GR_.") || is_longer_and_starts_with(subject, "$GR.");
}

bool has_entries(const std::optional<std::vector<std::string>>& list) { return list && !list->empty(); }

}  // namespace

void Permissions::SubscribeList::add(std::string_view text) {
  present = true;
  std::optional<Entry> entry = split_entry(text);
  if (!entry) return;
  subjects.emplace_back(entry->subject);
  if (entry->queue.empty())
    plain.add(entry->subject);
  else
    queues.push_back({std::string(entry->subject), std::string(entry->queue)});
}

std::optional<bool> Permissions::SubscribeList::names_queue(std::string_view subject,
                                                            std::string_view queue) const {
  if (queues.empty() || has_empty_token(subject)) return std::nullopt;
  std::optional<bool> named;
  for (const QueueRule& rule : queues) {
    if (!subject::matches(subject, rule.subject)) continue;
    bool same =
        queue == rule.queue || (!subject::is_literal(rule.queue) && subject::is_subset(queue, rule.queue));
    named = named.value_or(false) || same;
  }
  return named;
}

bool Permissions::SubscribeList::overlaps(std::string_view subject) const {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const std::string& own) { return subject::overlaps(own, subject); });
}

void Permissions::add_publish(const config::SubjectPermission& configured) {
  if (has_entries(configured.allow)) {
    publish_allow_limits_ = true;
    for (const std::string& pattern : *configured.allow)
      if (subject::is_valid(pattern)) publish_allow_.add(pattern);
  }
  if (has_entries(configured.deny)) {
    publish_deny_limits_ = true;
    for (const std::string& pattern : *configured.deny)
      if (subject::is_valid(pattern)) publish_deny_.add(pattern);
  }
}

void Permissions::add_subscribe(const config::SubjectPermission& configured) {
  if (configured.allow)
    for (const std::string& entry : *configured.allow) subscribe_allow_.add(entry);
  if (configured.deny)
    for (const std::string& entry : *configured.deny) subscribe_deny_.add(entry);
}

std::shared_ptr<const Permissions> Permissions::build(const config::Permissions& configured) {
  auto permissions = std::make_shared<Permissions>();
  if (configured.publish) permissions->add_publish(*configured.publish);
  if (configured.subscribe) permissions->add_subscribe(*configured.subscribe);
  if (configured.response) {
    ResponseRule rule{configured.response->max_msgs, configured.response->expires};
    if (rule.max_messages == 0) rule.max_messages = default_max_responses;
    if (rule.expires == Duration{}) rule.expires = default_response_expiry;
    permissions->responses_ = rule;
    permissions->publish_allow_limits_ = true;
  }
  return permissions;
}

bool Permissions::may_publish(std::string_view subject) const {
  if (publish_allow_limits_ && !publish_allow_.matches(subject)) return false;
  return !publish_deny_limits_ || !publish_deny_.matches(subject);
}

SubscribeDecision Permissions::may_subscribe(std::string_view subject, std::string_view queue) const {
  if (subscribe_allow_.present) {
    bool allowed = subscribe_allow_.plain.matches(subject);
    // Where a rule speaks of queues of this subject, it alone decides about queue subscriptions.
    if (!queue.empty()) allowed = subscribe_allow_.names_queue(subject, queue).value_or(allowed);
    if (!allowed) return SubscribeDecision::denied;
  }
  if (!may_deliver(subject, queue)) return SubscribeDecision::denied;
  bool may_reach_denied = !queue.empty() || !subject::is_literal(subject);
  return may_reach_denied && subscribe_deny_.overlaps(subject) ? SubscribeDecision::allowed_with_filter
                                                               : SubscribeDecision::allowed;
}

bool Permissions::may_deliver(std::string_view subject, std::string_view queue) const {
  if (!subscribe_deny_.present) return true;
  if (subscribe_deny_.plain.matches(subject)) return false;
  return queue.empty() || !subscribe_deny_.names_queue(subject, queue).value_or(false);
}

bool is_reserved_for_publish(std::string_view subject, bool in_system_account) {
  if (subject.empty() || (subject.front() != '_' && subject.front() != '$')) return false;
  return is_gateway_subject(subject) || (!in_system_account && subject.starts_with("$NRG."));
}

bool is_reserved_reply(std::string_view reply) {
  if (reply.empty() || (reply.front() != '_' && reply.front() != '$')) return false;
  return reply.starts_with("_R_.") || is_longer_and_starts_with(reply, "$JS.ACK.") ||
         is_gateway_subject(reply);
}

}  // namespace nats::auth
