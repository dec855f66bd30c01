// One run of a scenario. play() makes it, calls execute() once, and takes the trace.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "conformance/runner/client.h"
#include "conformance/runner/names.h"
#include "conformance/runner/play.h"
#include "conformance/runner/responder.h"
#include "conformance/runner/server.h"

namespace natstwin::runner {

// Why a scenario does not go on.
struct Stop {
  Outcome outcome = Outcome::completed;
  std::string reason;
  bool harness = false;  // our own failure, not the server's
};

using Flow = std::expected<void, Stop>;
// Of the steady clock.
using Milliseconds = std::int64_t;
Milliseconds now_ms();

class Run {
 public:
  Run(const script::Script& script, const PlayOptions& options, agent::Agent& agent, std::string directory);
  ~Run();

  std::expected<Played, std::string> execute();
  // A server found one of its ports taken by a stranger: the run tells nothing.
  bool met_taken_port() const { return met_taken_port_; }

 private:
  struct Tool {
    agent::Process process;
    std::string output;  // path without extension
    bool ended = false;
  };
  struct ProxyActor {
    agent::Proxy proxy;
  };
  using Handler = Flow (Run::*)(const script::Statement&);
  struct Row {
    script::Verb verb;
    Handler handler;
  };
  static const Row rows[];

  Flow prepare();
  Flow play_statements();
  Flow play_statement(const script::Statement& statement);
  void finish(bool completed);

  // Servers (run_servers.cc)
  Flow start_server(const script::Statement& statement);
  Flow stop_server(const script::Statement& statement);
  Flow kill_server(const script::Statement& statement);
  Flow restart_server(const script::Statement& statement);
  Flow signal_server(const script::Statement& statement);
  Flow reload_server(const script::Statement& statement);
  Flow wait_log(const script::Statement& statement);
  Flow wait_exit(const script::Statement& statement);
  Flow set_config(const script::Statement& statement);
  Flow set_flags(const script::Statement& statement);
  Flow write_file(const script::Statement& statement);
  Flow damage_file(const script::Statement& statement);
  Flow remove_file(const script::Statement& statement);
  Flow read_file(const script::Statement& statement);
  Flow list_files(const script::Statement& statement);
  Flow exec_server(const script::Statement& statement);
  Flow request_http(const script::Statement& statement);
  Flow launch(Server& server);
  Flow await_ready(Server& server);
  Flow end_server(Server& server, int signal, int timeout_ms);
  Flow note_exit(Server& server, const agent::ExitStatus& exit);
  Flow await_log(Server& server, std::size_t from, std::vector<std::string_view> texts, std::size_t* found);
  Flow fetch(Server& server, const script::HttpRequest& request);
  void read_end_state();
  void end_servers();
  void record_logs(Server& server);
  void find_crashes(Server& server);

  // Clients (run_clients.cc)
  Flow open_client(const script::Statement& statement);
  Flow recv(const script::Statement& statement);
  Flow gather(const script::Statement& statement);
  Flow tally(const script::Statement& statement);
  Flow quiet(const script::Statement& statement);
  Flow send(const script::Statement& statement);
  Flow raw(const script::Statement& statement);
  Flow flood(const script::Statement& statement);
  Flow client_control(const script::Statement& statement);
  Flow start_tls(const script::Statement& statement);
  Flow start_websocket(const script::Statement& statement);
  Flow negotiate(const script::Statement& statement, std::unique_ptr<ByteLayer> layer,
                 const std::string& frame);
  std::expected<std::vector<std::string>, std::string> expand_words(const script::Statement& statement) const;
  Flow let_frame(const script::Statement& statement);
  Flow recv_one(Client& client, const std::string& actor, const std::string& kind);
  Flow recv_raw(Client& client, const std::string& actor, std::size_t count);
  Flow next_frame(Client& client, const std::string& actor, const std::string& kind, trace::Frame& frame);
  Flow write_out(Client& client, const std::string& actor, const std::string& bytes);
  std::expected<std::string, std::string> form_bytes(const script::SendForm& form,
                                                     const script::Lookup& lookup) const;
  void record_frame(const std::string& actor, Client& client, const trace::Frame& frame);
  void record_leftovers();
  // Moves bytes on all connections until `ready` or the deadline.
  bool pump(Milliseconds deadline, const std::function<bool()>& ready);
  void pump_for(int milliseconds);

  // Others (run_tools.cc)
  Flow let_text(const script::Statement& statement);
  Flow set_timeout(const script::Statement& statement);
  Flow wait(const script::Statement& statement);
  Flow run_tool(const script::Statement& statement);
  Flow start_tool(const script::Statement& statement);
  Flow wait_tool(const script::Statement& statement);
  Flow stop_tool(const script::Statement& statement);
  Flow write_tool_file(const script::Statement& statement);
  Flow open_proxy(const script::Statement& statement);
  Flow set_fault(const script::Statement& statement);
  Flow open_responder(const script::Statement& statement);
  Flow close_responder(const script::Statement& statement);
  Flow set_answer(const script::Statement& statement);
  Flow tell_asked(const script::Statement& statement);
  std::expected<Tool, std::string> launch_tool(const script::Statement& statement);
  Flow end_tool(Tool& tool, const std::string& actor, int timeout_ms, int signal_first);
  Flow await_tool_exit(Tool& tool, int timeout_ms, std::optional<agent::ExitStatus>& exit);

  std::expected<std::string, std::string> look_up(std::string_view name) const;
  std::expected<std::string, std::string> look_up_server(const Server& server,
                                                         std::string_view property) const;
  std::expected<std::string, std::string> look_up_client(const std::string& actor,
                                                         std::string_view property) const;
  script::Lookup lookup() const;
  Server& server(const std::string& name) { return *servers_.at(name); }
  Milliseconds deadline() const { return now_ms() + timeout_ms_; }
  void record(const std::string& actor, trace::Direction direction, std::string frame,
              std::vector<trace::Leaf> leaves);
  void record_statement(const script::Statement& statement);
  Flow timed_out(const std::string& actor, const std::string& what);
  // A variable that the server was to fill and did not: its difference, not the script's mistake.
  Flow unresolved(const std::string& reason);
  // A statement for a server that does not run, though the scenario counts on it.
  Flow gone(const Server& server);
  static Flow own_failure(const std::string& reason) {
    return std::unexpected(Stop{Outcome::not_run, reason, true});
  }

  const script::Script& script_;
  const PlayOptions& options_;
  agent::Agent& agent_;
  std::string directory_;
  std::mt19937_64 random_;
  trace::Trace trace_;
  Names names_;
  int step_ = 0;
  int line_ = 0;
  std::string actor_;  // of the present statement
  int timeout_ms_ = 5000;
  bool met_taken_port_ = false;
  Stop crash_;  // found on the way
  std::map<std::string, std::unique_ptr<Server>> servers_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::map<std::string, int> client_ports_;
  std::map<std::string, Tool> tools_;
  std::map<std::string, ProxyActor> proxies_;
  std::map<std::string, std::unique_ptr<Responder>> responders_;
  std::map<std::string, std::string, std::less<>> variables_;
  int tool_runs_ = 0;
};

}  // namespace natstwin::runner
