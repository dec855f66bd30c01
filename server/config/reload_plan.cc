#include "server/config/reload_plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "server/config/show.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"

namespace nats::config {
namespace {

// Settings are compared in this order; the first that may not change refuses the reload.
constexpr std::string_view order[] = {"ServerName",
                                      "Host",
                                      "Port",
                                      "ClientAdvertise",
                                      "Trace",
                                      "Debug",
                                      "TraceVerbose",
                                      "TraceHeaders",
                                      "NoSublistCache",
                                      "NoHeaderSupport",
                                      "Logtime",
                                      "LogtimeUTC",
                                      "MaxConn",
                                      "MaxSubs",
                                      "MaxSubTokens",
                                      "Nkeys",
                                      "Users",
                                      "Accounts",
                                      "NoAuthUser",
                                      "DefaultSentinel",
                                      "SystemAccount",
                                      "NoSystemAccount",
                                      "Username",
                                      "Password",
                                      "ProxyRequired",
                                      "ProxyProtocol",
                                      "Authorization",
                                      "PingInterval",
                                      "MaxPingsOut",
                                      "HTTPHost",
                                      "HTTPPort",
                                      "HTTPBasePath",
                                      "HTTPMetrics",
                                      "HTTPSPort",
                                      "AuthTimeout",
                                      "MaxControlLine",
                                      "MaxPayload",
                                      "MaxPending",
                                      "NoFastProducerStall",
                                      "StoreDir",
                                      "ProfPort",
                                      "ProfBlockRate",
                                      "PidFile",
                                      "PortsFileDir",
                                      "LogFile",
                                      "LogSizeLimit",
                                      "LogMaxFiles",
                                      "Syslog",
                                      "RemoteSyslog",
                                      "TLSTimeout",
                                      "TLSMap",
                                      "TLSConfig",
                                      "TLSPinnedCerts",
                                      "TLSRateLimit",
                                      "TLSHandshakeFirst",
                                      "TLSHandshakeFirstFallback",
                                      "AllowNonTLS",
                                      "WriteDeadline",
                                      "WriteTimeout",
                                      "MaxClosedClients",
                                      "LameDuckDuration",
                                      "LameDuckGracePeriod",
                                      "MaxTracedMsgLen",
                                      "ConnectErrorReports",
                                      "ReconnectErrorReports",
                                      "Tags",
                                      "Metadata",
                                      "FeatureFlags",
                                      "OCSPConfig",
                                      "Proxies",
                                      "OCSPCacheConfig"};

struct Comparison {
  const Options& current;
  const Options& next;
  bool tls_used = false;
  ReloadPlan plan;
};

std::unexpected<Error> refuse(std::string_view field, const std::string& from, const std::string& to) {
  return fail(ErrorCode::unsupported,
              fmt::format("config reload not supported for {}: old={}, new={}", field, from, to));
}

// Rules that are not one setting's being equal or not.
using Special = Result<void> (*)(Comparison& c);

void change(Comparison& c, std::string_view field, std::string notice, ReloadEffect effect) {
  c.plan.changes.push_back({field, std::move(notice), effect});
}

template <auto Member>
Result<void> compare_secret(Comparison& c, std::string_view field, std::string_view name) {
  if (c.current.authorization.*Member != c.next.authorization.*Member) {
    change(c, field, fmt::format("Reloaded: authorization {}", name), ReloadEffect::authorization);
  }
  return {};
}

Result<void> compare_port(Comparison& c) {
  if (c.current.port == c.next.port || c.next.port == 0) return {};
  return refuse("Port", show(c.current.port), show(c.next.port));
}

// It may only go away together with its user.
Result<void> compare_no_auth_user(Comparison& c) {
  const std::string& from = c.current.no_auth_user;
  const std::string& to = c.next.no_auth_user;
  if (from == to) return {};
  const auto& users = c.next.authorization.users;
  bool stays = std::ranges::find(users, from, &User::user) != users.end();
  if (!from.empty() && to.empty() && !stays) return {};
  return refuse("NoAuthUser", from, to);
}

Result<void> compare_system_account(Comparison& c) {
  const std::string& from = c.current.system_account;
  const std::string& to = c.next.system_account;
  if (from == to || (from == "$SYS" && to.empty())) return {};
  return refuse("SystemAccount", from, to);
}

Result<void> compare_client_advertise(Comparison& c) {
  const std::string& to = c.next.client_advertise;
  if (c.current.client_advertise == to) return {};
  if (Result<text::Address> at = to.empty() ? text::Address{} : text::parse_address(to, 0); !at) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("invalid ClientAdvertise value of {}, err={}", to, at.error().detail));
  }
  change(c, "ClientAdvertise", "Reload: client_advertise = " + to, ReloadEffect::none);
  return {};
}

