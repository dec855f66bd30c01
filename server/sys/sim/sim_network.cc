// Hosts, connections and the segments between them. Rounds are in sim_network_serve.cc, listening and
// connecting in sim_network_connect.cc.
#include "server/sys/sim/sim_network.h"

#include <algorithm>

#include "server/base/check.h"
#include "server/sys/sim/sim_error.h"
#include "server/sys/sim/sim_stream.h"

namespace nats::sys {

namespace {

constexpr std::size_t read_buffer_size = 256 * 1024;
// A pipe that once held more gives its memory back with its connection.
constexpr std::size_t pipe_kept_max = 64 * 1024;
// After a partition heals, TCP's retransmission timer decides when bytes flow again.
constexpr Duration retransmission_max = Duration::from_ms(200);

}  // namespace

SimNetwork::SimNetwork(SimCore& core) : core_(core), read_buffer_(read_buffer_size) {}
SimNetwork::~SimNetwork() = default;

std::uint32_t SimNetwork::add_host(std::string name, std::string address) {
  auto number = static_cast<std::uint32_t>(hosts_.size());
  bool name_is_new = host_by_name_.emplace(name, number).second;
  bool address_is_new = host_by_name_.emplace(address, number).second;
  NATS_CHECK(name_is_new && (address_is_new || name == address));
  Host& host = hosts_.emplace_back();
  host.name = std::move(name);
  host.address = std::move(address);
  return number;
}

std::uint32_t SimNetwork::find_host(std::string_view name_or_address) const {
  auto found = host_by_name_.find(name_or_address);
  return found == host_by_name_.end() ? no_host : found->second;
}

void SimNetwork::host_up(std::uint32_t host) {
  hosts_[host].up = true;
  // Peers of the host's former life repeat what it never acknowledged, and are told that it is over.
  for (std::uint32_t side = 0; side < connections_.size() * 2; ++side) {
    if (!connection_of(side).used) continue;
    Side& mine = side_at(side);
    if (mine.host == host && !mine.open && !mine.silent && mine.in.unread() > 0) send(side, EventKind::reset);
  }
}

void SimNetwork::host_down(std::uint32_t host) {
  hosts_[host].up = false;
  drop_listeners(host);
  for (std::uint32_t side = 0; side < connections_.size() * 2; ++side) {
    if (!connection_of(side).used || side_at(side).host != host) continue;
    side_at(side).handler = nullptr;
    side_at(side).open = false;
    free_if_forgotten(side);
  }
}

void SimNetwork::process_ended(std::uint32_t host) {
  drop_listeners(host);
  for (std::uint32_t side = 0; side < connections_.size() * 2; ++side) {
    if (!connection_of(side).used || side_at(side).host != host) continue;
    close_by_kernel(side, false);
    free_if_forgotten(side);
  }
}

bool SimNetwork::current(const ReadyItem& item) const {
  if (item.listener) return listeners_[item.number]->generation == item.generation;
  return connections_[item.number / 2]->generation == item.generation;
}

Endpoint SimNetwork::endpoint_of(std::uint32_t side) const {
  const Connection& connection = *connections_[side / 2];
  const Side& end = connection.sides[side % 2];
  return Endpoint{connection.loopback ? "127.0.0.1" : hosts_[end.host].address, end.port};
}

std::string SimNetwork::route_text(std::uint32_t side) {
  auto text = [](const Endpoint& at) { return at.host + ":" + std::to_string(at.port); };
  return text(endpoint_of(side)) + "->" + text(endpoint_of(peer_of(side)));
}

// Connections.

Duration SimNetwork::draw_latency(std::uint32_t a, std::uint32_t b) {
  Duration latency = core_.draw(core_.options().latency_min, core_.options().latency_max);
  return a == b ? latency / 10 : latency;
}

Duration SimNetwork::draw_delay(const Connection& connection) {
  return connection.latency + core_.draw(Duration{}, connection.latency / 4);
}

std::uint16_t SimNetwork::next_port(std::uint32_t host) {
  Host& at = hosts_[host];
  do {
    at.next_port = at.next_port < 60999 ? at.next_port + 1 : 32768;
  } while (at.listeners.contains(at.next_port));
  return at.next_port;
}

void SimNetwork::open_side(Side& side, std::uint32_t host, std::uint16_t port) {
  std::vector<char> bytes = std::move(side.in.bytes);
  if (bytes.capacity() > pipe_kept_max) bytes = {};
  bytes.clear();
  side = Side{};
  side.in.bytes = std::move(bytes);
  side.in.capacity = static_cast<std::size_t>(
      core_.random().between(core_.options().send_buffer_min, core_.options().send_buffer_max));
  side.host = host;
  side.port = port;
  side.open = true;
  side.held = true;
}

std::uint32_t SimNetwork::make_connection(std::uint32_t source, std::uint32_t target,
                                          std::uint16_t target_port) {
  std::uint32_t slot;
  if (free_connections_.empty()) {
    slot = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<Connection>());
  } else {
    slot = free_connections_.back();
    free_connections_.pop_back();
  }
  Connection& connection = *connections_[slot];
  connection.used = true;
  connection.loopback = source == target;
  connection.latency = draw_latency(source, target);
  open_side(connection.sides[0], source, next_port(source));
  open_side(connection.sides[1], target, target_port);
  return slot * 2;
}

