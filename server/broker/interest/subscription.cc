#include "server/broker/interest/subscription.h"

#include <cstring>
#include <new>

namespace nats::broker {

Ref<Subscription> Subscription::make(Ref<Subscriber> subscriber, std::string_view subject,
                                     std::string_view queue, std::string_view sid) {
  std::size_t text_size = subject.size() + queue.size() + sid.size();
  char* memory = static_cast<char*>(::operator new(sizeof(Subscription) + text_size));
  char* text = memory + sizeof(Subscription);
  char* end = text;
  for (std::string_view part : {subject, queue, sid}) {
    if (!part.empty()) std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  return Ref<Subscription>(
      new (memory) Subscription(std::move(subscriber), text, subject.size(), queue.size(), sid.size()));
}

void Subscription::destroy(const Subscription* subscription) {
  auto* object = const_cast<Subscription*>(subscription);
  object->~Subscription();
  ::operator delete(object);
}

}  // namespace nats::broker
