#include "conformance/runner/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "conformance/runner/net.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

constexpr std::size_t read_bytes = 256 << 10;
constexpr int connect_timeout_ms = 5000;
constexpr int split_pause_us = 150;

std::unique_ptr<trace::Decoder> make_decoder(script::Decoder kind) {
  switch (kind) {
    case script::Decoder::nats:
      return trace::make_nats_decoder();
    case script::Decoder::link:
      return trace::make_link_decoder();
    case script::Decoder::mqtt:
      return trace::make_mqtt_decoder();
    case script::Decoder::http:
      return trace::make_http_decoder();
    case script::Decoder::raw:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

Client::Client(std::string name, const script::ClientTarget& target, std::unique_ptr<ByteTap> tap)
    : name_(std::move(name)),
      kind_(target.decoder),
      receive_buffer_(target.receive_buffer),
      tap_(std::move(tap)),
      decoder_(make_decoder(target.decoder)) {}

Client::~Client() { close(); }

std::expected<void, std::string> Client::connect(const std::string& host, int port) {
  const auto socket = connect_to(host, port, receive_buffer_, connect_timeout_ms);
  if (!socket) return std::unexpected(socket.error());
  descriptor_ = *socket;
  local_port_ = local_port_of(descriptor_);
  return {};
}

void Client::on_readable() {
  static thread_local std::string buffer(read_bytes, '\0');
  const auto got = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    end();
    return;
  }
  accept_wire({buffer.data(), static_cast<std::size_t>(got)});
}

// The tap stands above the layers: it sees the protocol's own bytes.
void Client::accept_wire(std::string_view wire) {
  std::string bytes(wire);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    bytes = layers_[i]->decode(bytes);
    write_wire(layers_[i]->take_output(), i);
    for (trace::Frame& frame : layers_[i]->take_frames()) frames_.push_back(std::move(frame));
  }
  if (tap_)
    accept_bytes(tap_->on_server(bytes));
  else
    accept_bytes(bytes);
  if (tap_ && tap_->closes()) end();
}

void Client::accept_bytes(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!decoder_) {
    raw_ += bytes;
    return;
  }
  decoder_->feed(bytes);
  while (auto frame = decoder_->next()) frames_.push_back(std::move(*frame));
}

void Client::end() {
  if (ended_) return;
  if (tap_ && tap_->hides_end()) {
    close();
    return;
  }
  ended_ = true;
  out_.clear();
  if (tap_) accept_bytes(tap_->on_server_end());
  if (decoder_) {
    for (auto& frame : decoder_->finish()) frames_.push_back(std::move(frame));
  }
  // Raw bytes stay where they are: take_frame gives them before CLOSED.
  frames_.push_back({std::string(closed_kind), {}});
}

void Client::on_writable() {
  while (!out_.empty()) {
    const std::size_t size = split_ == 0 ? out_.size() : std::min(split_, out_.size());
    const auto sent = send(descriptor_, out_.data(), size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) {
      out_.clear();  // the server is gone: reading will tell
      return;
    }
    out_.erase(0, static_cast<std::size_t>(sent));
    if (split_ == 0) continue;
    usleep(split_pause_us);
    return;  // let the reading side have its turn between pieces
  }
}

void Client::on_idle() {
  if (tap_ && !ended_) accept_bytes(tap_->on_idle());
}

void Client::write(std::string_view bytes) {
  if (!is_open() || ended_) return;
  write_wire(tap_ ? tap_->on_client(bytes) : std::string(bytes), layers_.size());
}

// Through the lowest `layers` of the layers, top down.
void Client::write_wire(std::string bytes, std::size_t layers) {
  if (bytes.empty()) return;
  for (std::size_t i = layers; i-- > 0;) bytes = layers_[i]->encode(bytes);
  out_ += bytes;
}

void Client::add_layer(std::unique_ptr<ByteLayer> layer) {
  layer->begin();
  std::string bytes = layer->take_output();
  write_wire(std::move(bytes), layers_.size());
  layers_.push_back(std::move(layer));
}

void Client::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  out_.clear();
}

void Client::reset() {
  if (descriptor_ < 0) return;
  const linger abort{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  close();
}

void Client::half_close() {
  if (descriptor_ >= 0) shutdown(descriptor_, SHUT_WR);
}

void Client::leave(int wait_ms) {
  if (is_open() && !ended_ && !paused_) {
    half_close();
    pollfd closed{descriptor_, POLLRDHUP, 0};
    poll(&closed, 1, wait_ms);
  }
  close();
}

std::optional<trace::Frame> Client::take_frame() {
  if (!raw_.empty()) return take_bytes(raw_.size());
  if (frames_.empty()) return std::nullopt;
  trace::Frame frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

std::optional<trace::Frame> Client::take_bytes(std::size_t count) {
  if (raw_.size() < count) return std::nullopt;
  trace::Frame frame{"RAW", {{"bytes", trace::quote_bytes(std::string_view(raw_).substr(0, count))}}};
  raw_.erase(0, count);
  return frame;
}

const trace::Frame* Client::last(std::string_view kind) const {
  const auto found = last_.find(kind);
  return found == last_.end() ? nullptr : &found->second;
}

}  // namespace natstwin::runner
