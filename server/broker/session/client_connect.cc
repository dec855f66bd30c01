// CONNECT: what a client says of itself, and whether it may stay.
#include <fmt/core.h>

#include <utility>

#include "server/auth/authenticator.h"
#include "server/broker/broker.h"
#include "server/broker/session/client_connection.h"
#include "server/broker/session/client_session.h"
#include "server/gojson/go_quote.h"
#include "server/sys/tls.h"

namespace nats::broker {
namespace {

using protocol::Next;

constexpr std::int64_t protocol_max = 1;

CloseReason reason_of(auth::AuthVerdict refusal) {
  switch (refusal) {
    case auth::AuthVerdict::proxy_required:
      return CloseReason::proxy_required;
    case auth::AuthVerdict::proxy_not_trusted:
      return CloseReason::proxy_not_trusted;
    case auth::AuthVerdict::refused:
    case auth::AuthVerdict::accepted:
      break;
  }
  return CloseReason::authentication_failure;
}

}  // namespace

Next ClientSession::on_connect(std::string_view json) {
  if (finishes_read()) return Next::go_on;
  authenticate_by_.reset();
  last_activity_ = now_;
  rtt_ = std::max(loop_.loop().now_exact() - start_, Duration{1});
  schedule_first_ping();
  Result<void> applied = apply_connect(json, connect_);
  if (!applied) {
    on_malformed(applied.error().detail);
    return Next::stop;
  }
  bool first = !std::exchange(connect_received_, true);
  parser_.settings.expect_connect = false;
  parser_.settings.check_publish_line = connect_.pedantic;
  bool headers = loop_.settings().info.headers && connect_.headers;
  parser_.settings.headers = headers;
  outlet_->set_options(connect_.echo, headers);
  // A second CONNECT may name another user: what the first one subscribed to is not the second's.
  if (!first) end_all_subscriptions();
  return authenticate(true);
}

// A client has no business with INFO; the reference reads it all the same.
Next ClientSession::on_info(std::string_view json) {
  Result<void> read = check_info(json);
  if (read) return Next::go_on;
  on_malformed(read.error().detail);
  return Next::stop;
}

Next ClientSession::authenticate(bool from_connect) {
  if (!from_connect) {
    authenticate_by_.reset();
    connect_received_ = true;
    parser_.settings.expect_connect = false;
  }
  auth::Credentials credentials = offered_credentials();
  std::shared_ptr<const auth::Authenticator> authenticator = loop_.settings().authenticator;
  if (!authenticator->needs_worker(credentials))
    return on_authenticated(from_connect, authenticator->check(std::move(credentials)));

  waits_for_worker_ = true;
  auto outcome = std::make_shared<auth::AuthOutcome>();
  auto work = [outcome, credentials = std::move(credentials), authenticator]() mutable {
    *outcome = authenticator->check(std::move(credentials));
  };
  auto done = [outcome, outlet = outlet_, authenticator, from_connect] {
    ClientConnection* connection = outlet->connection();
    if (!connection) return;
    ClientSession& session = connection->session();
    session.waits_for_worker_ = false;
    if (session.closed_) return;
    session.now_ = session.loop_.loop().now();
    // A reload may have come between; what was checked no longer holds.
    if (session.loop_.settings().authenticator != authenticator)
      session.authenticate(from_connect);
    else
      session.on_authenticated(from_connect, *outcome);
    connection->resume();
  };
  broker_.ground().workers().run(std::move(work), loop_.loop(), std::move(done));
  return Next::suspend;
}

auth::Credentials ClientSession::offered_credentials() const {
  static const auto no_certificates = std::make_shared<const std::vector<sys::Certificate>>();
  auth::Credentials credentials;
  if (tls_) credentials.certificates = tls_->peers ? tls_->peers : no_certificates;
  credentials.user = connect_.user;
  credentials.password = connect_.password;
  credentials.token = connect_.auth_token;
  credentials.nkey = connect_.nkey;
  credentials.nonce = nonce_;
  credentials.signature = connect_.signature;
  credentials.proxy_signature = connect_.proxy_signature;
  return credentials;
}

// True: it may stay.
bool ClientSession::refuse_unless_accepted(const auth::AuthOutcome& outcome) {
  credentials_ = outcome.credentials;
  // What no_auth_user filled in stays for the next CONNECT, as in the reference.
  connect_.user = credentials_.user;
  connect_.password = credentials_.password;
  connect_.auth_token = credentials_.token;
  connect_.nkey = credentials_.nkey;
  for (const std::string& line : outcome.certificate.debug_lines)
    broker_.log().debug("{} - {}", label(), line);
  if (!outcome.certificate.warning.empty()) broker_.log().warning("{}", outcome.certificate.warning);
  for (const std::string& line : outcome.debug_lines) broker_.log().debug("{} - {}", label(), line);
  if (!outcome.proxy_key.empty()) proxy_facts().key = outcome.proxy_key;
  if (outcome.verdict == auth::AuthVerdict::accepted) return true;
  refuse_authentication(reason_of(outcome.verdict));
  return false;
}

Next ClientSession::on_authenticated(bool from_connect, const auth::AuthOutcome& outcome) {
  if (!refuse_unless_accepted(outcome)) return Next::stop;
  if (outcome.user) {
    if (!join_account(account_of(*outcome.user))) return Next::stop;
    outlet_->access().reset(outcome.user->permissions);
  }
  nkey_user_ = outcome.user && !credentials_.nkey.empty();
  if (!from_connect) return Next::go_on;
  if (connect_.new_account || !connect_.account.empty()) {
    refuse_authentication();
    return Next::stop;
  }
  describe_client();
  return finish_connect();
}

Next ClientSession::finish_connect() {
  if (connect_.protocol < 0 || connect_.protocol > protocol_max) {
    close_with(ClientError::bad_client_protocol);
    log_error(row_of(ClientError::bad_client_protocol).text);
    return Next::stop;
  }
  if (connect_.no_responders && !parser_.settings.headers) {
    close_with(ClientError::no_responders_requires_headers);
    log_error(row_of(ClientError::no_responders_requires_headers).text);
    return Next::stop;
  }
  if (connect_.verbose) send_ok();
  return Next::go_on;
}

// Log lines name the client by what its first CONNECT said: "version:lang:name", account and user.
void ClientSession::describe_client() {
  if (std::exchange(described_, true)) return;
  std::string client;
  if (!connect_.version.empty()) client = "v" + connect_.version;
  for (const std::string& word : {connect_.lang, connect_.name}) {
    if (word.empty()) continue;
    if (!client.empty()) client += ":";
    client += word;
  }
  std::string user = auth::user_label(credentials_);
  if (!client.empty()) label_details_ = " - " + gojson::go_quote(client);
  if (!user.empty()) label_details_ += " - " + gojson::go_quote(account_->account.name + "/" + user);
  if (parser_.settings.trace_ops) outlet_->set_trace_label(label());
}

void ClientSession::refuse_authentication(CloseReason reason) {
  refused_ = true;
  log_error(auth::authentication_error_line(credentials_));
  send_error(ClientError::authorization_violation);
  close(reason);
}

std::string_view ClientSession::user() const { return auth::authorized_user(credentials_); }

}  // namespace nats::broker
