// One connection of a scenario's client: bytes, decoder and the frames that no step has taken yet.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/layer.h"
#include "conformance/runner/tap.h"
#include "conformance/script/script.h"
#include "conformance/trace/decode.h"

namespace natstwin::runner {

inline constexpr std::string_view closed_kind = "CLOSED";

class Client {
 public:
  Client(std::string name, const script::ClientTarget& target, std::unique_ptr<ByteTap> tap);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The reason when the server does not take the connection.
  std::expected<void, std::string> connect(const std::string& host, int port);

  int descriptor() const { return descriptor_; }
  int local_port() const { return local_port_; }
  bool is_open() const { return descriptor_ >= 0; }
  bool wants_read() const { return is_open() && !paused_ && !ended_; }
  bool wants_write() const { return is_open() && !out_.empty() && !ended_; }
  bool has_pending_output() const { return wants_write(); }

  void on_readable();
  void on_writable();
  void on_idle();

  void write(std::string_view bytes);
  // From here on all bytes pass the layer, which negotiates first.
  void add_layer(std::unique_ptr<ByteLayer> layer);
  const ByteLayer* top_layer() const { return layers_.empty() ? nullptr : layers_.back().get(); }
  bool has_ended() const { return ended_; }
  void set_split(long bytes) { split_ = static_cast<std::size_t>(bytes); }
  void set_paused(bool paused) { paused_ = paused; }
  void close();
  void reset();
  void half_close();
  // Says the end and waits, up to `wait_ms`, until the server has closed too; then closes. What the server
  // logs of a client that leaves is then said, whatever the server is told next.
  void leave(int wait_ms);

  // The next frame; CLOSED is the last one when the server ended the connection.
  std::optional<trace::Frame> take_frame();
  // Raw connections: exactly so many bytes as one RAW frame, or nothing yet.
  std::optional<trace::Frame> take_bytes(std::size_t count);
  bool has_frame() const { return !frames_.empty(); }

  // Last frame of a kind, with the values as they were on the wire.
  const trace::Frame* last(std::string_view kind) const;
  void remember(const trace::Frame& frame) { last_[frame.kind] = frame; }

 private:
  void accept_wire(std::string_view bytes);
  void accept_bytes(std::string_view bytes);
  void write_wire(std::string bytes, std::size_t layers);
  void end();

  std::string name_;
  script::Decoder kind_;
  int receive_buffer_ = 0;
  std::unique_ptr<ByteTap> tap_;
  std::vector<std::unique_ptr<ByteLayer>> layers_;  // nearest to the wire first
  std::unique_ptr<trace::Decoder> decoder_;         // none on raw connections
  std::string raw_;
  int descriptor_ = -1;
  int local_port_ = 0;
  bool paused_ = false;
  bool ended_ = false;  // the server closed
  std::size_t split_ = 0;
  std::string out_;
  std::deque<trace::Frame> frames_;
  std::map<std::string, trace::Frame, std::less<>> last_;
};

}  // namespace natstwin::runner
