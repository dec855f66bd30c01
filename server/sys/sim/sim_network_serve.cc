// What a loop's round does with streams that are ready and listeners that have a backlog.
#include <algorithm>
#include <cstring>

#include "server/sys/sim/sim_error.h"
#include "server/sys/sim/sim_network.h"
#include "server/sys/sim/sim_stream.h"

namespace nats::sys {

namespace {

// Read bytes are spoilt after the call they were valid for, so that a view kept too long shows.
constexpr char spoilt = '\xdd';
constexpr std::size_t pipe_compact_min = 64 * 1024;

}  // namespace

void SimNetwork::make_ready_if_due(std::uint32_t side) {
  Side& mine = side_at(side);
  if (mine.ready || !mine.handler || !mine.loop) return;
  bool readable = !mine.paused && (mine.in.arrived > 0 || mine.end_due || mine.reset_due);
  if (!readable && !mine.writable_due) return;
  mine.ready = true;
  mine.loop->add_ready(ReadyItem{side, connection_of(side).generation, false});
}

void SimNetwork::serve(const ReadyItem& item, SimLoop&) {
  if (!current(item)) return;
  if (item.listener) {
    serve_listener(item.number);
  } else {
    serve_side(item.number);
  }
}

void SimNetwork::serve_side(std::uint32_t side) {
  ReadyItem item{side, connection_of(side).generation, false};
  Side& mine = side_at(side);
  mine.ready = false;
  if (std::exchange(mine.writable_due, false) && mine.handler) {
    mine.handler->on_writable();
    if (!current(item)) return;
  }
  if (!mine.handler || mine.paused) return;
  if (mine.in.arrived > 0) {
    read_once(side);
  } else if (mine.reset_due) {
    finish(side, sim_error("read tcp " + route_text(side) + ": read", ErrorCode::connection_reset));
  } else if (mine.end_due) {
    finish(side, Error{ErrorCode::end_of_stream, "EOF"});
  }
  if (current(item)) make_ready_if_due(side);
}

void SimNetwork::read_once(std::uint32_t side) {
  Side& mine = side_at(side);
  std::size_t amount = std::min(mine.in.arrived, read_buffer_.size());
  if (amount > 1 && core_.draw_torn()) amount = 1 + core_.random().below(amount - 1);
  std::memcpy(read_buffer_.data(), mine.in.bytes.data() + mine.in.head, amount);
  take_read(mine, amount);
  Side& peer = side_at(peer_of(side));
  if (peer.wants_writable && mine.in.space() >= mine.in.capacity / 3) send(side, EventKind::space);
  mine.handler->on_bytes(Bytes(read_buffer_.data(), amount));
  std::memset(read_buffer_.data(), spoilt, amount);
}

void SimNetwork::take_read(Side& side, std::size_t amount) {
  Pipe& in = side.in;
  in.arrived -= amount;
  in.head += amount;
  if (in.head == in.bytes.size()) {
    in.bytes.clear();
    in.head = 0;
  } else if (in.head >= pipe_compact_min) {
    in.bytes.erase(in.bytes.begin(), in.bytes.begin() + static_cast<std::ptrdiff_t>(in.head));
    in.head = 0;
  }
}

void SimNetwork::finish(std::uint32_t side, const Error& reason) {
  StreamHandler* handler = std::exchange(side_at(side).handler, nullptr);
  handler->on_end(reason);
}

void SimNetwork::serve_listener(std::uint32_t number) {
  ListenerState& listener = *listeners_[number];
  listener.ready = false;
  ReadyItem from{number, listener.generation, true};
  while (current(from) && !listener.backlog.empty()) {
    std::uint32_t side = listener.backlog.front();
    listener.backlog.pop_front();
    ReadyItem item{side, connection_of(side).generation, false};
    auto& home = static_cast<SimLoop&>(listener.accept->pick_loop());
    if (&home == listener.loop) {
      hand_over(item, from, home);
    } else {
      home.post([this, item, from, &home] { hand_over(item, from, home); });
    }
  }
}

void SimNetwork::hand_over(ReadyItem item, ReadyItem from, SimLoop& home) {
  if (!current(item)) return;
  if (!current(from)) {
    side_at(item.number).held = false;
    close_by_kernel(item.number, true);
    return free_if_forgotten(item.number);
  }
  side_at(item.number).loop = &home;
  listeners_[from.number]->accept->on_accept(make_stream(item.number));
}

std::unique_ptr<Stream> SimNetwork::make_stream(std::uint32_t side) {
  return std::make_unique<SimStream>(*this, side);
}

}  // namespace nats::sys
