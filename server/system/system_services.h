// Subscribes to the table of services. Lives as long as the broker's loops run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/broker/interest/subscription.h"

namespace nats::broker {
class Broker;
}

namespace nats::system {

class SystemServices {
 public:
  // One of the server's own subscriptions, for /subsz.
  struct Entry {
    Ref<broker::Subscription> subscription;
    bool in_system_account = false;
    int client_id = 0;
  };

  explicit SystemServices(broker::Broker& broker);
  ~SystemServices();

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  broker::Broker& broker_;
  std::vector<Entry> entries_;
};

}  // namespace nats::system
