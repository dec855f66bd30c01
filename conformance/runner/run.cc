#include "conformance/runner/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "conformance/runner/batch.h"
#include "conformance/script/nkey.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using script::Verb;

namespace {

constexpr Milliseconds clients_leave_ms = 500;  // all of them together

}  // namespace

const Run::Row Run::rows[] = {
    {Verb::server_start, &Run::start_server},
    {Verb::server_stop, &Run::stop_server},
    {Verb::server_kill, &Run::kill_server},
    {Verb::server_restart, &Run::restart_server},
    {Verb::server_signal, &Run::signal_server},
    {Verb::server_reload, &Run::reload_server},
    {Verb::wait_log, &Run::wait_log},
    {Verb::wait_exit, &Run::wait_exit},
    {Verb::set_config, &Run::set_config},
    {Verb::set_flags, &Run::set_flags},
    {Verb::write_file, &Run::write_file},
    {Verb::remove_file, &Run::remove_file},
    {Verb::damage_file, &Run::damage_file},
    {Verb::read_file, &Run::read_file},
    {Verb::list_files, &Run::list_files},
    {Verb::exec, &Run::exec_server},
    {Verb::state, &Run::request_http},
    {Verb::http, &Run::request_http},
    {Verb::client_open, &Run::open_client},
    {Verb::recv, &Run::recv},
    {Verb::gather, &Run::gather},
    {Verb::tally, &Run::tally},
    {Verb::quiet, &Run::quiet},
    {Verb::send, &Run::send},
    {Verb::raw, &Run::raw},
    {Verb::flood, &Run::flood},
    {Verb::split, &Run::client_control},
    {Verb::pause, &Run::client_control},
    {Verb::resume, &Run::client_control},
    {Verb::close, &Run::client_control},
    {Verb::reset, &Run::client_control},
    {Verb::half_close, &Run::client_control},
    {Verb::tls, &Run::start_tls},
    {Verb::websocket, &Run::start_websocket},
    {Verb::let_frame, &Run::let_frame},
    {Verb::let_text, &Run::let_text},
    {Verb::timeout, &Run::set_timeout},
    {Verb::wait, &Run::wait},
    {Verb::tool, &Run::run_tool},
    {Verb::tool_start, &Run::start_tool},
    {Verb::tool_wait, &Run::wait_tool},
    {Verb::tool_stop, &Run::stop_tool},
    {Verb::tool_file, &Run::write_tool_file},
    {Verb::proxy_open, &Run::open_proxy},
    {Verb::proxy_fault, &Run::set_fault},
    {Verb::responder_open, &Run::open_responder},
    {Verb::responder_close, &Run::close_responder},
    {Verb::responder_answer, &Run::set_answer},
    {Verb::responder_asked, &Run::tell_asked},
};

Milliseconds now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

Run::Run(const script::Script& script, const PlayOptions& options, agent::Agent& agent, std::string directory)
    : script_(script),
      options_(options),
      agent_(agent),
      directory_(std::move(directory)),
      random_(options.seed) {}

Run::~Run() {
  for (auto& [name, tool] : tools_) {
    if (!tool.ended) (void)agent_.signal(tool.process.id, 9);
  }
  for (const auto& [name, proxy] : proxies_) agent_.close_proxy(proxy.proxy.id);
}

std::expected<Played, std::string> Run::execute() {
  Flow flow = prepare();
  if (flow) flow = play_statements();
  step_ = static_cast<int>(script_.statements.size()) + 1;
  finish(flow.has_value());
  Stop stop = flow ? Stop{} : flow.error();
  if (stop.harness) return std::unexpected(fmt::format("{}:{}: {}", script_.path, line_, stop.reason));
  if (crash_.outcome != Outcome::completed && stop.outcome != Outcome::unsupported) stop = crash_;
  Played played;
  played.trace = std::move(trace_);
  played.outcome = stop.outcome;
  played.reason = stop.reason;
  played.line = line_;
  return played;
}

