// What a connection says about who it is, and the words the server uses for it in the log and in
// monitoring.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nats::sys {
struct Certificate;
}

namespace nats::auth {

enum class ConnectionType : std::uint8_t {
  standard,
  websocket,
  leafnode,
  leafnode_ws,
  mqtt,
  mqtt_ws,
  in_process,
};
// Of a configured name ("STANDARD", in any case).
std::optional<ConnectionType> parse_connection_type(std::string_view name);

// Fields of CONNECT as they stand after all CONNECTs of the connection: a later one overwrites only the
// fields that it names.
struct Credentials {
  std::string user;
  std::string password;
  std::string token;  // auth_token
  std::string nkey;
  std::string signature;        // sig
  std::string nonce;            // that the server sent in INFO
  std::string proxy_signature;  // proxy_sig: the nonce, signed by a proxy
  ConnectionType type = ConnectionType::standard;
  // Of the TLS client; null: no TLS. Looked at where users are named by certificates.
  std::shared_ptr<const std::vector<sys::Certificate>> certificates;
};

// authorized_user of /connz; empty: not shown. A token is never shown.
std::string_view authorized_user(const Credentials& credentials);
// `User "a"`, `Nkey "U..."`, `Token "[REDACTED]"`; `User "N/A"` for nobody.
std::string describe_user(const Credentials& credentials);
// In front of a connection's log lines: `user:a`, `nkey:U...`, `token`; empty for nobody.
std::string user_label(const Credentials& credentials);
// The error line of a refused connection: `authentication error - User "a"`.
std::string authentication_error_line(const Credentials& credentials);

}  // namespace nats::auth