void SimNetwork::free_if_forgotten(std::uint32_t side) {
  Connection& connection = connection_of(side);
  for (const Side& end : connection.sides) {
    if (end.held || end.open) return;
  }
  connection.used = false;
  ++connection.generation;
  free_connections_.push_back(side / 2);
}

// What a Stream does.

void SimNetwork::start(std::uint32_t side, StreamHandler& handler) {
  NATS_CHECK(!side_at(side).handler);
  side_at(side).handler = &handler;
  make_ready_if_due(side);
}

void SimNetwork::resume(std::uint32_t side) {
  side_at(side).paused = false;
  make_ready_if_due(side);
}

Result<std::size_t> SimNetwork::write(std::uint32_t side, std::span<const Bytes> pieces) {
  Side& mine = side_at(side);
  if (!mine.open || mine.reset_due) {
    bool unread = mine.open && mine.handler != nullptr;
    return sim_fail("write tcp " + route_text(side) + ": write",
                    unread ? ErrorCode::connection_reset : ErrorCode::broken_pipe);
  }
  Pipe& out = side_at(peer_of(side)).in;
  std::size_t total = 0;
  for (Bytes piece : pieces) total += piece.size();
  std::size_t taken = std::min(total, out.space());
  if (taken > 1 && core_.draw_torn()) taken = 1 + core_.random().below(taken);
  if (taken == 0) return 0;

  std::size_t left = taken;
  for (Bytes piece : pieces) {
    Bytes part = piece.substr(0, left);
    if (part.empty()) continue;
    core_.fold_bytes(part);
    out.bytes.insert(out.bytes.end(), part.begin(), part.end());
    left -= part.size();
    if (left == 0) break;
  }
  send_bytes(side, taken);
  return taken;
}

void SimNetwork::want_writable(std::uint32_t side) {
  Side& mine = side_at(side);
  if (mine.wants_writable || mine.writable_due) return;
  const Pipe& out = side_at(peer_of(side)).in;
  if (out.space() > 0 || mine.reset_due || !mine.open) {
    mine.writable_due = true;
    make_ready_if_due(side);
  } else {
    mine.wants_writable = true;
  }
}

void SimNetwork::release(std::uint32_t side) {
  side_at(side).held = false;
  close_by_kernel(side, false);
  free_if_forgotten(side);
}

void SimNetwork::close_by_kernel(std::uint32_t side, bool abort) {
  Side& mine = side_at(side);
  mine.handler = nullptr;
  if (!mine.open) return;
  mine.open = false;
  if (mine.reset_due) return;
  send(side, abort || mine.in.arrived > 0 ? EventKind::reset : EventKind::end);
}

// Segments.

void SimNetwork::send(std::uint32_t from_side, EventKind kind, std::uint32_t amount) {
  Connection& connection = connection_of(from_side);
  Instant at = core_.now() + draw_delay(connection);
  if (kind != EventKind::space) {
    Pipe& pipe = side_at(peer_of(from_side)).in;
    at = std::max(at, pipe.last_arrival + Duration{1});
    pipe.last_arrival = at;
  }
  core_.schedule(at, kind, peer_of(from_side), connection.generation, amount);
}

void SimNetwork::send_bytes(std::uint32_t from_side, std::size_t amount) {
  if (amount > 1 && core_.draw_torn()) {
    std::size_t first = 1 + core_.random().below(amount - 1);
    send(from_side, EventKind::bytes, static_cast<std::uint32_t>(first));
    amount -= first;
  }
  send(from_side, EventKind::bytes, static_cast<std::uint32_t>(amount));
}

void SimNetwork::on_event(const Event& event) {
  Connection& connection = connection_of(event.target);
  if (connection.generation != event.generation) return;
  if (event.kind == EventKind::unpark) return unpark(event.target);
  Side& side = side_at(event.target);
  bool held_up = side.in.parked && event.kind != EventKind::space;
  if (held_up || is_blocked(side_at(peer_of(event.target)).host, side.host)) return park(side.in, event);
  switch (event.kind) {
    case EventKind::bytes:
      return on_bytes_arrive(event.target, event.amount);
    case EventKind::end:
      return on_end_arrives(event.target);
    case EventKind::reset:
      return on_reset_arrives(event.target);
    case EventKind::space:
      return on_space(event.target);
    default:
      NATS_CHECK(false);
  }
}

