#include "tools/load/flood.h"

#include <fmt/core.h>

#include <algorithm>

namespace natstwin::load {

namespace {

constexpr std::size_t block_size_min = 256 * 1024;
constexpr std::uint64_t bytes_per_pump_max = 1024 * 1024;  // then the reading side gets its turn

}  // namespace

Flood::Flood(std::string_view subject, std::size_t payload_size) {
  const std::string frame =
      fmt::format("PUB {} {}\r\n{}\r\n", subject, payload_size, std::string(payload_size, 'x'));
  frame_size_ = frame.size();
  while (block_.size() < block_size_min) block_ += frame;
}

void Flood::on_ping(Connection&) { pong_due_ = true; }

bool Flood::send_up_to(std::uint64_t bytes_allowed) {
  while (bytes_sent_ < bytes_allowed) {
    if (connection_->blocked() || !connection_->flush()) return false;
    const std::size_t at = bytes_sent_ % block_.size();
    const std::size_t size = std::min<std::uint64_t>(block_.size() - at, bytes_allowed - bytes_sent_);
    bytes_sent_ += connection_->send_now(std::string_view(block_).substr(at, size));
  }
  return true;
}

bool Flood::pause() {
  const std::uint64_t boundary = messages() * frame_size_;
  if (!send_up_to(boundary)) return false;
  if (pong_due_) connection_->send("PONG\r\n");
  pong_due_ = false;
  return true;
}

void Flood::pump(std::uint64_t messages_allowed) {
  if (pong_due_ && !pause()) return;
  send_up_to(std::min(messages_allowed * frame_size_, bytes_sent_ + bytes_per_pump_max));
}

}  // namespace natstwin::load
