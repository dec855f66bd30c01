// Listening and connecting.
#include <algorithm>

#include "server/base/check.h"
#include "server/sys/sim/sim_error.h"
#include "server/sys/sim/sim_network.h"
#include "server/sys/sim/sim_stream.h"

namespace nats::sys {

namespace {

// TCP repeats a SYN that nobody answers.
constexpr Duration syn_interval = Duration::from_seconds(1);

bool is_wildcard(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }
bool is_loopback(std::string_view host) {
  return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

bool is_address(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return true;
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string endpoint_text(const Endpoint& at) {
  bool v6 = at.host.find(':') != std::string::npos;
  return (v6 ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port);
}

}  // namespace

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Endpoint& at, SimLoop& loop,
                                                     AcceptHandler& accept) {
  Host& host = hosts_[loop.host()];
  Endpoint local = at;
  if (is_wildcard(at.host)) {
    local.host = "::";
  } else if (is_loopback(at.host)) {
    local.host = "127.0.0.1";
  } else if (std::uint32_t named = find_host(at.host); named == loop.host()) {
    local.host = host.address;
  } else if (named == no_host && !is_address(at.host)) {
    return sim_fail("listen tcp: lookup " + at.host, ErrorCode::host_unknown);
  } else {
    return sim_fail("listen tcp " + endpoint_text(at) + ": bind", ErrorCode::address_invalid);
  }
  if (at.port == 0) local.port = next_port(loop.host());
  if (host.listeners.contains(local.port))
    return sim_fail("listen tcp " + endpoint_text(at) + ": bind", ErrorCode::address_in_use);

  auto number = static_cast<std::uint32_t>(listeners_.size());
  auto state = std::make_unique<ListenerState>();
  state->host = loop.host();
  state->open = true;
  state->local = local;
  state->loop = &loop;
  state->accept = &accept;
  host.listeners[local.port] = number;
  listeners_.push_back(std::move(state));
  return std::make_unique<SimListener>(*this, number, 0, local);
}

void SimNetwork::close_listener(std::uint32_t number, std::uint32_t generation) {
  ListenerState& listener = *listeners_[number];
  if (listener.generation != generation) return;
  hosts_[listener.host].listeners.erase(listener.local.port);
  close_listener_now(listener);
}

void SimNetwork::close_listener_now(ListenerState& listener) {
  listener.open = false;
  ++listener.generation;
  for (std::uint32_t side : std::exchange(listener.backlog, {})) {
    side_at(side).held = false;
    close_by_kernel(side, true);
    free_if_forgotten(side);
  }
}

void SimNetwork::drop_listeners(std::uint32_t host) {
  for (auto [port, number] : std::exchange(hosts_[host].listeners, {})) {
    ListenerState& listener = *listeners_[number];
    // A host without power resets nobody: its sides are closed with the others.
    if (!hosts_[host].up) {
      for (std::uint32_t side : std::exchange(listener.backlog, {})) side_at(side).held = false;
    }
    close_listener_now(listener);
  }
}

std::uint32_t SimNetwork::listener_for(std::uint32_t host, std::uint16_t port, bool loopback) const {
  auto found = hosts_[host].listeners.find(port);
  if (found == hosts_[host].listeners.end()) return no_host;
  const std::string& bound = listeners_[found->second]->local.host;
  bool reachable = bound == "::" || (bound == "127.0.0.1") == loopback;
  return reachable ? found->second : no_host;
}

struct SimNetwork::Attempt {
  std::uint32_t source;
  std::uint32_t target;
  bool loopback;
  std::uint32_t loop;
  std::string text;  // "dial tcp 10.0.0.1:4222"
  std::uint16_t port;
  Duration latency;
  SimConnectDone done;  // empty once called
};

void SimNetwork::connect(const Endpoint& to, SimLoop& loop, Duration timeout, SimConnectDone done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->source = loop.host();
  attempt->loopback = is_loopback(to.host) || is_wildcard(to.host);
  attempt->target = attempt->loopback ? loop.host() : find_host(to.host);
  attempt->loop = loop.number();
  attempt->port = to.port;
  attempt->done = std::move(done);
  bool known = attempt->target != no_host;
  Endpoint shown{known && !attempt->loopback ? hosts_[attempt->target].address : to.host, to.port};
  attempt->text = "dial tcp " + endpoint_text(shown);
  attempt->latency = draw_latency(attempt->source, attempt->target);

  core_.call_at(core_.now() + timeout,
                [this, attempt] { answer(*attempt, sim_fail(attempt->text, ErrorCode::timed_out)); });
  if (!known && !is_address(to.host)) {
    core_.call_at(core_.now() + attempt->latency, [this, attempt, host = to.host] {
      answer(*attempt, sim_fail("dial tcp: lookup " + host, ErrorCode::host_unknown));
    });
  } else if (known) {
    core_.call_at(core_.now() + attempt->latency, [this, attempt] { attempt_arrives(attempt); });
  }
}

void SimNetwork::attempt_arrives(const std::shared_ptr<Attempt>& attempt) {
  if (!attempt->done || !core_.loop(attempt->loop)) return;
  bool heard = hosts_[attempt->target].up && !is_blocked(attempt->source, attempt->target) &&
               !is_blocked(attempt->target, attempt->source);
  if (!heard) {
    core_.call_at(core_.now() + syn_interval, [this, attempt] { attempt_arrives(attempt); });
    return;
  }
  Instant answer_at = core_.now() + attempt->latency;
  bool own_address = attempt->source == attempt->target && !attempt->loopback;
  std::uint32_t number = listener_for(attempt->target, attempt->port, attempt->loopback && !own_address);
  if (number == no_host) {
    core_.call_at(answer_at, [this, attempt] {
      answer(*attempt, sim_fail(attempt->text + ": connect", ErrorCode::connection_refused));
    });
    return;
  }
  std::uint32_t side = make_connection(attempt->source, attempt->target, attempt->port);
  side_at(side).loop = core_.loop(attempt->loop);
  core_.call_at(answer_at, [this, attempt, stream = make_stream(side)]() mutable {
    answer(*attempt, std::move(stream));
  });

  ListenerState& listener = *listeners_[number];
  listener.backlog.push_back(side + 1);
  if (!listener.ready) {
    listener.ready = true;
    listener.loop->add_ready(ReadyItem{number, listener.generation, true});
  }
}

void SimNetwork::answer(Attempt& attempt, Result<std::unique_ptr<Stream>> result) {
  SimLoop* loop = core_.loop(attempt.loop);
  if (!attempt.done || !loop) return;
  SimConnectDone done = std::move(attempt.done);
  attempt.done = nullptr;
  loop->post_from_outside(
      [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

}  // namespace nats::sys