void SimNetwork::on_bytes_arrive(std::uint32_t side, std::size_t amount) {
  Side& mine = side_at(side);
  if (mine.open) {
    mine.in.arrived += amount;
    return make_ready_if_due(side);
  }
  // Nobody takes them: the sender's window fills, unless the kernel is there to say so.
  if (!mine.silent && hosts_[mine.host].up) send(side, EventKind::reset);
}

void SimNetwork::on_end_arrives(std::uint32_t side) {
  side_at(side).end_due = true;
  make_ready_if_due(side);
}

void SimNetwork::on_reset_arrives(std::uint32_t side) {
  Side& mine = side_at(side);
  if (!mine.open) return;
  mine.reset_due = true;
  if (mine.wants_writable) {
    mine.wants_writable = false;
    mine.writable_due = true;
  }
  make_ready_if_due(side);
}

void SimNetwork::on_space(std::uint32_t side) {
  Side& mine = side_at(side);
  if (!mine.wants_writable) return;
  mine.wants_writable = false;
  mine.writable_due = true;
  make_ready_if_due(side);
}

// Partitions and worse.

void SimNetwork::park(Pipe& pipe, const Event& event) {
  switch (event.kind) {
    case EventKind::bytes:
      pipe.parked_bytes += event.amount;
      break;
    case EventKind::end:
      pipe.parked_end = true;
      break;
    case EventKind::reset:
      pipe.parked_reset = true;
      break;
    default:
      pipe.parked_space = true;
      return;
  }
  pipe.parked = true;
}

void SimNetwork::unpark(std::uint32_t side) {
  Side& mine = side_at(side);
  Pipe& pipe = mine.in;
  if (is_blocked(side_at(peer_of(side)).host, mine.host)) return;
  bool space = std::exchange(pipe.parked_space, false);
  bool end = std::exchange(pipe.parked_end, false);
  bool reset = std::exchange(pipe.parked_reset, false);
  std::size_t amount = std::exchange(pipe.parked_bytes, 0);
  pipe.parked = false;
  if (space) on_space(side);
  if (amount > 0) on_bytes_arrive(side, amount);
  if (end) on_end_arrives(side);
  if (reset) on_reset_arrives(side);
}

void SimNetwork::unpark_where_open() {
  for (std::uint32_t side = 0; side < connections_.size() * 2; ++side) {
    Connection& connection = connection_of(side);
    const Side& mine = side_at(side);
    if (!connection.used || (!mine.in.parked && !mine.in.parked_space)) continue;
    if (is_blocked(side_at(peer_of(side)).host, mine.host)) continue;
    Instant at = core_.now() + draw_delay(connection) + core_.draw(Duration{}, retransmission_max);
    core_.schedule(at, EventKind::unpark, side, connection.generation);
  }
}

void SimNetwork::unblock(std::uint32_t from, std::uint32_t to) {
  blocked_.erase({from, to});
  unpark_where_open();
}

void SimNetwork::unblock_all() {
  blocked_.clear();
  unpark_where_open();
}

void SimNetwork::break_connection(std::uint32_t side, Break how) {
  Side& first = side_at(side);
  Side& second = side_at(peer_of(side));
  // The ends that learn of it learn at once, whatever is under way; what has arrived may still be read.
  if (first.open) on_reset_arrives(side);
  if (how == Break::reset) {
    if (second.open) on_reset_arrives(peer_of(side));
    return;
  }
  first.silent = true;
  first.open = false;
}

std::size_t SimNetwork::break_connections(std::uint32_t first, std::uint32_t second, Break how) {
  std::size_t count = 0;
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    if (!breakable(slot)) continue;
    std::uint32_t hosts[2] = {side_at(slot * 2).host, side_at(slot * 2 + 1).host};
    if (hosts[0] == first && hosts[1] == second) {
      break_connection(slot * 2, how);
    } else if (hosts[0] == second && hosts[1] == first) {
      break_connection(slot * 2 + 1, how);
    } else {
      continue;
    }
    ++count;
  }
  return count;
}

bool SimNetwork::breakable(std::uint32_t slot) const {
  const Connection& connection = *connections_[slot];
  return connection.used && connection.sides[0].open && connection.sides[1].open;
}

bool SimNetwork::break_one(Break how) {
  std::size_t count = connections_.size();
  if (count == 0) return false;
  std::size_t begin = core_.random().below(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto slot = static_cast<std::uint32_t>((begin + i) % count);
    if (!breakable(slot)) continue;
    break_connection(slot * 2 + static_cast<std::uint32_t>(core_.random().below(2)), how);
    return true;
  }
  return false;
}

}  // namespace nats::sys
