// The accounts of a server: who is interested in what in each, and what it has come to.
//
// Made when the server is, on loop 0; a reload adds those that are new. None is ever removed, so that any
// loop may hold on to one: which of them are in force is said by the Settings of the day.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/account/account.h"
#include "server/account/subject_mappings.h"
#include "server/base/text_hash.h"
#include "server/base/time.h"
#include "server/broker/delivery/counter.h"
#include "server/broker/interest/interest.h"
#include "server/config/options.h"

namespace nats::broker {

struct AccountInterest {
  AccountInterest(account::Account what, std::size_t number, int loops)
      : account(std::move(what)), slot(number), traffic_(static_cast<std::size_t>(loops)) {}

  const account::Account account;
  const std::size_t slot;  // in AccountSettings
  Interest interest;
  std::atomic<std::int64_t> clients{0};  // connected now
  std::atomic<std::int64_t> slow_consumers{0};

  // True once in two seconds: a limit of subscriptions is not said for each that is refused.
  bool may_log_limit(Instant now);

  // What one loop has counted; only that loop adds to it.
  Traffic& traffic(int loop) { return traffic_[static_cast<std::size_t>(loop)].counts; }
  TrafficSum traffic() const;

 private:
  std::atomic<std::int64_t> limit_logged_ns_{-1};
  struct alignas(64) LoopTraffic {
    Traffic counts;
  };
  std::vector<LoopTraffic> traffic_;
};

class Accounts {
 public:
  // The global and the system account, and those of the configuration.
  Accounts(const config::Options& options, int loops);

  AccountInterest& global() const { return *global_; }
  AccountInterest& system() const { return *system_; }
  // All that ever were, in the order of their slots; for loop 0.
  const std::vector<std::unique_ptr<AccountInterest>>& all() const { return all_; }
  // On loop 0: makes what `options` name and is not there.
  void add(const config::Options& options);
  AccountInterest* find(std::string_view name) const;

 private:
  AccountInterest& make(std::string name, bool system);

  const int loops_;
  std::vector<std::unique_ptr<AccountInterest>> all_;
  std::unordered_map<std::string, AccountInterest*, TextHash, std::equal_to<>> by_name_;
  AccountInterest* global_ = nullptr;
  AccountInterest* system_ = nullptr;
};

// What a configuration says of accounts; immutable, a part of Settings.
class AccountSettings {
 public:
  struct Entry {
    AccountInterest* account = nullptr;  // null: not in force
    config::AccountLimits limits;
    std::shared_ptr<const account::SubjectMappings> mappings;  // null: none
  };

  // `previous`: of the configuration before; null at the start.
  static std::shared_ptr<const AccountSettings> build(const config::Options& options,
                                                      const Accounts& accounts,
                                                      const AccountSettings* previous);

  // Null: no such account is in force.
  AccountInterest* find(std::string_view name) const;
  const Entry& of(const AccountInterest& account) const {
    return account.slot < entries_.size() ? entries_[account.slot] : none_;
  }
  // Those in force, by slot.
  std::vector<const Entry*> in_force() const;

 private:
  std::vector<Entry> entries_;  // by slot
  std::unordered_map<std::string_view, AccountInterest*> by_name_;
  Entry none_;
};

}  // namespace nats::broker