Result<void> compare_auth_timeout(Comparison& c) {
  double to = c.next.authorization.timeout_seconds;
  if (c.current.authorization.timeout_seconds != to) {
    change(c, "AuthTimeout", "Reloaded: authorization timeout = " + text::float_text(to), ReloadEffect::none);
  }
  return {};
}

Result<void> compare_nkeys(Comparison& c) {
  auto sorted = [](std::vector<NkeyUser> users) {
    std::ranges::sort(users, {}, &NkeyUser::nkey);
    return users;
  };
  if (sorted(c.current.authorization.nkeys) != sorted(c.next.authorization.nkeys)) {
    change(c, "Nkeys", "Reloaded: authorization nkey users", ReloadEffect::authorization);
  }
  return {};
}

Result<void> compare_proxy_required(Comparison& c) {
  bool from = c.current.authorization.proxy_required;
  bool to = c.next.authorization.proxy_required;
  if (from == to) return {};
  return refuse("ProxyRequired", show(from), show(to));
}

Result<void> compare_stall(Comparison& c) {
  bool to = c.next.no_fast_producer_stall;
  if (c.current.no_fast_producer_stall != to) {
    change(c, "NoFastProducerStall",
           fmt::format("Reloaded: fast producers will {}be stalled", to ? "not " : ""), ReloadEffect::none);
  }
  return {};
}

// What holds of TLS where there is none.
const Tls& tls_of(const Options& options) {
  static const Tls none;
  return options.tls ? *options.tls : none;
}

template <auto Member>
Result<void> refuse_tls(Comparison& c, std::string_view field) {
  const auto& from = tls_of(c.current).*Member;
  const auto& to = tls_of(c.next).*Member;
  if (from == to) return {};
  return refuse(field, show(from), show(to));
}

// Like the reference, which compares what its library keeps inside: roots, and whatever a handshake leaves
// behind, make two configurations that say the same differ.
Result<void> compare_tls(Comparison& c) {
  if (!c.current.tls && !c.next.tls) return {};
  const Tls& from = tls_of(c.current);
  const Tls& to = tls_of(c.next);
  bool same =
      c.current.tls && c.next.tls && from.fingerprint == to.fingerprint && !from.has_roots && !c.tls_used;
  if (!same)
    change(c, "TLSConfig", fmt::format("Reloaded: tls = {}", c.next.tls ? "enabled" : "disabled"),
           ReloadEffect::none);
  return {};
}

Result<void> compare_tls_timeout(Comparison& c) {
  double to = tls_of(c.next).timeout_seconds;
  if (tls_of(c.current).timeout_seconds != to)
    change(c, "TLSTimeout", "Reloaded: tls timeout = " + text::float_text(to), ReloadEffect::none);
  return {};
}

Result<void> compare_pinned_certs(Comparison& c) {
  const std::vector<std::string>& to = tls_of(c.next).pinned_certs;
  if (tls_of(c.current).pinned_certs != to)
    change(c, "TLSPinnedCerts", fmt::format("Reloaded: {} pinned_certs", to.size()), ReloadEffect::none);
  return {};
}

Result<void> compare_handshake_first(Comparison& c) {
  bool to = tls_of(c.next).handshake_first;
  if (tls_of(c.current).handshake_first != to)
    change(c, "TLSHandshakeFirst", fmt::format("Reloaded: Client TLS handshake first: {}", to),
           ReloadEffect::none);
  return {};
}

Result<void> compare_first_fallback(Comparison& c) {
  Duration to = tls_of(c.next).first_fallback;
  if (tls_of(c.current).first_fallback != to)
    change(c, "TLSHandshakeFirstFallback",
           "Reloaded: Client TLS handshake first fallback delay: " + gojson::duration_text(to),
           ReloadEffect::none);
  return {};
}

// As Go prints a list of strings with %q.
std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? " " : "") + gojson::go_quote(text);
  return out + "]";
}

std::vector<std::string> those_not_in(const std::vector<std::string>& texts,
                                      const std::vector<std::string>& others) {
  std::vector<std::string> out;
  for (const std::string& text : texts)
    if (std::ranges::find(others, text) == others.end()) out.push_back(text);
  return out;
}

Result<void> compare_proxies(Comparison& c) {
  const auto gone = those_not_in(c.current.trusted_proxies, c.next.trusted_proxies);
  const auto come = those_not_in(c.next.trusted_proxies, c.current.trusted_proxies);
  if (!gone.empty())
    change(c, "Proxies", fmt::format("Reloaded: proxies trusted keys {} were removed", quoted_list(gone)),
           ReloadEffect::none);
  if (!come.empty())
    change(c, "", fmt::format("Reloaded: proxies trusted keys {} were added", quoted_list(come)),
           ReloadEffect::none);
  return {};
}

Result<void> compare_ocsp(Comparison& c) {
  if (c.current.ocsp != c.next.ocsp) change(c, "OCSPConfig", "Reloaded: OCSP", ReloadEffect::none);
  return {};
}

