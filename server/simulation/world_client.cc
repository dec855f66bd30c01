#include "server/simulation/world_client.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "server/simulation/delivery_checker.h"

namespace nats::simulation {
namespace {

constexpr Duration connect_timeout = Duration::from_seconds(5);
constexpr Duration reconnect_pause = Duration::from_ms(50);
constexpr std::string_view line_end = "\r\n";

}  // namespace

WorldClient::WorldClient(sys::Ground& ground, sys::Loop& loop, WorldClientPlan plan, OnMessage on_message)
    : ground_(ground), loop_(loop), plan_(std::move(plan)), on_message_(std::move(on_message)) {}

WorldClient::~WorldClient() { *alive_ = false; }

void WorldClient::start() { connect(); }

void WorldClient::connect() {
  ground_.connect(plan_.server, loop_, connect_timeout,
                  [this, alive = alive_](Result<std::unique_ptr<sys::Stream>> stream) {
                    if (*alive) on_connected(std::move(stream));
                  });
}

void WorldClient::on_connected(Result<std::unique_ptr<sys::Stream>> stream) {
  if (!stream) {
    loop_.arm(*this, loop_.now() + reconnect_pause);
    return;
  }
  stream_ = std::move(*stream);
  in_.clear();
  out_.clear();
  blocked_ = false;
  stream_->start(*this);
  std::string login =
      plan_.user.empty() ? "" : fmt::format(R"(,"user":"{}","pass":"{}")", plan_.user, plan_.user);
  send(fmt::format("CONNECT {{\"verbose\":false,\"pedantic\":false,\"protocol\":1{}}}\r\n", login));
  if (!plan_.subscribes.empty()) send(fmt::format("SUB {} 1\r\n", plan_.subscribes));
  send("PING\r\n");
  if (!stream_) return;
  loop_.arm(*this, loop_.now() + plan_.pause);
}

void WorldClient::on_timer(Instant) {
  if (!stream_) return connect();
  if (plan_.publishes.empty()) return;
  burst();
  if (stream_) loop_.arm(*this, loop_.now() + plan_.pause);
}

void WorldClient::burst() {
  std::string ops;
  for (int i = 0; i < plan_.messages_per_burst; ++i) {
    std::string payload = make_payload(plan_.number, ++published_);
    ops += fmt::format("PUB {} {}\r\n{}\r\n", plan_.publishes, payload.size(), payload);
  }
  send(ops);
}

void WorldClient::send(std::string_view text) {
  if (!stream_) return;  // lost while it was sending
  out_ += text;
  flush();
}

void WorldClient::flush() {
  while (!blocked_ && !out_.empty()) {
    Bytes piece = out_;
    Result<std::size_t> taken = stream_->write({&piece, 1});
    if (!taken) return on_end(taken.error());
    if (*taken == 0) {
      blocked_ = true;
      stream_->want_writable();
    }
    out_.erase(0, *taken);
  }
}

void WorldClient::on_writable() {
  blocked_ = false;
  flush();
}

void WorldClient::on_end(const Error&) {
  ++reconnects_;
  stream_.reset();
  loop_.arm(*this, loop_.now() + reconnect_pause);
}

void WorldClient::on_bytes(Bytes in) {
  in_ += in;
  while (take_op()) {
  }
}

bool WorldClient::take_op() {
  std::size_t end = in_.find(line_end);
  if (end == std::string::npos) return false;
  std::string_view line = std::string_view(in_).substr(0, end);
  std::size_t taken = end + line_end.size();
  bool ping = line == "PING";
  if (line.starts_with("MSG ")) {
    std::size_t size = 0;
    std::string_view size_text = line.substr(line.rfind(' ') + 1);
    std::from_chars(size_text.data(), size_text.data() + size_text.size(), size);
    if (in_.size() < taken + size + line_end.size()) return false;
    on_message_(plan_.number, std::string_view(in_).substr(taken, size));
    taken += size + line_end.size();
  } else if (plan_.may_be_refused && line == "-ERR 'Authorization Violation'") {
    ++refusals_;
  } else if (!ping && line != "PONG" && !line.starts_with("INFO ")) {
    failure_ = line;
  }
  in_.erase(0, taken);
  if (ping) send("PONG\r\n");
  return stream_ != nullptr;
}

}  // namespace nats::simulation
