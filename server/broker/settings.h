// What a reload replaces, as one immutable value: options, who may log in, what INFO says.
//
// Every loop holds one Settings and reads it through a plain pointer, without a lock and without
// counting references. A reload makes a new one and hands it to each loop in a task of that loop
// (Broker::adopt), so that within one task or one read a loop sees one configuration. For the time of
// that hand-over loops may differ; afterwards nobody holds the old one but work that was begun with
// it (a password check on a worker keeps its authenticator).
//
// What a connection does not take from here at each use it copies, as the reference does: see
// ClientSession::take_settings() for what a reload changes there. The write deadline is that of the
// time when the connection was made.
#pragma once

#include <atomic>
#include <memory>

#include "server/auth/authenticator.h"
#include "server/broker/accounts.h"
#include "server/broker/session/server_info.h"
#include "server/config/options.h"

namespace nats::broker {

struct Settings {
  std::shared_ptr<const config::Options> options;            // not null
  std::shared_ptr<const auth::Authenticator> authenticator;  // of `options`; not null
  std::shared_ptr<const AccountSettings> accounts;           // not null
  ServerInfo info;
  // Some client has shaken hands under these settings; any loop sets it, a reload asks.
  mutable std::atomic<bool> tls_used{false};
};

}  // namespace nats::broker
