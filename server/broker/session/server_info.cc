#include "server/broker/session/server_info.h"

#include "server/gojson/writer.h"

namespace nats::broker {
namespace {

constexpr int client_protocol = 1;

}  // namespace

std::string info_line(const ServerInfo& server, const ClientInfo& client) {
  std::string line = "INFO ";
  gojson::Writer json(line);
  json.begin_object();
  json.string("server_id", server.server_id);
  json.string("server_name", server.server_name);
  json.string("version", server.version);
  json.integer("proto", client_protocol);
  json.string_unless_empty("git_commit", server.git_commit);
  json.string("go", server.go);
  json.string("host", server.host);
  json.integer("port", server.port);
  json.boolean("headers", server.headers);
  json.boolean_unless_false("auth_required", client.auth_required);
  json.boolean_unless_false("tls_required", client.tls_required);
  json.boolean_unless_false("tls_verify", client.tls_verify);
  json.boolean_unless_false("tls_available", client.tls_available);
  json.integer("max_payload", client.max_payload);
  json.unsigned_unless_zero("client_id", client.client_id);
  json.string_unless_empty("client_ip", client.client_ip);
  json.string_unless_empty("nonce", client.nonce);
  if (!server.connect_urls.empty()) {
    json.key("connect_urls");
    json.begin_array();
    for (const std::string& url : server.connect_urls) json.string(url);
    json.end_array();
  }
  json.boolean_unless_false("ldm", client.lame_duck);
  json.boolean_unless_false("connect_info", client.connect_info);
  json.string_unless_empty("remote_account", client.remote_account);
  json.boolean_unless_false("acc_is_sys", client.is_system_account);
  json.integer_unless_zero("api_lvl", server.api_level);
  json.string_unless_empty("xkey", server.xkey);
  json.end_object();
  line += " \r\n";
  return line;
}

}  // namespace nats::broker
