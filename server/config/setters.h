// The setters that rows of the option table name. Generic ones are templates on the field they
// fill; those that only check belong to features that are not built.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "server/config/block.h"

namespace nats::config {

template <class Member>
struct MemberOf;
template <class Class, class Type>
struct MemberOf<Type Class::*> {
  using Owner = Class;
};
template <auto Member>
using OwnerOf = typename MemberOf<decltype(Member)>::Owner;

template <auto Member>
Step set_bool(Block& block, const Field& field) {
  const bool* value = field.token.boolean();
  if (!value) return block.wrong_type(field.token, "bool");
  block.target<OwnerOf<Member>>().*Member = *value;
  return Step::next;
}

template <auto Member>
Step set_string(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return block.wrong_type(field.token, "string");
  block.target<OwnerOf<Member>>().*Member = *value;
  return Step::next;
}

template <auto Member>
Step set_int(Block& block, const Field& field) {
  const std::int64_t* value = field.token.integer();
  if (!value) return block.wrong_type(field.token, "int64");
  auto& member = block.target<OwnerOf<Member>>().*Member;
  member = static_cast<std::remove_reference_t<decltype(member)>>(*value);
  return Step::next;
}

// "2m", or a number of seconds, which earns a warning. Nothing: it was wrong, and `step` says how
// to go on.
std::optional<Duration> read_duration(Block& block, const Field& field, std::string_view name, Step& step);

template <auto Member>
Step set_duration(Block& block, const Field& field) {
  Step step = Step::next;
  // The reference names the key in its messages as the table does, whatever alias was used.
  block.target<OwnerOf<Member>>().*Member =
      read_duration(block, field, field.name, step).value_or(Duration{});
  return step;
}

// An address: a port, or "host:port". Reports what is wrong.
struct ListenAddress {
  std::string host;
  int port = 0;
};
std::optional<ListenAddress> read_listen(Block& block, const Field& field);

Step check_bool(Block&, const Field&);
Step check_string(Block&, const Field&);
Step check_int(Block&, const Field&);
Step check_nothing(Block&, const Field&);
Step check_listen(Block&, const Field&);
Step check_write_timeout(Block&, const Field&);
// For keys that the row's block reads itself, and never by way of the table.
Step read_by_block(Block&, const Field&);

// The top level.
Step set_listen(Block&, const Field&);
Step set_server_name(Block&, const Field&);
Step set_trace_verbose(Block&, const Field&);
Step set_trace_headers(Block&, const Field&);
Step set_debug(Block&, const Field&);
Step set_trace(Block&, const Field&);
Step set_logtime(Block&, const Field&);
Step set_logtime_utc(Block&, const Field&);
Step set_syslog(Block&, const Field&);
Step set_remote_syslog(Block&, const Field&);
Step set_http(Block&, const Field&);
Step set_https(Block&, const Field&);
Step set_https_port(Block&, const Field&);
Step set_prof_port(Block&, const Field&);
Step set_proxy_protocol(Block&, const Field&);
Step set_store_dir(Block&, const Field&);
Step set_max_control_line(Block&, const Field&);
Step set_max_payload(Block&, const Field&);
Step set_max_connections(Block&, const Field&);
Step set_max_sub_tokens(Block&, const Field&);
Step set_write_timeout(Block&, const Field&);
Step set_lame_duck_duration(Block&, const Field&);
Step set_lame_duck_grace_period(Block&, const Field&);
Step skip_system_account(Block&, const Field&);
Step set_server_tags(Block&, const Field&);
Step set_server_metadata(Block&, const Field&);
Step set_feature_flags(Block&, const Field&);

// authorization {}, users, permissions.
Step read_authorization(Block&, const Field&);
Step set_auth_timeout(Block&, const Field&);
Step set_auth_users(Block&, const Field&);
Step set_auth_permissions(Block&, const Field&);
Step set_auth_proxy_required(Block&, const Field&);
Step set_auth_callout(Block&, const Field&);
Step set_callout_issuer(Block&, const Field&);
Step set_callout_users(Block&, const Field&);
Step set_callout_xkey(Block&, const Field&);
Step set_callout_accounts(Block&, const Field&);
Step set_user_permissions(Block&, const Field&);
Step set_user_proxy_required(Block&, const Field&);
Step set_user_connection_types(Block&, const Field&);
Step set_publish(Block&, const Field&);
Step set_subscribe(Block&, const Field&);
Step set_allow_responses(Block&, const Field&);
Step set_allow(Block&, const Field&);
Step set_deny(Block&, const Field&);
Step set_responses_max(Block&, const Field&);
Step set_responses_expires(Block&, const Field&);

// accounts {} and mappings {}.
Step read_mappings(Block&, const Field&);
Step read_accounts(Block&, const Field&);
Step set_account_nkey(Block&, const Field&);
Step set_account_imports(Block&, const Field&);
Step set_account_exports(Block&, const Field&);
Step set_account_jetstream(Block&, const Field&);
Step set_account_users(Block&, const Field&);
Step set_account_permissions(Block&, const Field&);
Step set_account_mappings(Block&, const Field&);
Step set_account_limits(Block&, const Field&);
Step set_account_msg_trace(Block&, const Field&);
Step check_account_size(Block&, const Field&);
Step check_account_flag(Block&, const Field&);
Step check_cluster_traffic(Block&, const Field&);
Step set_trace_dest(Block&, const Field&);
Step set_trace_sampling(Block&, const Field&);
Step set_mapping_weight(Block&, const Field&);
Step set_export_stream(Block&, const Field&);
Step set_export_service(Block&, const Field&);
Step set_export_response(Block&, const Field&);
Step set_export_threshold(Block&, const Field&);
Step set_export_accounts(Block&, const Field&);
Step set_export_latency(Block&, const Field&);
Step set_export_trace(Block&, const Field&);
Step set_import_stream(Block&, const Field&);
Step set_import_service(Block&, const Field&);
Step set_import_to(Block&, const Field&);
Step set_import_prefix(Block&, const Field&);
Step set_import_trace(Block&, const Field&);

// cluster {}, gateway {}, compression.
Step read_cluster(Block&, const Field&);
Step check_cluster_name(Block&, const Field&);
Step check_cluster_authorization(Block&, const Field&);
Step check_routes(Block&, const Field&);
Step check_cluster_permissions(Block&, const Field&);
Step check_cluster_accounts(Block&, const Field&);
Step check_compression(Block&, const Field&);
Step check_cluster_ping_interval(Block&, const Field&);
Step check_compression_thresholds(Block&, const Field&);
Step read_gateway(Block&, const Field&);
Step check_gateway_name(Block&, const Field&);
Step check_gateway_authorization(Block&, const Field&);
Step check_gateways(Block&, const Field&);
Step check_gateway_url(Block&, const Field&);
Step check_gateway_urls(Block&, const Field&);

// leafnodes {}.
Step read_leafnodes(Block&, const Field&);
Step set_leaf_listen(Block&, const Field&);
Step set_leaf_port(Block&, const Field&);
Step check_leaf_authorization(Block&, const Field&);
Step check_leaf_remotes(Block&, const Field&);
Step check_leaf_min_version(Block&, const Field&);
Step set_leaf_auth_nkey(Block&, const Field&);
Step set_leaf_auth_timeout(Block&, const Field&);
Step set_leaf_auth_users(Block&, const Field&);
Step set_remote_url(Block&, const Field&);
Step set_remote_credentials(Block&, const Field&);
Step set_remote_nkey(Block&, const Field&);
Step set_remote_tls(Block&, const Field&);
Step check_remote_deny(Block&, const Field&);
Step check_remote_migrate(Block&, const Field&);
Step check_remote_duration(Block&, const Field&);
Step set_remote_proxy(Block&, const Field&);
Step set_proxy_timeout(Block&, const Field&);
Step check_proxy_tls(Block&, const Field&);

// tls {}, ocsp.
Step read_tls(Block&, const Field&);
Step check_tls(Block&, const Field&);
Step check_tls_both_sides(Block&, const Field&);
Step set_tls_cert_file(Block&, const Field&);
Step set_tls_key_file(Block&, const Field&);
Step set_tls_ca_file(Block&, const Field&);
Step check_tls_bool(Block&, const Field&);
Step set_tls_verify(Block&, const Field&);
Step set_tls_map(Block&, const Field&);
Step set_tls_allow_insecure(Block&, const Field&);
Step check_tls_known_urls(Block&, const Field&);
Step set_tls_cipher_suites(Block&, const Field&);
Step set_tls_curves(Block&, const Field&);
Step set_tls_timeout(Block&, const Field&);
Step set_tls_rate_limit(Block&, const Field&);
Step set_tls_pinned_certs(Block&, const Field&);
Step set_tls_min_version(Block&, const Field&);
Step set_tls_handshake_first(Block&, const Field&);
Step set_tls_certs(Block&, const Field&);
Step check_tls_cert_store(Block&, const Field&);
Step check_tls_cert_match_by(Block&, const Field&);
Step check_tls_cert_match(Block&, const Field&);
Step check_tls_skip_invalid(Block&, const Field&);
Step check_tls_ca_certs_match(Block&, const Field&);
Step set_tls_ocsp_peer(Block&, const Field&);
Step set_ocsp_peer_bool(Block&, const Field&);
Step set_ocsp_peer_seconds(Block&, const Field&);
Step read_ocsp(Block&, const Field&);
Step read_ocsp_cache(Block&, const Field&);
Step check_ocsp_mode(Block&, const Field&);
Step check_ocsp_urls(Block&, const Field&);
Step set_ocsp_cache_type(Block&, const Field&);
Step set_ocsp_cache_string(Block&, const Field&);
Step set_ocsp_cache_bool(Block&, const Field&);
Step set_ocsp_cache_interval(Block&, const Field&);

// jetstream {}.
Step read_jetstream(Block&, const Field&);
Step set_js_enabled(Block&, const Field&);
Step check_js_strict(Block&, const Field&);
Step set_js_store_dir(Block&, const Field&);
Step check_js_sync(Block&, const Field&);
Step check_js_max_memory(Block&, const Field&);
Step check_js_max_file(Block&, const Field&);
Step check_js_size(Block&, const Field&);
Step check_js_count(Block&, const Field&);
Step check_js_cipher(Block&, const Field&);
Step check_js_limits(Block&, const Field&);
Step check_js_tpm(Block&, const Field&);
Step check_js_meta_compact(Block&, const Field&);
Step check_js_meta_compact_size(Block&, const Field&);
Step check_js_concurrent_io(Block&, const Field&);
Step check_js_duration(Block&, const Field&);
Step check_js_batch(Block&, const Field&);

// websocket {} and mqtt {}.
Step read_websocket(Block&, const Field&);
Step set_ws_port(Block&, const Field&);
Step set_ws_listen(Block&, const Field&);
Step check_ws_origins(Block&, const Field&);
Step check_ws_handshake_timeout(Block&, const Field&);
Step check_simple_authorization(Block&, const Field&);
Step check_ws_headers(Block&, const Field&);
Step check_duration(Block&, const Field&);
Step read_mqtt(Block&, const Field&);
Step set_mqtt_listen(Block&, const Field&);
Step set_mqtt_port(Block&, const Field&);
Step check_mqtt_max_ack_pending(Block&, const Field&);
Step check_mqtt_consumer_replicas(Block&, const Field&);

// Operators, resolvers, proxies.
Step check_operators(Block&, const Field&);
Step check_resolver(Block&, const Field&);
Step check_resolver_preload(Block&, const Field&);
Step check_resolver_pinned_accounts(Block&, const Field&);
Step check_trusted_keys(Block&, const Field&);
Step check_default_js_domain(Block&, const Field&);
Step read_proxies(Block&, const Field&);
Step check_proxies_trusted(Block&, const Field&);
Step check_proxy_key(Block&, const Field&);

}  // namespace nats::config
