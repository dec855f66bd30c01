// /subsz: the subscriptions of all accounts, counted or listed.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "server/monitor/http_params.h"
#include "server/monitor/snapshot.h"

namespace nats::monitor {

struct SubszOptions {
  bool subs = false;
  std::int64_t offset = 0, limit = 0;
  std::string account, test;
};

// An error is the text of an answer of status 400.
std::expected<SubszOptions, std::string> parse_subsz_options(const HttpParams& params);

AccountQuery account_query(const SubszOptions& options);

std::expected<std::string, std::string> subsz(const AccountsSnapshot& snapshot, SubszOptions options);

}  // namespace nats::monitor
