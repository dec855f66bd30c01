// The few socket calls that clients and HTTP requests share.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "conformance/runner/tap.h"
#include "conformance/trace/decode.h"

namespace natstwin::runner {

// A connected, non-blocking TCP socket without Nagle's delay; the caller closes it.
std::expected<int, std::string> connect_to(const std::string& host, int port, int receive_buffer,
                                           int timeout_ms);
// A non-blocking listener on 127.0.0.1; port 0 chooses one.
std::expected<int, std::string> listen_on_loopback(int port);
int local_port_of(int descriptor);
// Waits where the peer is slow; false when it is gone or does not read for that long.
bool send_all(int descriptor, std::string_view bytes, int timeout_ms);

// Sends `request` on a new connection and waits for one complete answer.
std::expected<trace::Frame, std::string> exchange_http(const std::string& host, int port,
                                                       std::string_view request, bool head_only, ByteTap* tap,
                                                       int timeout_ms);

}  // namespace natstwin::runner
