// What a client reads behind -ERR, and whether the connection ends with it
// (contract/protocol-errors.json, client_err).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/broker/session/close_reason.h"

namespace nats::broker {

enum class ClientError : std::uint8_t {
  unknown_protocol_operation,
  authorization_violation,
  authentication_timeout,
  max_connections_exceeded,
  max_account_connections_exceeded,
  max_subscriptions_exceeded,
  max_payload_violation,
  max_control_line_exceeded,
  invalid_publish_subject,
  invalid_subject,
  stale_connection,
  bad_client_protocol,
  no_responders_requires_headers,
  throttled,
  tls_required,
};

struct ClientErrorText {
  ClientError error;
  std::string_view text;
  std::optional<CloseReason> closes;
};

constexpr std::array client_errors{
    ClientErrorText{ClientError::unknown_protocol_operation, "Unknown Protocol Operation",
                    CloseReason::protocol_violation},
    ClientErrorText{ClientError::authorization_violation, "Authorization Violation",
                    CloseReason::authentication_failure},
    ClientErrorText{ClientError::authentication_timeout, "Authentication Timeout",
                    CloseReason::authentication_timeout},
    ClientErrorText{ClientError::max_connections_exceeded, "maximum connections exceeded",
                    CloseReason::max_connections_exceeded},
    ClientErrorText{ClientError::max_account_connections_exceeded,
                    "maximum account active connections exceeded",
                    CloseReason::max_account_connections_exceeded},
    ClientErrorText{ClientError::max_subscriptions_exceeded, "maximum subscriptions exceeded", {}},
    ClientErrorText{ClientError::max_payload_violation, "Maximum Payload Violation",
                    CloseReason::max_payload_exceeded},
    ClientErrorText{ClientError::max_control_line_exceeded, "maximum control line exceeded",
                    CloseReason::max_control_line_exceeded},
    ClientErrorText{ClientError::invalid_publish_subject, "Invalid Publish Subject", {}},
    ClientErrorText{ClientError::invalid_subject, "Invalid Subject", {}},
    ClientErrorText{ClientError::stale_connection, "Stale Connection", CloseReason::stale_connection},
    ClientErrorText{ClientError::bad_client_protocol, "invalid client protocol",
                    CloseReason::bad_client_protocol_version},
    ClientErrorText{ClientError::no_responders_requires_headers, "no responders requires headers support",
                    CloseReason::no_responders_requires_headers},
    ClientErrorText{ClientError::throttled, "Connection throttling is active. Please try again later.",
                    CloseReason::max_connections_exceeded},
    ClientErrorText{ClientError::tls_required, "Secure Connection - TLS Required",
                    CloseReason::tls_handshake_failure},
};

constexpr const ClientErrorText& row_of(ClientError error) {
  return client_errors[static_cast<std::size_t>(error)];
}

constexpr bool client_errors_in_order() {
  for (std::size_t i = 0; i < client_errors.size(); ++i)
    if (client_errors[i].error != static_cast<ClientError>(i)) return false;
  return true;
}
static_assert(client_errors_in_order());

}  // namespace nats::broker
