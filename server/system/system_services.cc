#include "server/system/system_services.h"

#include <array>
#include <map>
#include <string>
#include <utility>

#include "server/broker/broker.h"
#include "server/system/name_hash.h"
#include "server/system/services.h"

namespace nats::system {
namespace {

// Takes requests for services whose answers are not built, and says so once for each subject.
class UnbuiltService final : public broker::Subscriber {
 public:
  UnbuiltService(broker::Broker& broker, int client_id) : broker_(broker), client_id_(client_id) {}

  bool deliver(broker::Subscription& subscription, const broker::Message& message, const broker::Subscriber*,
               broker::LoopBroker&) override {
    std::lock_guard lock(mutex_);
    ++subscription.delivered;
    if (!std::exchange(told_[std::string(subscription.subject())], true))
      broker_.log().warning("Not built yet: the service on {}; requests are not answered", message.subject);
    return true;
  }

  std::uint64_t client_id() const override { return static_cast<std::uint64_t>(client_id_); }
  std::uint64_t delivered_to(const broker::Subscription& subscription, std::uint64_t& max) override {
    std::lock_guard lock(mutex_);
    max = subscription.max;
    return subscription.delivered;
  }

 private:
  broker::Broker& broker_;
  const int client_id_;
  std::mutex mutex_;
  std::map<std::string, bool> told_;  // under mutex_
};

std::string with_names(std::string_view subject, std::string_view id, std::string_view hash) {
  std::string text(subject);
  for (auto [mark, value] : {std::pair{std::string_view("{id}"), id}, {std::string_view("{hash}"), hash}}) {
    std::size_t at = text.find(mark);
    if (at != std::string::npos) text.replace(at, mark.size(), value);
  }
  return text;
}

}  // namespace

SystemServices::SystemServices(broker::Broker& broker) : broker_(broker) {
  if (broker.options().no_system_account) return;
  std::string hash = name_hash(broker.info().server_name);
  std::array<int, 4> last_sid{};
  for (const Service& service : services) {
    bool in_system = service.account == ServiceAccount::system;
    broker::AccountInterest& account = in_system ? broker.system_account() : broker.global_account();
    int sid = ++last_sid[static_cast<std::size_t>(service.client_id)];
    Ref<broker::Subscription> subscription = broker::Subscription::make(
        Ref<broker::Subscriber>(new UnbuiltService(broker, service.client_id)),
        with_names(service.subject, broker.info().server_id, hash), "", std::to_string(sid));
    account.interest.insert(*subscription);
    entries_.push_back({std::move(subscription), in_system, service.client_id});
  }
}

SystemServices::~SystemServices() {
  for (Entry& entry : entries_) {
    broker::AccountInterest& account =
        entry.in_system_account ? broker_.system_account() : broker_.global_account();
    account.interest.remove(*entry.subscription);
  }
}

}  // namespace nats::system
