// The blocks of configuration that /varz repeats. A block that is not configured is all zero, and
// shows as {}.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/time.h"
#include "server/gojson/time_text.h"

namespace nats::monitor {

struct ClusterOptions {
  std::string name, host;
  int port = 0;
  double auth_timeout_seconds = 0;
  std::vector<std::string> urls;
  double tls_timeout_seconds = 0;
  bool tls_required = false;
  int pool_size = 0;
  Duration write_deadline;
  std::string write_timeout;
  WallTime tls_cert_not_after = gojson::zero_time;
};

struct RemoteGatewayOptions {
  std::string name;
  double tls_timeout_seconds = 0;
  std::vector<std::string> urls;
};

struct GatewayOptions {
  std::string name, host;
  int port = 0;
  double auth_timeout_seconds = 0, tls_timeout_seconds = 0;
  bool tls_required = false;
  std::string advertise;
  int connect_retries = 0;
  std::vector<RemoteGatewayOptions> gateways;
  bool reject_unknown = false;
  Duration write_deadline;
  std::string write_timeout;
  WallTime tls_cert_not_after = gojson::zero_time;
};

struct RemoteLeafOptions {
  std::string local_account;
  double tls_timeout_seconds = 0;
  std::vector<std::string> urls, deny_exports, deny_imports;
  bool tls_ocsp_peer_verify = false;
};

struct LeafNodeOptions {
  std::string host;
  int port = 0;
  double auth_timeout_seconds = 0, tls_timeout_seconds = 0;
  bool tls_required = false, tls_verify = false, tls_ocsp_peer_verify = false;
  std::vector<RemoteLeafOptions> remotes;
  Duration write_deadline;
  std::string write_timeout;
  WallTime tls_cert_not_after = gojson::zero_time;
};

struct MqttOptions {
  std::string host, no_auth_user, js_domain;
  int port = 0;
  double auth_timeout_seconds = 0, tls_timeout_seconds = 0;
  bool tls_map = false, tls_ocsp_peer_verify = false;
  std::vector<std::string> tls_pinned_certs;
  Duration ack_wait;
  int ack_pending_max = 0;
  WallTime tls_cert_not_after = gojson::zero_time;
};

struct WebsocketOptions {
  std::string host, advertise, no_auth_user, jwt_cookie;
  int port = 0;
  Duration handshake_timeout;
  double auth_timeout_seconds = 0;
  bool no_tls = false, tls_map = false, same_origin = false, compression = false,
       tls_ocsp_peer_verify = false;
  std::vector<std::string> tls_pinned_certs, allowed_origins;
  WallTime tls_cert_not_after = gojson::zero_time;
};

}  // namespace nats::monitor
