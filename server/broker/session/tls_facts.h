// What a session knows of the TLS that it is spoken over.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace nats::sys {
struct Certificate;
}

namespace nats::broker {

struct TlsFacts {
  std::string_view version;                                    // "1.3"; static text
  std::string_view cipher_suite;                               // likewise
  std::shared_ptr<const std::vector<sys::Certificate>> peers;  // null: the client showed none
  bool first = false;                                          // INFO came behind the handshake
};

}  // namespace nats::broker