// Ports and directories of all servers exist before the first one starts: their configurations
// may name each other.
Flow Run::prepare() {
  names_.add_text(directory_, "${dir}");
  if (!options_.fixtures.empty()) names_.add_text(options_.fixtures, "${fixtures}");
  names_.add_text(options_.binary, "${binary}");
  for (const script::ServerDecl& decl : script_.servers) {
    auto server = std::make_unique<Server>(decl, agent_, directory_);
    const auto named = script_.named_ports.find(decl.name);
    const auto ports = named == script_.named_ports.end() ? std::vector<std::string>{} : named->second;
    if (auto reserved = server->reserve_ports(ports, random_()); !reserved)
      return own_failure(reserved.error());
    names_.add_text(server->directory(), "${" + decl.name + ".dir}");
    names_.add_number(server->port(), "${" + decl.name + ".port}");
    names_.add_number(server->monitor_port(), "${" + decl.name + ".monitor_port}");
    for (const auto& [port_name, port] : server->named_ports()) {
      names_.add_number(port, "${" + decl.name + ".port." + port_name + "}");
    }
    if (auto made = server->make_certificates(); !made) return own_failure(made.error());
    for (const auto& [name, made] : server->certificates()) {
      names_.add_text(made.pin, "${" + decl.name + ".pin." + name + "}");
      names_.add_text(made.digest, "${" + decl.name + ".digest." + name + "}");
      names_.add_text(made.fingerprint, "${" + decl.name + ".fingerprint." + name + "}");
    }
    servers_.emplace(decl.name, std::move(server));
  }
  for (auto& [name, server] : servers_) {
    if (auto written = server->write_files(lookup(), options_.fixtures); !written)
      return own_failure(written.error());
  }
  return {};
}

Flow Run::play_statements() {
  std::uniform_int_distribution<int> microseconds(0, 2000);
  for (const Statement& statement : script_.statements) {
    if (is_interrupted()) return own_failure("interrupted");
    step_ = statement.step;
    line_ = statement.line;
    actor_ = statement.actor.empty() ? "script" : statement.actor;
    if (options_.jitter) {
      int pause = microseconds(random_);
      if (pause % 10 == 0) pause *= 8;
      std::this_thread::sleep_for(std::chrono::microseconds(pause));
    }
    if (Flow flow = play_statement(statement); !flow) return flow;
  }
  return {};
}

Flow Run::play_statement(const Statement& statement) {
  const auto row = std::ranges::find(rows, statement.verb, &Row::verb);
  if (row == std::end(rows)) return own_failure("statement without a handler: " + statement.source);
  return (this->*row->handler)(statement);
}

// After the last statement: what clients still got, the end state, then the end of the servers and
// their logs. After a stop the state is left out: it says nothing that can be compared.
void Run::finish(bool completed) {
  record_leftovers();
  if (completed) read_end_state();
  // One after the other, so that a server's words about them do not race with its own end.
  const Milliseconds leave_by = now_ms() + clients_leave_ms;
  for (auto& [name, client] : clients_)
    client->leave(static_cast<int>(std::max(leave_by - now_ms(), Milliseconds{0})));
  end_servers();
}

void Run::record(const std::string& actor, trace::Direction direction, std::string frame,
                 std::vector<trace::Leaf> leaves) {
  for (trace::Leaf& leaf : leaves) leaf.value = names_.replace(leaf.value);
  trace_.events.push_back({step_, actor, direction, std::move(frame), std::move(leaves)});
  if (options_.on_event) options_.on_event(trace_.events.back());
}

// What an actor does, as the script says it: values behind variables would differ between runs.
void Run::record_statement(const Statement& statement) {
  record(statement.actor, trace::Direction::sent, std::string(script::split_word(statement.source).first),
         {{"line", trace::quote_bytes(statement.source)}});
}

Flow Run::timed_out(const std::string& actor, const std::string& what) {
  record(actor, trace::Direction::lifecycle, "TIMEOUT", {{"waiting", trace::quote_bytes(what)}});
  return std::unexpected(Stop{Outcome::timeout, fmt::format("{} waits for {}", actor, what), false});
}

