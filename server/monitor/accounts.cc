#include "server/monitor/accounts.h"

#include <fmt/core.h>

#include <algorithm>

#include "server/gojson/writer.h"
#include "server/monitor/json_parts.h"

namespace nats::monitor {

namespace {

using gojson::Writer;

void write_export(Writer& w, const ExportSnapshot& e) {
  w.begin_object();
  w.string_unless_empty("subject", e.subject);
  w.string("type", e.service ? "service" : "stream");
  w.boolean_unless_false("token_req", e.token_required);
  w.string_unless_empty("response_type", e.response_type);
  write_strings_unless_empty(w, "approved_accounts", e.approved_accounts);
  w.end_object();
}

void write_import(Writer& w, const ImportSnapshot& i) {
  w.begin_object();
  w.string_unless_empty("subject", i.subject);
  w.string_unless_empty("account", i.account);
  w.string_unless_empty("to", i.to);
  w.string_unless_empty("local_subject", i.local_subject);
  w.string("type", i.service ? "service" : "stream");
  w.boolean("invalid", i.invalid);
  w.boolean("share", i.share);
  w.boolean("tracking", i.tracking);
  w.end_object();
}

void write_mappings(Writer& w, const AccountSnapshot& account) {
  if (account.mappings.empty()) return;
  w.key("mappings");
  w.begin_object();
  for (const auto& [source, targets] : account.mappings) {
    w.key(source);
    w.begin_array();
    for (const MappingTarget& target : targets) {
      w.begin_object();
      w.string("subject", target.subject);
      w.integer("weight", target.weight_percent);
      w.string_unless_empty("cluster", target.cluster);
      w.end_object();
    }
    w.end_array();
  }
  w.end_object();
}

void write_detail(Writer& w, const AccountSnapshot& account, bool is_system) {
  w.begin_object();
  w.string("account_name", account.name);
  w.time("update_time", account.updated);
  w.boolean_unless_false("is_system", is_system);
  w.boolean("expired", account.expired);
  w.boolean("complete", account.complete);
  w.boolean("jetstream_enabled", account.jetstream_enabled);
  w.integer("leafnode_connections", account.leaf_connections);
  w.integer("client_connections", account.client_connections);
  w.unsigned_integer("subscriptions", account.sublist.subs);
  write_mappings(w, account);
  if (!account.exports.empty()) {
    w.key("exports");
    w.begin_array();
    for (const ExportSnapshot& e : account.exports) write_export(w, e);
    w.end_array();
  }
  if (!account.imports.empty()) {
    w.key("imports");
    w.begin_array();
    for (const ImportSnapshot& i : account.imports) write_import(w, i);
    w.end_array();
  }
  w.string_unless_empty("name_tag", account.tag);
  w.key("sublist_stats");
  w.begin_object();
  write_sublist(w, account.sublist);
  w.end_object();
  w.end_object();
}

void write_traffic(Writer& w, std::string_view name, const TrafficSnapshot& traffic) {
  w.key(name);
  w.begin_object();
  w.integer("msgs", traffic.all.msgs);
  w.integer("bytes", traffic.all.bytes);
  const struct {
    std::string_view name;
    const MsgBytes& counts;
  } links[] = {{"gateways", traffic.gateways}, {"routes", traffic.routes}, {"leafs", traffic.leafs}};
  for (const auto& link : links) {
    w.key(link.name);
    w.begin_object();
    w.integer("msgs", link.counts.msgs);
    w.integer("bytes", link.counts.bytes);
    w.end_object();
  }
  w.end_object();
}

void write_stat(Writer& w, const AccountSnapshot& account) {
  w.begin_object();
  w.string("acc", account.name);
  w.string("name", account.tag);
  w.integer("conns", account.client_connections);
  w.integer("leafnodes", account.leaf_connections);
  w.integer("total_conns", account.client_connections + account.leaf_connections);
  w.unsigned_integer("num_subscriptions", account.sublist.subs);
  write_traffic(w, "sent", account.sent);
  write_traffic(w, "received", account.received);
  w.integer("slow_consumers", account.slow_consumers);
  w.end_object();
}

}  // namespace

std::expected<std::string, std::string> accountz(const AccountsSnapshot& snapshot, std::string_view account) {
  const auto found = std::find_if(snapshot.accounts.begin(), snapshot.accounts.end(),
                                  [&](const AccountSnapshot& a) { return a.name == account; });
  if (!account.empty() && found == snapshot.accounts.end())
    return std::unexpected(fmt::format("Account {} does not exist", account));
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", snapshot.identity.server_id);
  w.time("now", snapshot.identity.now);
  w.string_unless_empty("system_account", snapshot.system_account);
  if (!account.empty()) {
    w.key("account_detail");
    write_detail(w, *found, found->name == snapshot.system_account);
  } else if (!snapshot.accounts.empty()) {
    w.key("accounts");
    w.begin_array();
    for (const AccountSnapshot& a : snapshot.accounts) w.string(a.name);
    w.end_array();
  }
  w.end_object();
  return out;
}

std::string accstatz(const AccountsSnapshot& snapshot, bool with_unused) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", snapshot.identity.server_id);
  w.time("now", snapshot.identity.now);
  w.key("account_statz");
  w.begin_array();
  for (const AccountSnapshot& account : snapshot.accounts)
    if (with_unused || account.client_connections != 0 || account.leaf_connections != 0)
      write_stat(w, account);
  w.end_array();
  w.end_object();
  return out;
}

}  // namespace nats::monitor
