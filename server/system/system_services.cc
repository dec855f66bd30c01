#include "server/system/system_services.h"

#include <algorithm>
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
  subscribe(broker.system_account(), ServiceAccount::system);
  subscribe(broker.global_account(), ServiceAccount::every);
  for (broker::AccountInterest* account : configured()) subscribe_with_own_client(*account);
}

SystemServices::~SystemServices() {
  for (Entry& entry : entries_) entry.account->interest.remove(*entry.subscription);
}

// Without the system account, which may be among those of the configuration.
std::vector<broker::AccountInterest*> SystemServices::configured() const {
  std::vector<broker::AccountInterest*> out;
  for (const config::Account& account : broker_.options().accounts) {
    broker::AccountInterest* found = broker_.settings().accounts->find(account.name);
    if (found && !found->account.system) out.push_back(found);
  }
  return out;
}

// Accounts that the configuration names are new ones to the reference, which shows in their counts.
void SystemServices::on_reload() {
  if (broker_.options().no_system_account) return;
  std::vector<broker::AccountInterest*> wanted = configured();
  for (broker::AccountInterest* account : std::exchange(with_own_client_, {})) {
    if (std::ranges::find(wanted, account) != wanted.end()) {
      renew(*account);
      with_own_client_.push_back(account);
    } else {
      unsubscribe(*account);
    }
  }
  const auto& accounts = broker_.options().accounts;
  if (std::ranges::find(accounts, broker_.system_account().account.name, &config::Account::name) !=
      accounts.end())
    renew(broker_.system_account());
  for (broker::AccountInterest* account : wanted) {
    bool known = std::ranges::find(with_own_client_, account) != with_own_client_.end();
    if (!known) subscribe_with_own_client(*account);
  }
}

// What it imports, that is: the system account offers the rest itself.
void SystemServices::renew(broker::AccountInterest& account) {
  for (Entry& entry : entries_) {
    if (entry.account != &account || !entry.imported) continue;
    account.interest.remove(*entry.subscription);
    account.interest.insert(*entry.subscription);
  }
}

void SystemServices::unsubscribe(broker::AccountInterest& account) {
  std::erase_if(entries_, [&](const Entry& entry) {
    if (entry.account == &account) account.interest.remove(*entry.subscription);
    return entry.account == &account;
  });
  broker_.log().debug("ACCOUNT - Account connection closed: Internal Client");
}

void SystemServices::subscribe_with_own_client(broker::AccountInterest& account) {
  subscribe(account, ServiceAccount::every, static_cast<int>(broker_.next_client_id()));
  with_own_client_.push_back(&account);
}

void SystemServices::subscribe(broker::AccountInterest& account, ServiceAccount where, int client_id) {
  std::string hash = name_hash(broker_.info().server_name);
  std::array<int, 4> last_sid{};
  for (const Service& service : services) {
    if (service.account != where) continue;
    int sid = ++last_sid[static_cast<std::size_t>(service.client_id)];
    Ref<broker::Subscription> subscription = broker::Subscription::make(
        Ref<broker::Subscriber>(new UnbuiltService(broker_, client_id == 0 ? service.client_id : client_id)),
        with_names(service.subject, broker_.info().server_id, hash), "", std::to_string(sid));
    account.interest.insert(*subscription);
    entries_.push_back({std::move(subscription), &account, service.client_id != 1});
  }
}

}  // namespace nats::system
