// A recording proxy: passes bytes between clients and a server and remembers them in the order in
// which they passed.
//
// open(), then run() until there is nothing more to record, then captured().
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/runner/capture_script.h"

namespace natstwin::runner {

class CaptureProxy {
 public:
  // Listens on 127.0.0.1; port 0 chooses one.
  static std::expected<std::unique_ptr<CaptureProxy>, std::string> open(int listen_port,
                                                                        std::string server_host,
                                                                        int server_port);
  ~CaptureProxy();
  CaptureProxy(const CaptureProxy&) = delete;
  CaptureProxy& operator=(const CaptureProxy&) = delete;

  int port() const { return port_; }
  // Serves until `over` says so; it is asked every few milliseconds.
  void run(const std::function<bool()>& over);
  const std::vector<CapturedBytes>& captured() const { return captured_; }

 private:
  struct Link {
    int number = 0;
    int client = -1;
    int server = -1;
  };

  CaptureProxy(int listener, int port, std::string server_host, int server_port);
  void accept_client();
  // False when the link is over.
  bool relay(Link& link, bool from_client);

  int listener_;
  int port_;
  std::string server_host_;
  int server_port_;
  int accepted_ = 0;
  std::vector<Link> links_;
  std::vector<CapturedBytes> captured_;
};

}  // namespace natstwin::runner
