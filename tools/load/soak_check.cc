#include "tools/load/soak_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace natstwin::load {

namespace {

constexpr std::size_t violations_kept = 20;
constexpr std::uint32_t stamp_magic = 0x6b616f73;

// Octets without a period that small errors could hide in, long enough for any payload at any offset.
const std::string& filler() {
  static const std::string octets = [] {
    std::string made(2 * 1024 * 1024, '\0');
    std::uint64_t state = 0x9e3779b97f4a7c15U;
    for (char& octet : made) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      octet = static_cast<char>(state >> 56);
    }
    return made;
  }();
  return octets;
}

std::string_view filler_for(const Stamp& stamp, std::size_t size) {
  const std::size_t offset = (stamp.order * 31 + stamp.publisher * 1009) % 65536;
  return std::string_view(filler()).substr(offset, size);
}

}  // namespace

std::string to_payload(const Stamp& stamp) {
  std::string payload(stamp_size, '\0');
  const std::uint32_t head[] = {stamp_magic, stamp.publisher, stamp.subject, stamp.size};
  static_assert(sizeof head + 2 * sizeof(std::uint64_t) == stamp_size);
  std::memcpy(payload.data(), head, sizeof head);
  std::memcpy(payload.data() + 16, &stamp.subject_sequence, 8);
  std::memcpy(payload.data() + 24, &stamp.order, 8);
  payload += filler_for(stamp, stamp.size - stamp_size);
  return payload;
}

std::optional<Stamp> from_payload(std::string_view payload) {
  if (payload.size() < stamp_size) return std::nullopt;
  std::uint32_t head[4];
  Stamp stamp;
  std::memcpy(head, payload.data(), sizeof head);
  std::memcpy(&stamp.subject_sequence, payload.data() + 16, 8);
  std::memcpy(&stamp.order, payload.data() + 24, 8);
  stamp.publisher = head[1];
  stamp.subject = head[2];
  stamp.size = head[3];
  if (head[0] != stamp_magic || stamp.size != payload.size()) return std::nullopt;
  if (payload.substr(stamp_size) != filler_for(stamp, stamp.size - stamp_size)) return std::nullopt;
  return stamp;
}

void Violations::add(std::string text) {
  ++count_;
  if (first_.size() < violations_kept) first_.push_back(std::move(text));
}

Published::Published(std::size_t publishers, std::size_t subjects)
    : subjects_(subjects), counts_(publishers * subjects, 0), orders_(publishers, 0) {}

Stamp Published::next(std::uint32_t publisher, std::uint32_t subject, std::uint32_t size) {
  return {.publisher = publisher,
          .subject = subject,
          .subject_sequence = counts_[publisher * subjects_ + subject]++,
          .order = orders_[publisher]++,
          .size = size};
}

std::uint64_t Published::count(std::size_t publisher, std::size_t subject) const {
  return counts_[publisher * subjects_ + subject];
}

std::uint64_t Published::total() const {
  return std::accumulate(orders_.begin(), orders_.end(), std::uint64_t{0});
}

SubscriptionCheck::SubscriptionCheck(std::string name, Expectation expectation, std::vector<bool> matches,
                                     const Published& published, Violations& violations)
    : name_(std::move(name)),
      expectation_(expectation),
      matches_(std::move(matches)),
      published_(published),
      violations_(violations),
      next_sequence_(published.publishers() * published.subjects(), 0),
      next_order_(published.publishers(), 0) {}

void SubscriptionCheck::wrong(const Stamp& stamp, std::string_view what) {
  violations_.add(fmt::format("{}: {}: publisher {} subject {} sequence {} order {}", name_, what,
                              stamp.publisher, stamp.subject, stamp.subject_sequence, stamp.order));
}

void SubscriptionCheck::on_message(const Stamp& stamp) {
  ++received_;
  if (stamp.publisher >= published_.publishers() || stamp.subject >= published_.subjects() ||
      stamp.subject_sequence >= published_.count(stamp.publisher, stamp.subject))
    return wrong(stamp, "never published");
  if (!matches_[stamp.subject]) return wrong(stamp, "a subject that was not subscribed to");
  std::uint64_t& next_sequence = next_sequence_[stamp.publisher * published_.subjects() + stamp.subject];
  std::uint64_t& next_order = next_order_[stamp.publisher];
  const bool gaps_allowed = expectation_ == Expectation::queue_member ||
                            (expectation_ == Expectation::no_gaps && next_sequence == 0);
  if (stamp.subject_sequence < next_sequence) return wrong(stamp, "again or out of order on its subject");
  if (stamp.subject_sequence > next_sequence && !gaps_allowed) wrong(stamp, "messages missing before it");
  if (stamp.order < next_order) wrong(stamp, "out of order between subjects");
  next_sequence = stamp.subject_sequence + 1;
  next_order = std::max(next_order, stamp.order + 1);
}

void SubscriptionCheck::finish() {
  for (std::size_t publisher = 0; publisher < published_.publishers(); ++publisher) {
    for (std::size_t subject = 0; subject < published_.subjects(); ++subject) {
      if (!matches_[subject]) continue;
      const std::uint64_t got = next_sequence_[publisher * published_.subjects() + subject];
      const std::uint64_t sent = published_.count(publisher, subject);
      if (got != sent)
        violations_.add(fmt::format("{}: ends at {} of {} messages: publisher {} subject {}", name_, got,
                                    sent, publisher, subject));
    }
  }
}

GroupCheck::GroupCheck(std::string name, const Published& published, Violations& violations)
    : name_(std::move(name)),
      published_(published),
      violations_(violations),
      matches_(published.subjects(), false),
      seen_(published.publishers() * published.subjects()) {}

void GroupCheck::add_member(const SubscriptionCheck& member) {
  for (std::size_t subject = 0; subject < matches_.size(); ++subject)
    if (member.matches(subject)) matches_[subject] = true;
}

void GroupCheck::on_message(const Stamp& stamp) {
  if (stamp.publisher >= published_.publishers() || stamp.subject >= published_.subjects() ||
      stamp.subject_sequence >= published_.count(stamp.publisher, stamp.subject))
    return;  // the member's check has said so
  std::vector<bool>& seen = seen_[stamp.publisher * published_.subjects() + stamp.subject];
  if (seen.size() <= stamp.subject_sequence) seen.resize(stamp.subject_sequence + 1, false);
  if (seen[stamp.subject_sequence])
    violations_.add(fmt::format("{}: two members got publisher {} subject {} sequence {}", name_,
                                stamp.publisher, stamp.subject, stamp.subject_sequence));
  seen[stamp.subject_sequence] = true;
}

void GroupCheck::finish() {
  for (std::size_t at = 0; at < seen_.size(); ++at) {
    const std::size_t publisher = at / published_.subjects();
    const std::size_t subject = at % published_.subjects();
    if (!matches_[subject]) continue;
    const std::uint64_t sent = published_.count(publisher, subject);
    const auto got = static_cast<std::uint64_t>(std::count(seen_[at].begin(), seen_[at].end(), true));
    if (got != sent)
      violations_.add(fmt::format("{}: {} of {} messages: publisher {} subject {}", name_, got, sent,
                                  publisher, subject));
  }
}

}  // namespace natstwin::load
