// The fields of CONNECT (contract/protocol.json, client.connect_fields). A field that CONNECT leaves
// out keeps what it was before, so that the defaults below hold until the first CONNECT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/error.h"

namespace nats::broker {

// A ConnectOptions::protocol from which on clients understand a second INFO.
inline constexpr int client_protocol_info = 1;

struct ConnectOptions {
  bool echo = true;
  bool verbose = true;
  bool pedantic = true;
  bool tls_required = false;
  bool headers = false;
  bool no_responders = false;
  bool new_account = false;
  std::int64_t protocol = 0;
  std::string nkey;
  std::string jwt;
  std::string signature;
  std::string auth_token;
  std::string user;
  std::string password;
  std::string name;
  std::string lang;
  std::string version;
  std::string account;
  std::string remote_account;
  std::string proxy_signature;
};

// Puts what `json` says over `options`. The error's detail is Go's text; fields before and behind a
// mismatch are taken all the same.
Result<void> apply_connect(std::string_view json, ConnectOptions& options);

// An INFO that a client sent: what the reference says where it is none.
Result<void> check_info(std::string_view json);

}  // namespace nats::broker
