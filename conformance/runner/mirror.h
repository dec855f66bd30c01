// Clients talk to one server through it, and what they send goes to a second server, too. The answers
// of both are decoded; the clients see those of the first.
#pragma once

#include <array>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "conformance/runner/side_by_side.h"
#include "conformance/trace/decode.h"

namespace natstwin::runner {

class Mirror {
 public:
  // Ports on 127.0.0.1; listen_port 0 chooses one.
  static std::expected<std::unique_ptr<Mirror>, std::string> open(int listen_port, int left_port,
                                                                  int right_port, SideBySide& sides);
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  int port() const { return port_; }
  void run(const std::function<bool()>& over);

 private:
  struct Half {
    int descriptor = -1;
    std::unique_ptr<trace::Decoder> decoder;
    bool ended = false;
  };
  struct Session {
    std::string actor;
    int client = -1;
    std::array<Half, 2> halves;
  };

  Mirror(int listener, int port, int left_port, int right_port, SideBySide& sides);
  void accept_client();
  void read_half(Session& session, SideBySide::Side side);
  void read_client(Session& session);
  void add_frame(const Session& session, SideBySide::Side side, const trace::Frame& frame);
  static void close_session(Session& session);

  int listener_;
  int port_;
  std::array<int, 2> server_ports_;
  SideBySide& sides_;
  std::map<int, Session> sessions_;  // by number
  int accepted_ = 0;
};

}  // namespace natstwin::runner
