// Accounts: separate spaces of subjects. A connection belongs to one of them.
//
// Imports, exports and resolvers are not built: a configuration that has them is refused.
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
