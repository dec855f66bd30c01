// /accountz and /accstatz: which accounts there are, one of them in detail, and their traffic.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "server/monitor/snapshot.h"

namespace nats::monitor {

// An error is the text of an answer of status 400.
std::expected<std::string, std::string> accountz(const AccountsSnapshot& snapshot, std::string_view account);

std::string accstatz(const AccountsSnapshot& snapshot, bool with_unused);

}  // namespace nats::monitor
