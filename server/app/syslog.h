// The log as messages to syslog: RFC 3164 as Go's log/syslog writes it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/sys/ground.h"
#include "server/sys/message_sender.h"

namespace nats::app {

class Syslog {
 public:
  // `remote` is an URL ("udp://host:514"); empty: this machine's daemon. The error's detail is what the
  // reference prints before it ends.
  static Result<std::unique_ptr<Syslog>> open(sys::Ground& ground, const std::string& remote);

  void write(LogLevel level, std::string_view message);

 private:
  Syslog(sys::Ground& ground, int facility, bool local, std::unique_ptr<sys::MessageSender> sender);

  sys::Ground& ground_;
  const int facility_;
  const bool local_;  // the short form: no host
  const std::string host_;
  const std::string tag_;  // "nats-server[123]: "
  std::unique_ptr<sys::MessageSender> sender_;
};

// The line: "<29>Jan  2 15:04:05 nats-server[1]: text\n". Pure, for tests. `local_time` has `utc_offset` in
// it.
std::string syslog_message(int priority, WallTime local_time, Duration utc_offset, bool local,
                           std::string_view host, std::string_view tag, std::string_view text);

}  // namespace nats::app
