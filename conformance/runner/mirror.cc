#include "conformance/runner/mirror.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "conformance/runner/net.h"

namespace natstwin::runner {
namespace {

constexpr int poll_ms = 10;
constexpr int connect_timeout_ms = 5000;
constexpr std::size_t read_bytes = 64 << 10;

}  // namespace

std::expected<std::unique_ptr<Mirror>, std::string> Mirror::open(int listen_port, int left_port,
                                                                 int right_port, SideBySide& sides) {
  const auto listener = listen_on_loopback(listen_port);
  if (!listener) return std::unexpected(listener.error());
  return std::unique_ptr<Mirror>(
      new Mirror(*listener, local_port_of(*listener), left_port, right_port, sides));
}

Mirror::Mirror(int listener, int port, int left_port, int right_port, SideBySide& sides)
    : listener_(listener), port_(port), server_ports_{left_port, right_port}, sides_(sides) {}

Mirror::~Mirror() {
  for (auto& [number, session] : sessions_) close_session(session);
  close(listener_);
}

void Mirror::close_session(Session& session) {
  if (session.client >= 0) close(session.client);
  for (Half& half : session.halves) {
    if (half.descriptor >= 0) close(half.descriptor);
  }
}

void Mirror::accept_client() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0) return;
  Session session;
  session.actor = "c" + std::to_string(++accepted_);
  session.client = client;
  for (const auto side : {SideBySide::left, SideBySide::right}) {
    const auto connected = connect_to("127.0.0.1", server_ports_[side], 0, connect_timeout_ms);
    trace::Event event{
        accepted_, session.actor, trace::Direction::lifecycle, connected ? "OPEN" : "REFUSED", {}};
    sides_.add(side, event);
    if (connected) session.halves[side].descriptor = *connected;
    session.halves[side].ended = !connected;
    session.halves[side].decoder = trace::make_nats_decoder();
  }
  sessions_.emplace(accepted_, std::move(session));
}

void Mirror::add_frame(const Session& session, SideBySide::Side side, const trace::Frame& frame) {
  sides_.add(side, {1, session.actor, trace::Direction::received, frame.kind, frame.leaves});
}

void Mirror::read_half(Session& session, SideBySide::Side side) {
  Half& half = session.halves[side];
  std::string bytes(read_bytes, '\0');
  const auto got = recv(half.descriptor, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    half.ended = true;
    for (const trace::Frame& frame : half.decoder->finish()) add_frame(session, side, frame);
    sides_.add(side, {1, session.actor, trace::Direction::lifecycle, "CLOSED", {}});
    if (side == SideBySide::left && session.client >= 0) shutdown(session.client, SHUT_WR);
    return;
  }
  bytes.resize(static_cast<std::size_t>(got));
  if (side == SideBySide::left && session.client >= 0)
    (void)send_all(session.client, bytes, connect_timeout_ms);
  half.decoder->feed(bytes);
  while (const auto frame = half.decoder->next()) add_frame(session, side, *frame);
}

void Mirror::read_client(Session& session) {
  std::string bytes(read_bytes, '\0');
  const auto got = recv(session.client, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    // Both servers are still to say their last word.
    close(session.client);
    session.client = -1;
    for (const Half& half : session.halves) {
      if (!half.ended) shutdown(half.descriptor, SHUT_WR);
    }
    return;
  }
  bytes.resize(static_cast<std::size_t>(got));
  for (const Half& half : session.halves) {
    if (!half.ended) (void)send_all(half.descriptor, bytes, connect_timeout_ms);
  }
}

void Mirror::run(const std::function<bool()>& over) {
  while (!over()) {
    std::vector<pollfd> set{{listener_, POLLIN, 0}};
    for (const auto& [number, session] : sessions_) {
      set.push_back({session.client, POLLIN, 0});
      // poll() leaves out negative descriptors.
      for (const Half& half : session.halves) set.push_back({half.ended ? -1 : half.descriptor, POLLIN, 0});
    }
    poll(set.data(), set.size(), poll_ms);
    std::size_t at = 1;
    for (auto entry = sessions_.begin(); entry != sessions_.end(); at += 3) {
      Session& session = entry->second;
      if (set[at + 1].revents != 0) read_half(session, SideBySide::left);
      if (set[at + 2].revents != 0) read_half(session, SideBySide::right);
      if (set[at].revents != 0) read_client(session);
      const bool over_now = session.client < 0 && session.halves[0].ended && session.halves[1].ended;
      if (over_now) close_session(session);
      entry = over_now ? sessions_.erase(entry) : std::next(entry);
    }
    if (set.front().revents != 0) accept_client();
  }
}

}  // namespace natstwin::runner
