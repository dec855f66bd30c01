// Why a connection ended, in the words of /connz (contract/protocol-errors.json, closed_reasons).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nats::broker {

enum class CloseReason : std::uint8_t {
  client_closed = 1,
  authentication_timeout,
  authentication_failure,
  tls_handshake_failure,
  slow_consumer_pending_bytes,
  slow_consumer_write_deadline,
  write_error,
  read_error,
  parse_error,
  stale_connection,
  protocol_violation,
  bad_client_protocol_version,
  incorrect_port,
  max_account_connections_exceeded,
  max_connections_exceeded,
  max_payload_exceeded,
  max_control_line_exceeded,
  max_subscriptions_exceeded,
  duplicate_route,
  route_removed,
  server_shutdown,
  authentication_expired,
  wrong_gateway,
  missing_account,
  credentials_revoked,
  internal_client,
  message_header_violation,
  no_responders_requires_headers,
  cluster_name_conflict,
  duplicate_remote_leafnode,
  duplicate_client_id,
  duplicate_server_name,
  minimum_version_required,
  cluster_names_identical,
  kicked,
  proxy_not_trusted,
  proxy_required,
};

constexpr std::array<std::string_view, 38> close_reason_texts{
    "Unknown State",
    "Client Closed",
    "Authentication Timeout",
    "Authentication Failure",
    "TLS Handshake Failure",
    "Slow Consumer (Pending Bytes)",
    "Slow Consumer (Write Deadline)",
    "Write Error",
    "Read Error",
    "Parse Error",
    "Stale Connection",
    "Protocol Violation",
    "Bad Client Protocol Version",
    "Incorrect Port",
    "Maximum Account Connections Exceeded",
    "Maximum Connections Exceeded",
    "Maximum Message Payload Exceeded",
    "Maximum Control Line Exceeded",
    "Maximum Subscriptions Exceeded",
    "Duplicate Route",
    "Route Removed",
    "Server Shutdown",
    "Authentication Expired",
    "Wrong Gateway",
    "Missing Account",
    "Credentials Revoked",
    "Internal Client",
    "Message Header Violation",
    "No Responders Requires Headers",
    "Cluster Name Conflict",
    "Duplicate Remote LeafNode Connection",
    "Duplicate Client ID",
    "Duplicate Server Name",
    "Minimum Version Required",
    "Cluster Names Identical",
    "Kicked",
    "Proxy Not Trusted",
    "Proxy Required",
};

constexpr std::string_view text_of(CloseReason reason) {
  return close_reason_texts[static_cast<std::size_t>(reason)];
}

// What is still in the outbox is worth sending, an -ERR above all.
constexpr bool flushes_before_close(CloseReason reason) {
  switch (reason) {
    case CloseReason::read_error:
    case CloseReason::write_error:
    case CloseReason::slow_consumer_pending_bytes:
    case CloseReason::slow_consumer_write_deadline:
    case CloseReason::tls_handshake_failure:
      return false;
    default:
      return true;
  }
}

}  // namespace nats::broker
