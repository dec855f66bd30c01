// The client's half of RFC 6455. What a server sends is checked by nobody here: odd frames become
// frames of the trace.
#include <fmt/core.h>

#include "conformance/runner/layer.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

// Fixed, so that the server's Sec-WebSocket-Accept is a constant of the recording.
constexpr std::string_view key = "bmF0c3R3aW4gY2xpZW50IQ==";
constexpr unsigned char mask[4] = {0x1f, 0x2e, 0x3d, 0x4c};
constexpr std::uint64_t payload_bytes_max = 64 << 20;

enum Opcode : unsigned { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class WebSocketLayer final : public ByteLayer {
 public:
  explicit WebSocketLayer(WebSocketOptions options) : options_(std::move(options)) {}

  void begin() override {
    output_ = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
        "{}\r\n"
        "Sec-WebSocket-Version: 13\r\n",
        options_.path, options_.host, key);
    for (const std::string& header : options_.headers) output_ += header + "\r\n";
    output_ += "\r\n";
  }

  bool is_ready() const override { return ready_; }
  std::string failure() const override { return failure_; }
  std::vector<trace::Leaf> description() const override { return answer_; }
  std::string take_output() override { return std::exchange(output_, {}); }
  std::vector<trace::Frame> take_frames() override { return std::exchange(frames_, {}); }

  std::string encode(std::string_view plain) override {
    std::string frame(1, static_cast<char>(0x80 | binary));
    const char masked = static_cast<char>(options_.masked ? 0x80 : 0);
    if (plain.size() < 126) {
      frame += static_cast<char>(masked | static_cast<char>(plain.size()));
    } else {
      const int width = plain.size() <= 0xffff ? 2 : 8;
      frame += static_cast<char>(masked | (width == 2 ? 126 : 127));
      for (int i = width - 1; i >= 0; --i) frame += static_cast<char>(plain.size() >> (8 * i));
    }
    if (options_.masked) frame.append(reinterpret_cast<const char*>(mask), sizeof mask);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      frame += options_.masked ? static_cast<char>(plain[i] ^ mask[i % 4]) : plain[i];
    }
    return frame;
  }

  std::string decode(std::string_view wire) override {
    buffer_ += wire;
    if (!ready_) take_answer();
    std::string plain;
    while (ready_ && take_frame(plain)) {
    }
    return plain;
  }

 private:
  void take_answer() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const bool upgraded = buffer_.starts_with("HTTP/1.1 101");
    answer_ = trace::http_leaves(std::string_view(buffer_).substr(0, end + 2),
                                 upgraded ? std::string_view{} : std::string_view(buffer_).substr(end + 4));
    buffer_.erase(0, end + 4);
    ready_ = upgraded;
    if (!upgraded) failure_ = "no upgrade";
  }

  bool take_frame(std::string& plain) {
    if (buffer_.size() < 2) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(buffer_[i]); };
    std::size_t at = 2;
    std::uint64_t size = byte(1) & 0x7fu;
    const std::size_t width = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (buffer_.size() < at + width) return false;
    if (width > 0) size = 0;
    for (std::size_t i = 0; i < width; ++i) size = size << 8 | byte(at++);
    if (size > payload_bytes_max) return keep_odd("WS-TOO-LONG", buffer_);
    if ((byte(1) & 0x80u) != 0) return keep_odd("WS-MASKED", buffer_);
    if (buffer_.size() < at + size) return false;
    const std::string payload = buffer_.substr(at, size);
    const unsigned opcode = byte(0) & 0x0fu;
    const unsigned reserved = byte(0) & 0x70u;
    buffer_.erase(0, at + size);
    if (reserved == 0 && opcode <= binary)
      plain += payload;
    else if (opcode == close)
      frames_.push_back({"WS-CLOSE", {{"payload", trace::quote_bytes(payload)}}});
    else if (opcode == ping)
      frames_.push_back({"WS-PING", {{"payload", trace::quote_bytes(payload)}}});
    else if (opcode == pong)
      frames_.push_back({"WS-PONG", {{"payload", trace::quote_bytes(payload)}}});
    else
      plain_odd(reserved | opcode, payload);
    return true;
  }

  void plain_odd(unsigned head, const std::string& payload) {
    frames_.push_back({"WS-ODD", {{"head", std::to_string(head)}, {"payload", trace::quote_bytes(payload)}}});
  }

  // Nothing behind it can be understood.
  bool keep_odd(const char* kind, const std::string& bytes) {
    frames_.push_back({kind, {{"bytes", trace::quote_bytes(bytes)}}});
    buffer_.clear();
    return false;
  }

  WebSocketOptions options_;
  std::string output_;
  std::string buffer_;
  std::vector<trace::Leaf> answer_;
  std::vector<trace::Frame> frames_;
  bool ready_ = false;
  std::string failure_;
};

}  // namespace

std::unique_ptr<ByteLayer> make_websocket_layer(const WebSocketOptions& options) {
  return std::make_unique<WebSocketLayer>(options);
}

}  // namespace natstwin::runner
