// One client as monitoring sees it: a plain value that outlives the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/time.h"

namespace nats::sys {
struct Certificate;
}

namespace nats::broker {

struct SubscriptionSnapshot {
  std::string subject;
  std::string queue;
  std::string sid;
  std::uint64_t delivered = 0;
  std::uint64_t max = 0;
};

// Its numbers: copied for thousands of clients at a time.
struct ClientSummary {
  std::uint64_t client_id = 0;
  WallTime start;
  WallTime last_activity;
  Duration rtt;
  std::int64_t pending_bytes = 0;
  std::int64_t in_msgs = 0;
  std::int64_t out_msgs = 0;
  std::int64_t in_bytes = 0;
  std::int64_t out_bytes = 0;
  std::int64_t stalls = 0;
  std::uint32_t subscriptions = 0;
};

struct ClientSnapshot : ClientSummary {
  std::string host;
  int port = 0;
  std::optional<WallTime> stop;
  std::string_view reason;  // of a closed one; static text
  std::string name;
  std::string lang;
  std::string version;
  std::string user;
  std::string issuer_key;  // whoever vouches for an nkey: the account's name
  std::string account;
  std::string proxy_key;         // of the trusted proxy that it came through
  std::string_view tls_version;  // empty: no TLS; static text, as the suite
  std::string_view tls_cipher_suite;
  bool tls_first = false;
  std::shared_ptr<const std::vector<sys::Certificate>> tls_peers;  // of an open one; null: none
  std::vector<SubscriptionSnapshot> subs;                          // of an open one only when asked for
};

}  // namespace nats::broker
