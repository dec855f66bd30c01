#include "server/broker/accounts.h"

#include <gtest/gtest.h>

namespace nats::broker {
namespace {

config::Options with_accounts(std::vector<std::string> names) {
  config::Options options;
  for (std::string& name : names) options.accounts.push_back({.name = std::move(name)});
  return options;
}

TEST(Accounts, AreThoseOfTheConfigurationAndTwoMore) {
  Accounts accounts(with_accounts({"A", "$SYS", "B"}), 1);
  EXPECT_EQ(accounts.all().size(), 4u);
  EXPECT_EQ(accounts.find("$SYS"), &accounts.system());
  EXPECT_TRUE(accounts.system().account.system);
  EXPECT_EQ(accounts.find("$G"), &accounts.global());
  EXPECT_FALSE(accounts.find("A")->account.system);
  EXPECT_EQ(accounts.find("C"), nullptr);
}

TEST(Accounts, StayWhenAReloadTakesThemAwayAndComeBackAsTheSame) {
  config::Options first = with_accounts({"A", "B"});
  first.accounts[0].limits.max_connections = 7;
  first.accounts[0].mappings = {{"x", {{"y", 100, ""}}}};
  Accounts accounts(first, 1);
  auto before = AccountSettings::build(first, accounts, nullptr);
  AccountInterest& a = *before->find("A");
  EXPECT_EQ(before->of(a).limits.max_connections, 7);
  EXPECT_NE(before->of(a).mappings, nullptr);

  config::Options second = with_accounts({"B", "C"});
  accounts.add(second);
  auto between = AccountSettings::build(second, accounts, before.get());
  EXPECT_EQ(between->find("A"), nullptr);
  EXPECT_EQ(between->of(a).account, nullptr);
  EXPECT_EQ(between->of(a).limits.max_connections, -1);
  EXPECT_EQ(between->of(a).mappings, nullptr);
  std::vector<std::string> names;
  for (const auto* entry : between->in_force()) names.push_back(entry->account->account.name);
  EXPECT_EQ(names, (std::vector<std::string>{"$G", "$SYS", "B", "C"}));
  // Of an account that came later the settings of before know nothing.
  EXPECT_EQ(before->of(*between->find("C")).account, nullptr);

  accounts.add(first);
  EXPECT_EQ(AccountSettings::build(first, accounts, between.get())->find("A"), &a);
}

TEST(Accounts, WithoutASystemAccountThereIsNone) {
  config::Options options;
  options.no_system_account = true;
  Accounts accounts(options, 1);
  EXPECT_EQ(AccountSettings::build(options, accounts, nullptr)->in_force().size(), 1u);
}

TEST(Accounts, TrafficIsTheSumOfAllLoops) {
  Accounts accounts({}, 3);
  for (int loop = 0; loop < 3; ++loop) {
    accounts.global().traffic(loop).in_msgs.add(loop + 1);
    accounts.global().traffic(loop).out_bytes.add(10);
  }
  EXPECT_EQ(accounts.global().traffic().in_msgs, 6);
  EXPECT_EQ(accounts.global().traffic().out_bytes, 30);
  EXPECT_EQ(accounts.system().traffic().in_msgs, 0);
}

TEST(Accounts, ALimitIsSaidOnceInTwoSeconds) {
  Accounts accounts({}, 1);
  AccountInterest& account = accounts.global();
  Instant now{};
  EXPECT_TRUE(account.may_log_limit(now));
  EXPECT_FALSE(account.may_log_limit(now + Duration::from_ms(1999)));
  EXPECT_TRUE(account.may_log_limit(now + Duration::from_ms(2000)));
}

}  // namespace
}  // namespace nats::broker