// The reference writes down what it takes for a cache that nobody speaks of, and misses it in the file.
Result<void> compare_ocsp_cache(Comparison& c) {
  std::optional<OcspCacheOptions> from = c.current.ocsp_cache;
  if (!from && tls_of(c.current).ocsp_peer.verify) from.emplace();
  if (from != c.next.ocsp_cache) change(c, "OCSPCacheConfig", "Reloaded OCSP peer cache", ReloadEffect::none);
  return {};
}

struct SpecialRow {
  std::string_view field;
  Special compare;
};

constexpr SpecialRow specials[] = {
    {"Port", compare_port},
    {"NoAuthUser", compare_no_auth_user},
    {"SystemAccount", compare_system_account},
    {"ClientAdvertise", compare_client_advertise},
    {"AuthTimeout", compare_auth_timeout},
    {"Nkeys", compare_nkeys},
    {"ProxyRequired", compare_proxy_required},
    {"NoFastProducerStall", compare_stall},
    {"TLSTimeout", compare_tls_timeout},
    {"TLSMap", [](Comparison& c) { return refuse_tls<&Tls::map>(c, "TLSMap"); }},
    {"TLSConfig", compare_tls},
    {"TLSPinnedCerts", compare_pinned_certs},
    {"TLSRateLimit", [](Comparison& c) { return refuse_tls<&Tls::rate_limit>(c, "TLSRateLimit"); }},
    {"TLSHandshakeFirst", compare_handshake_first},
    {"TLSHandshakeFirstFallback", compare_first_fallback},
    {"Users",
     [](Comparison& c) -> Result<void> {
       change(c, "Users", "Reloaded: authorization users", ReloadEffect::authorization);
       return {};
     }},
    {"Accounts",
     [](Comparison& c) -> Result<void> {
       change(c, "Accounts", "Reloaded: accounts", ReloadEffect::authorization);
       return {};
     }},
    {"Username",
     [](Comparison& c) { return compare_secret<&Authorization::user>(c, "Username", "username"); }},
    {"Password",
     [](Comparison& c) { return compare_secret<&Authorization::password>(c, "Password", "password"); }},
    {"Authorization",
     [](Comparison& c) { return compare_secret<&Authorization::token>(c, "Authorization", "token"); }},
    {"OCSPConfig", compare_ocsp},
    {"OCSPCacheConfig", compare_ocsp_cache},
    {"Proxies", compare_proxies},
    // It matters only where messages are stored.
    {"StoreDir", [](Comparison&) -> Result<void> { return {}; }},
};

// The log's line about a changed option.
std::string notice_of(const OptionRow& row, const Options& next) {
  std::string value = row.view.show(next);
  // A pid file that goes away is not spoken of.
  if (row.reload.field == "PidFile" && value.empty()) return {};
  if (!row.reload.notice.empty()) return std::string(row.reload.notice);
  return fmt::format("Reloaded: {} = {}", row.key, value);
}

Result<void> compare_row(Comparison& c, const OptionRow& row) {
  if (!row.view.equal || row.view.equal(c.current, c.next)) return {};
  if (row.reload.rule == ReloadRule::refused) {
    return refuse(row.reload.field, row.view.show(c.current), row.view.show(c.next));
  }
  change(c, row.reload.field, notice_of(row, c.next), row.reload.effect);
  return {};
}

const OptionRow* row_of_field(std::string_view field) {
  for (const OptionRow& row : option_rows()) {
    if (row.block.empty() && row.reload.field == field && row.view.equal) return &row;
  }
  return nullptr;
}

}  // namespace

bool ReloadPlan::changes_field(std::string_view field) const {
  return std::ranges::find(changes, field, &OptionChange::field) != changes.end();
}

bool ReloadPlan::has_effect(ReloadEffect effect) const {
  auto has = [&](ReloadEffect wanted) {
    return std::ranges::find(changes, wanted, &OptionChange::effect) != changes.end();
  };
  // Whoever changes what is traced changes the log.
  return has(effect) || (effect == ReloadEffect::logging && has(ReloadEffect::trace_level));
}

Result<ReloadPlan> plan_reload(const Options& current, const Options& next, bool tls_used) {
  Comparison c{current, next, tls_used, {}};
  for (std::string_view field : order) {
    auto special = std::ranges::find(specials, field, &SpecialRow::field);
    if (special != std::end(specials)) {
      NATS_TRY_VOID(special->compare(c));
    } else if (const OptionRow* row = row_of_field(field)) {
      NATS_TRY_VOID(compare_row(c, *row));
    }
  }
  if (!next.unbuilt.empty()) {
    const Unbuilt& entry = next.unbuilt.front();
    return fail(ErrorCode::unsupported,
                fmt::format("config reload not supported for {}: not built", entry.path));
  }
  return std::move(c.plan);
}

}  // namespace nats::config
