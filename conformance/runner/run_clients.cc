// The steps of clients.
#include <fmt/core.h>
#include <poll.h>

#include <algorithm>

#include "conformance/runner/batch.h"
#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using script::Verb;
using trace::Direction;

namespace {

constexpr int poll_ms = 5;
constexpr int leftovers_ms = 50;

std::uint64_t fnv_step(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// The last blank-separated word of `line` that is "*" becomes the size.
bool replace_star(std::string& line, std::size_t end, std::size_t size) {
  while (end > 0 && line[end - 1] == ' ') --end;
  if (end < 2 || line[end - 1] != '*' || line[end - 2] != ' ') return false;
  line.replace(end - 1, 1, std::to_string(size));
  return true;
}

}  // namespace

bool Run::pump(Milliseconds deadline, const std::function<bool()>& ready) {
  while (!ready()) {
    const Milliseconds left = deadline - now_ms();
    if (left < 0 || is_interrupted()) return false;
    std::vector<pollfd> set;
    std::vector<Client*> polled;
    for (auto& [name, client] : clients_) {
      const int events = (client->wants_read() ? POLLIN : 0) | (client->wants_write() ? POLLOUT : 0);
      if (events == 0) continue;
      set.push_back({client->descriptor(), static_cast<short>(events), 0});
      polled.push_back(client.get());
    }
    poll(set.data(), set.size(), static_cast<int>(std::min<Milliseconds>(left, poll_ms)));
    for (std::size_t i = 0; i < set.size(); ++i) {
      if ((set[i].revents & POLLOUT) != 0) polled[i]->on_writable();
      if ((set[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && polled[i]->wants_read())
        polled[i]->on_readable();
      polled[i]->on_idle();
    }
  }
  return true;
}

void Run::pump_for(int milliseconds) {
  pump(now_ms() + milliseconds, [] { return false; });
}

Flow Run::open_client(const Statement& statement) {
  const std::string& actor = statement.actor;
  const script::ClientTarget& target = statement.target;
  std::optional<int> port;
  if (const auto proxy = proxies_.find(target.server); proxy != proxies_.end()) {
    port = proxy->second.proxy.port;
  } else {
    port = server(target.server).port_of(target.port);
  }
  if (!port) return own_failure("no port " + target.port);
  auto client = std::make_unique<Client>(actor, target, options_.tap ? options_.tap(actor) : nullptr);
  const auto connected = client->connect(agent_.host(), *port);
  clients_[actor] = std::move(client);
  if (!connected) {
    record(actor, Direction::lifecycle, "REFUSED", {{"reason", trace::quote_bytes(connected.error())}});
    return {};
  }
  client_ports_[actor] = clients_[actor]->local_port();
  names_.add_number(client_ports_[actor], "${" + actor + ".port}");
  record(actor, Direction::lifecycle, "OPEN", {});
  return {};
}

void Run::record_frame(const std::string& actor, Client& client, const trace::Frame& frame) {
  client.remember(frame);
  const Direction direction = frame.kind == closed_kind ? Direction::lifecycle : Direction::received;
  record(actor, direction, frame.kind, frame.leaves);
}

// The next frame, of whatever kind; a connection that is gone ends the scenario.
Flow Run::next_frame(Client& client, const std::string& actor, const std::string& kind, trace::Frame& frame) {
  auto taken = client.take_frame();
  if (!taken) {
    if (!client.is_open()) {
      record(actor, Direction::lifecycle, "GONE", {{"waiting", trace::quote_bytes(kind)}});
      return std::unexpected(
          Stop{Outcome::timeout, actor + " has no connection and waits for " + kind, false});
    }
    const auto ready = [&] { return (taken = client.take_frame()).has_value(); };
    if (!pump(deadline(), ready)) return timed_out(actor, kind);
  }
  frame = std::move(*taken);
  return {};
}

Flow Run::recv_one(Client& client, const std::string& actor, const std::string& kind) {
  while (true) {
    trace::Frame frame;
    if (Flow flow = next_frame(client, actor, kind, frame); !flow) return flow;
    const bool found = frame.kind == kind;
    const bool closed = frame.kind == closed_kind;
    record_frame(actor, client, frame);
    if (closed) client.close();
    if (found) return {};
    if (closed)
      return std::unexpected(Stop{Outcome::timeout, actor + " was closed while it waits for " + kind, false});
  }
}

Flow Run::recv_raw(Client& client, const std::string& actor, std::size_t count) {
  std::optional<trace::Frame> frame;
  const auto ready = [&] { return (frame = client.take_bytes(count)).has_value() || client.has_frame(); };
  if (!pump(deadline(), ready)) {
    if (const auto some = client.take_frame()) record_frame(actor, client, *some);
    return timed_out(actor, fmt::format("{} bytes", count));
  }
  if (frame) {
    record_frame(actor, client, *frame);
    return {};
  }
  return recv_one(client, actor, "RAW");  // fewer bytes came, then the end
}

Flow Run::recv(const Statement& statement) {
  Client& client = *clients_.at(statement.actor);
  const auto opened = std::ranges::find_if(script_.statements, [&](const Statement& other) {
    return other.verb == Verb::client_open && other.actor == statement.actor;
  });
  const bool counts_bytes = opened->target.decoder == script::Decoder::raw;
  for (const script::Expected& expected : statement.expected) {
    if (counts_bytes && expected.kind == "RAW") {
      const auto count = static_cast<std::size_t>(expected.count);
      if (Flow flow = recv_raw(client, statement.actor, count); !flow) return flow;
      continue;
    }
    for (long i = 0; i < expected.count; ++i) {
      if (Flow flow = recv_one(client, statement.actor, expected.kind); !flow) return flow;
    }
  }
  return {};
}

// All the frames expected, in whatever order they come.
Flow Run::gather(const Statement& statement) {
  Client& client = *clients_.at(statement.actor);
  auto missing = statement.expected;
  while (!missing.empty()) {
    trace::Frame frame;
    if (Flow flow = next_frame(client, statement.actor, missing.front().kind, frame); !flow) return flow;
    record_frame(statement.actor, client, frame);
    const auto found = std::ranges::find(missing, frame.kind, &script::Expected::kind);
    if (found != missing.end() && --found->count == 0) missing.erase(found);
    if (frame.kind != closed_kind) continue;
    client.close();
    if (!missing.empty()) {
      return std::unexpected(Stop{Outcome::timeout,
                                  statement.actor + " was closed while it waits for " + missing.front().kind,
                                  false});
    }
  }
  return {};
}

Flow Run::tally(const Statement& statement) {
  Client& client = *clients_.at(statement.actor);
  const script::Expected& expected = statement.expected.front();
  std::uint64_t digest = 14695981039346656037u;
  std::vector<trace::Leaf> leaves;
  long count = 0;
  Flow flow;
  trace::Frame frame;
  while (count < expected.count && (flow = next_frame(client, statement.actor, expected.kind, frame))) {
    if (frame.kind != expected.kind) {
      record_frame(statement.actor, client, frame);
      if (frame.kind != closed_kind) continue;
      client.close();
      flow = std::unexpected(Stop{Outcome::timeout, statement.actor + " was closed while it counts", false});
      break;
    }
    ++count;
    for (const trace::Leaf& leaf : frame.leaves)
      digest = fnv_step(fnv_step(digest, leaf.path), names_.replace(leaf.value));
    if (count != 1 && count != expected.count) continue;
    for (const trace::Leaf& leaf : frame.leaves)
      leaves.push_back({(count == 1 ? "first." : "last.") + leaf.path, leaf.value});
    client.remember(frame);
  }
  leaves.insert(leaves.begin(),
                {{"count", std::to_string(count)}, {"digest", fmt::format("\"{:016x}\"", digest)}});
  record(statement.actor, Direction::received, "TALLY " + expected.kind, std::move(leaves));
  return flow;
}

Flow Run::quiet(const Statement& statement) {
  pump_for(static_cast<int>(statement.number));
  Client& client = *clients_.at(statement.actor);
  while (const auto frame = client.take_frame()) {
    record_frame(statement.actor, client, *frame);
    if (frame->kind == closed_kind) client.close();
  }
  return {};
}

std::expected<std::string, std::string> Run::form_bytes(const script::SendForm& form,
                                                        const script::Lookup& lookup) const {
  auto line = script::expand(form.line, lookup);
  if (!line) return line;
  if (!form.has_payload) {
    const bool publishes = line->size() > 4 && (line->starts_with("PUB ") || line->starts_with("pub "));
    return *line + (publishes && line->ends_with(" 0") ? "\r\n\r\n" : "\r\n");
  }
  const auto headers = script::expand(form.headers, lookup);
  const auto payload = script::expand(form.payload, lookup);
  if (!headers) return headers;
  if (!payload) return payload;
  replace_star(*line, line->size(), headers->size() + payload->size());
  if (form.has_headers) replace_star(*line, line->find_last_of(' '), headers->size());
  return *line + "\r\n" + *headers + *payload + "\r\n";
}

Flow Run::write_out(Client& client, const std::string& actor, const std::string& bytes) {
  client.write(bytes);
  if (pump(deadline(), [&] { return !client.has_pending_output(); })) return {};
  return timed_out(actor, "the server to read");
}

Flow Run::send(const Statement& statement) {
  record_statement(statement);
  const auto bytes = form_bytes(statement.form, lookup());
  if (!bytes) return unresolved(bytes.error());
  return write_out(*clients_.at(statement.actor), statement.actor, *bytes);
}

Flow Run::raw(const Statement& statement) {
  record_statement(statement);
  const auto bytes = script::expand(statement.pieces, lookup());
  if (!bytes) return unresolved(bytes.error());
  return write_out(*clients_.at(statement.actor), statement.actor, *bytes);
}

Flow Run::flood(const Statement& statement) {
  record_statement(statement);
  std::string counter;
  const script::Lookup counting = [&](std::string_view name) -> std::expected<std::string, std::string> {
    if (name == "n") return counter;
    return look_up(name);
  };
  std::string all;
  for (long n = 1; n <= statement.number; ++n) {
    counter = std::to_string(n);
    const auto bytes = form_bytes(statement.form, counting);
    if (!bytes) return unresolved(bytes.error());
    all += *bytes;
  }
  return write_out(*clients_.at(statement.actor), statement.actor, all);
}

Flow Run::client_control(const Statement& statement) {
  Client& client = *clients_.at(statement.actor);
  record_statement(statement);
  switch (statement.verb) {
    case Verb::split:
      client.set_split(statement.number);
      break;
    case Verb::pause:
      client.set_paused(true);
      break;
    case Verb::resume:
      client.set_paused(false);
      break;
    case Verb::close:
      client.close();
      break;
    case Verb::reset:
      client.reset();
      break;
    case Verb::half_close:
      client.half_close();
      break;
    default:
      return own_failure("no client step: " + statement.source);
  }
  return {};
}

Flow Run::let_frame(const Statement& statement) {
  const auto value = look_up_client(statement.actor, statement.frame);
  if (!value) return unresolved(value.error());
  variables_[statement.word] = *value;
  return {};
}

void Run::record_leftovers() {
  for (auto& [name, client] : clients_) client->set_paused(false);
  // Servers need this while, too: to see who left before they are asked for their state.
  pump_for(leftovers_ms);
  for (auto& [name, client] : clients_) {
    while (const auto frame = client->take_frame()) record_frame(name, *client, *frame);
  }
}

}  // namespace natstwin::runner
