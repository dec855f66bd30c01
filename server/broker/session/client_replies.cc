// What a client is told.
#include <fmt/core.h>

#include "server/broker/broker.h"
#include "server/broker/session/client_session.h"

namespace nats::broker {
namespace {

constexpr std::string_view ok_op = "+OK\r\n";
constexpr std::string_view ping_op = "PING\r\n";

}  // namespace

void ClientSession::tell(std::string_view ops) {
  if (!closed_) outlet_->append(ops);
}

void ClientSession::send_error(std::string_view text) {
  if (parser_.settings.trace_ops) broker_.log().trace("{} - ->> [-ERR {}]", label(), text);
  tell(fmt::format("-ERR '{}'\r\n", text));
}

void ClientSession::send_ok() {
  if (parser_.settings.trace_ops) broker_.log().trace("{} - ->> [OK]", label());
  tell(ok_op);
}

void ClientSession::send_ping(Instant now) {
  ping_sent_ = now;
  ++pings_out_;
  if (parser_.settings.trace_ops) broker_.log().trace("{} - ->> [PING]", label());
  tell(ping_op);
}

ClientInfo ClientSession::describe_info() const {
  ClientInfo client;
  client.client_id = client_id_;
  client.client_ip = client_address().host;
  client.max_payload = loop_.settings().options->max_payload;
  const std::int64_t limit = loop_.settings().accounts->of(*account_).limits.max_payload;
  if (limit >= 0) client.max_payload = parser_.settings.payload_max;
  const ServerInfo& info = loop_.settings().info;
  client.auth_required = loop_.settings().authenticator->auth_required();
  client.tls_required = info.tls_required;
  client.tls_available = info.tls_available;
  client.tls_verify = info.tls_verify;
  return client;
}

void ClientSession::send_info(InfoKind kind) {
  ClientInfo client = describe_info();
  // Whoever began with a handshake reads that it had to.
  if (kind == InfoKind::behind_handshake) client.tls_required = true;
  if (kind == InfoKind::behind_first_pong) {
    client.connect_info = true;
    client.remote_account = account_->account.name;
    client.is_system_account = account_->account.system;
  } else {
    client.auth_required = loop_.settings().authenticator->announces_auth_required();
    client.nonce = nonce_;
    // A proxy's own address is nobody's business.
    if (kind == InfoKind::first && loop_.settings().options->proxy_protocol) client.client_ip = {};
  }
  tell(info_line(loop_.settings().info, client));
}

void ClientSession::send_lame_duck_info() {
  if (closed_ || !first_pong_sent_ || connect_.protocol < client_protocol_info) return;
  ClientInfo client = describe_info();
  client.lame_duck = true;
  tell(info_line(loop_.settings().info, client));
}

}  // namespace nats::broker
