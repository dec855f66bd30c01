// Publishes one message over and over, as fast as one connection takes it, from a prepared block of frames: a
// message costs the generator its share of one large write.
//
// pump() each round, never past the allowance that the owner raises as messages arrive; pause() ends at a
// frame boundary, after which the connection's outbox may be used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/load/connection.h"

namespace natstwin::load {

class Flood : public QuietClient {
 public:
  Flood(std::string_view subject, std::size_t payload_size);

  void attach(Connection& connection) { connection_ = &connection; }
  void on_ping(Connection& connection) override;

  // Writes until the socket blocks or `messages_allowed` in all have been sent.
  void pump(std::uint64_t messages_allowed);
  // Sends the rest of a frame that was begun; true once that is done.
  bool pause();
  // Messages begun, which pause() makes messages sent.
  std::uint64_t messages() const { return (bytes_sent_ + frame_size_ - 1) / frame_size_; }
  std::size_t frame_size() const { return frame_size_; }

 private:
  bool send_up_to(std::uint64_t bytes_allowed);

  Connection* connection_ = nullptr;
  std::string block_;  // whole frames
  std::size_t frame_size_;
  std::uint64_t bytes_sent_ = 0;
  bool pong_due_ = false;
};

}  // namespace natstwin::load
