// Subscribes to the table of services. Lives as long as the broker's loops run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/broker/interest/subscription.h"
#include "server/system/services.h"

namespace nats::broker {
class Broker;
struct AccountInterest;
}  // namespace nats::broker

namespace nats::system {

class SystemServices {
 public:
  explicit SystemServices(broker::Broker& broker);
  ~SystemServices();

  // A reload, on loop 0: to those accounts too that it has added, once more to those that it has kept, and
  // no longer to those that it has taken away.
  void on_reload();

 private:
  struct Entry {
    Ref<broker::Subscription> subscription;
    broker::AccountInterest* account;
    bool imported;  // by the account, from the system account
  };

  void renew(broker::AccountInterest& account);
  std::vector<broker::AccountInterest*> configured() const;
  // `client_id` 0: as the table has it.
  void subscribe(broker::AccountInterest& account, ServiceAccount where, int client_id = 0);
  void subscribe_with_own_client(broker::AccountInterest& account);
  void unsubscribe(broker::AccountInterest& account);

  broker::Broker& broker_;
  std::vector<broker::AccountInterest*> with_own_client_;  // those of the configuration
  std::vector<Entry> entries_;
};

}  // namespace nats::system