Flow Run::unresolved(const std::string& reason) {
  record(actor_, trace::Direction::lifecycle, "MISSING", {{"reason", trace::quote_bytes(reason)}});
  return std::unexpected(Stop{Outcome::timeout, reason, false});
}

Flow Run::gone(const Server& server) {
  record(server.name(), trace::Direction::lifecycle, "GONE", {});
  return std::unexpected(Stop{Outcome::timeout, "server " + server.name() + " does not run", false});
}

script::Lookup Run::lookup() const {
  return [this](std::string_view name) { return look_up(name); };
}

std::expected<std::string, std::string> Run::look_up(std::string_view name) const {
  if (name == "dir") return directory_;
  if (name == "fixtures") return options_.fixtures;
  if (const auto found = variables_.find(name); found != variables_.end()) return found->second;
  if (const auto sign = script::split_sign(name)) {
    const auto message = look_up(sign->message);
    if (!message) return message;
    return script::sign_with_nkey(sign->seed, *message);
  }
  const auto dot = name.find('.');
  const std::string actor(name.substr(0, dot));
  const auto property = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  if (const auto found = servers_.find(actor); found != servers_.end())
    return look_up_server(*found->second, property);
  if (const auto found = proxies_.find(actor); found != proxies_.end())
    return std::to_string(found->second.proxy.port);
  if (clients_.contains(actor)) return look_up_client(actor, property);
  return std::unexpected("${" + std::string(name) + "} has no value yet");
}

std::expected<std::string, std::string> Run::look_up_server(const Server& server,
                                                            std::string_view property) const {
  if (property == "port") return std::to_string(server.port());
  if (property == "monitor_port") return std::to_string(server.monitor_port());
  if (property == "dir") return server.directory();
  if (property == "pid") return std::to_string(server.pid());
  if (property == "url") return fmt::format("nats://{}:{}", server.host(), server.port());
  if (const auto dot = property.find('.'); dot != std::string_view::npos) {
    const auto made = server.certificates().find(property.substr(dot + 1));
    if (made != server.certificates().end()) {
      if (property.starts_with("pin.")) return made->second.pin;
      return property.starts_with("digest.") ? made->second.digest : made->second.fingerprint;
    }
  }
  constexpr std::string_view named = "port.";
  const auto port =
      property.starts_with(named) ? server.port_of(property.substr(named.size())) : std::nullopt;
  if (port) return std::to_string(*port);
  return std::unexpected(fmt::format("server {} has no {}", server.name(), property));
}

// ${c1.MSG.reply}, or ${c1.client_id} for ${c1.INFO.client_id}.
std::expected<std::string, std::string> Run::look_up_client(const std::string& actor,
                                                            std::string_view property) const {
  if (property == "port") {
    const auto port = client_ports_.find(actor);
    if (port == client_ports_.end()) return std::unexpected(actor + " was never connected");
    return std::to_string(port->second);
  }
  const Client& client = *clients_.at(actor);
  const auto dot = property.find('.');
  const trace::Frame* frame = client.last(property.substr(0, dot));
  std::string_view path = dot == std::string_view::npos ? std::string_view{} : property.substr(dot + 1);
  if (frame == nullptr) {
    frame = client.last("INFO");
    path = property;
  }
  if (frame == nullptr)
    return std::unexpected(fmt::format("{} has no frame for ${{{}.{}}}", actor, actor, property));
  const trace::Leaf* leaf = frame->leaf(path);
  if (leaf == nullptr) leaf = frame->leaf("json." + std::string(path));
  if (leaf == nullptr) leaf = frame->leaf("payload.json." + std::string(path));
  if (leaf == nullptr)
    return std::unexpected(fmt::format("the {} of {} has no {}", frame->kind, actor, path));
  return trace::is_json_string(leaf->value) ? trace::unquote_bytes(leaf->value) : leaf->value;
}

}  // namespace natstwin::runner
