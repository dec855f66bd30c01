#include "server/monitor/subsz.h"

#include <algorithm>
#include <vector>

#include "server/monitor/json_parts.h"
#include "server/subject/subject.h"

namespace nats::monitor {

namespace {

constexpr std::int64_t default_limit = 1024;

std::vector<const SubSnapshot*> select(const AccountsSnapshot& snapshot, const SubszOptions& options) {
  std::vector<const SubSnapshot*> selected;
  for (const AccountSnapshot& account : snapshot.accounts) {
    if (!options.account.empty() && account.name != options.account) continue;
    for (const SubSnapshot& sub : account.subs)
      if (options.test.empty() || subject::matches(options.test, sub.subject)) selected.push_back(&sub);
  }
  return selected;
}

}  // namespace

std::expected<SubszOptions, std::string> parse_subsz_options(const HttpParams& params) {
  SubszOptions options;
  const auto subs = params.boolean("subs");
  if (!subs) return std::unexpected(subs.error());
  options.subs = *subs;
  const auto offset = params.integer("offset");
  if (!offset) return std::unexpected(offset.error());
  options.offset = *offset;
  const auto limit = params.integer("limit");
  if (!limit) return std::unexpected(limit.error());
  options.limit = *limit;
  options.test = params.get("test");
  options.account = params.get("acc");
  return options;
}

AccountQuery account_query(const SubszOptions& options) { return {options.account, options.subs}; }

std::expected<std::string, std::string> subsz(const AccountsSnapshot& snapshot, SubszOptions options) {
  options.offset = std::max<std::int64_t>(options.offset, 0);
  if (options.limit <= 0) options.limit = default_limit;
  if (!options.test.empty() && !subject::is_valid_literal(options.test))
    return std::unexpected("invalid test subject, must be valid publish subject: " + options.test);

  SublistSnapshot stats;
  for (const AccountSnapshot& account : snapshot.accounts)
    if (options.account.empty() || account.name == options.account) stats = stats + account.sublist;
  std::vector<const SubSnapshot*> subs;
  if (options.subs) subs = select(snapshot, options);
  const auto count = static_cast<std::int64_t>(subs.size());
  const std::int64_t first = std::min(options.offset, count);
  const std::int64_t last = first + std::min(options.limit, count - first);

  std::string out;
  gojson::Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", snapshot.identity.server_id);
  w.time("now", snapshot.identity.now);
  write_sublist(w, stats);
  w.integer("total", count);
  w.integer("offset", options.offset);
  w.integer("limit", options.limit);
  if (first < last) {
    w.key("subscriptions_list");
    w.begin_array();
    for (std::int64_t i = first; i < last; ++i) write_sub(w, *subs[static_cast<std::size_t>(i)], true);
    w.end_array();
  }
  w.end_object();
  return out;
}

}  // namespace nats::monitor
