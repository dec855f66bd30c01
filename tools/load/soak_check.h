// What must hold of messages under load, apart from who sends them.
//
// Each payload begins with a Stamp: who published it, on which subject, and which one it is. A subscription's
// check is fed every stamp that arrived on it and compares with what was published when the run ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::load {

struct Stamp {
  std::uint32_t publisher = 0;
  std::uint32_t subject = 0;           // index
  std::uint64_t subject_sequence = 0;  // counts this publisher's messages on this subject, from 0
  std::uint64_t order = 0;             // counts all messages of this publisher, from 0
  std::uint32_t size = 0;              // of the whole payload

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

constexpr std::size_t stamp_size = 32;

// The stamp, then octets that follow from it up to stamp.size.
std::string to_payload(const Stamp& stamp);
// Nothing if any octet is not what to_payload() gave.
std::optional<Stamp> from_payload(std::string_view payload);

// Counts everything, keeps the words of the first few.
class Violations {
 public:
  void add(std::string text);
  std::uint64_t count() const { return count_; }
  const std::vector<std::string>& first() const { return first_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<std::string> first_;
};

// Messages published so far, by publisher and subject.
class Published {
 public:
  Published(std::size_t publishers, std::size_t subjects);

  // The stamp of the next message of that publisher on that subject.
  Stamp next(std::uint32_t publisher, std::uint32_t subject, std::uint32_t size);
  std::uint64_t count(std::size_t publisher, std::size_t subject) const;
  std::uint64_t total() const;
  std::size_t publishers() const { return orders_.size(); }
  std::size_t subjects() const { return subjects_; }

 private:
  std::size_t subjects_;
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> orders_;
};

enum class Expectation {
  everything,    // subscribed before the first message: all of them, in order
  no_gaps,       // subscribed at some time: from the first on, none missing, in order
  queue_member,  // gets a share: in order
};

class SubscriptionCheck {
 public:
  SubscriptionCheck(std::string name, Expectation expectation, std::vector<bool> matches,
                    const Published& published, Violations& violations);

  void on_message(const Stamp& stamp);
  // Only for Expectation::everything, when nothing more can come.
  void finish();
  bool matches(std::size_t subject) const { return matches_[subject]; }
  std::uint64_t received() const { return received_; }

 private:
  void wrong(const Stamp& stamp, std::string_view what);

  std::string name_;
  Expectation expectation_;
  std::vector<bool> matches_;  // by subject
  const Published& published_;
  Violations& violations_;
  std::vector<std::uint64_t> next_sequence_;  // by publisher and subject; 0: none yet
  std::vector<std::uint64_t> next_order_;     // by publisher
  std::uint64_t received_ = 0;
};

// Members of a queue group together get each message once.
class GroupCheck {
 public:
  GroupCheck(std::string name, const Published& published, Violations& violations);

  void add_member(const SubscriptionCheck& member);
  void on_message(const Stamp& stamp);
  void finish();
  bool matches(std::size_t subject) const { return matches_[subject]; }

 private:
  std::string name_;
  const Published& published_;
  Violations& violations_;
  std::vector<bool> matches_;
  std::vector<std::vector<bool>> seen_;  // by publisher and subject, then sequence
};

}  // namespace natstwin::load
