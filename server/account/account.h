// Accounts: separate spaces of subjects. A connection belongs to one of them.
//
// Imports, exports, mappings and resolvers come with the multi-tenant server; until then there are
// the global account and the system account.
#pragma once

#include <string>
#include <string_view>

namespace nats::account {

constexpr std::string_view global_name = "$G";
constexpr std::string_view default_system_name = "$SYS";

struct Account {
  std::string name;
  bool system = false;
};

}  // namespace nats::account
