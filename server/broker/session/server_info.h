// INFO as clients see it (contract/protocol.json, client.info_fields).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nats::broker {

// What is the same for all clients of a server.
struct ServerInfo {
  std::string server_id;
  std::string server_name;
  std::string version;
  std::string git_commit;
  std::string go;
  std::string host;
  int port = 0;
  bool headers = true;
  // A reload that takes TLS away leaves `tls_verify` as it was, like in the reference.
  bool tls_required = false;
  bool tls_available = false;
  bool tls_verify = false;
  std::vector<std::string> connect_urls;
  int api_level = 5;
  std::string xkey;
};

// What differs from client to client and from INFO to INFO.
struct ClientInfo {
  std::uint64_t client_id = 0;
  std::string_view client_ip;
  std::string_view nonce;  // what a user with an nkey signs; in the first INFO only
  std::int32_t max_payload = 0;
  bool auth_required = false;
  bool tls_required = false;
  bool tls_verify = false;
  bool tls_available = false;
  bool lame_duck = false;
  // Behind the first PONG.
  bool connect_info = false;
  std::string_view remote_account;
  bool is_system_account = false;
};

// The whole line, "INFO {...} \r\n".
std::string info_line(const ServerInfo& server, const ClientInfo& client);

}  // namespace nats::broker
