// Who gets messages: a Subscription is one SUB of one Subscriber.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/base/bytes.h"
#include "server/base/ref.h"
#include "server/subject/interest_trie.h"

namespace nats::broker {

class LoopBroker;
class Subscription;

// A payload too large to copy for each of its targets.
class SharedPayload;

// A message on its way. All views die with the call that carries it; who needs more copies.
struct Message {
  std::string_view subject;
  std::string_view reply;             // empty: none
  std::string_view size_text;         // decimal spelling of size, as the publisher sent it
  std::string_view header_size_text;  // likewise of header_size
  std::int64_t size = 0;              // headers and payload, without CRLF
  std::int64_t header_size = 0;       // 0: no headers
  Bytes data;                         // headers, payload, CRLF
  SharedPayload* shared = nullptr;    // owns `data` where set
};

// Somebody who gets deliveries: a client, later a route, a leafnode, a consumer. Deliveries come
// from any loop; a subscriber has its own lock.
class Subscriber : public RefCounted<Subscriber> {
 public:
  virtual ~Subscriber() = default;

  // `origin` is who published. False: nothing was delivered and, in a queue group, another member
  // is tried.
  virtual bool deliver(Subscription& subscription, const Message& message, const Subscriber* origin,
                       LoopBroker& broker) = 0;

  // For monitoring, from any thread: the cid of the connection, and what a subscription has had.
  virtual std::uint64_t client_id() const = 0;
  virtual std::uint64_t delivered_to(const Subscription& subscription, std::uint64_t& max) = 0;
};

// Shared by its subscriber's table and by every cached match; its memory holds its texts too.
class Subscription final : public subject::TrieEntry, public RefCounted<Subscription> {
 public:
  static Ref<Subscription> make(Ref<Subscriber> subscriber, std::string_view subject, std::string_view queue,
                                std::string_view sid);
  static void destroy(const Subscription* subscription);

  std::string_view sid() const { return {sid_, sid_size_}; }
  Subscriber& subscriber() const { return *subscriber_; }

  // Under the subscriber's lock.
  std::uint64_t delivered = 0;
  std::uint64_t max = 0;  // deliveries after which it ends; 0: no limit
  bool closed = false;

 private:
  Subscription(Ref<Subscriber> subscriber, const char* text, std::size_t subject_size, std::size_t queue_size,
               std::size_t sid_size)
      : TrieEntry(text, subject_size, queue_size),
        sid_size_(static_cast<std::uint32_t>(sid_size)),
        subscriber_(std::move(subscriber)),
        sid_(text + subject_size + queue_size) {}

  std::uint32_t sid_size_;
  Ref<Subscriber> subscriber_;
  const char* sid_;
};

}  // namespace nats::broker
