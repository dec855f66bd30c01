// One server of a scenario: its directory, ports, process and log.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/agent/agent.h"
#include "conformance/runner/certificates.h"
#include "conformance/script/script.h"

namespace natstwin::runner {

class Server {
 public:
  // `root` is the scenario's directory.
  Server(const script::ServerDecl& decl, agent::Agent& agent, const std::string& root);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  agent::Result<void> reserve_ports(const std::vector<std::string>& named, std::uint64_t seed);
  // Makes the certificates of its declaration; before any variable is looked up.
  agent::Result<void> make_certificates();
  const std::map<std::string, MadeCertificate, std::less<>>& certificates() const { return certificates_; }
  agent::Result<void> write_files(const script::Lookup& lookup, const std::string& fixtures);
  agent::Result<void> launch(const std::string& binary, const script::Lookup& lookup);
  // Runs the binary to its end in this server's directory.
  struct Execution {
    std::optional<agent::ExitStatus> exit;  // none: it did not end in time
    std::string out;
    std::string err;
  };
  agent::Result<Execution> execute(const std::string& binary, const std::vector<std::string>& arguments,
                                   const script::Lookup& lookup, int timeout_ms);

  void set_config(std::vector<script::Piece> config);
  void set_flags(std::vector<script::Template> flags) { decl_.flags = std::move(flags); }
  agent::Result<void> write_config(const script::Lookup& lookup);

  agent::Result<void> signal(int number);
  // Nothing while it runs. The first call that sees the end forgets the process.
  agent::Result<std::optional<agent::ExitStatus>> wait_exit(int timeout_ms);
  bool is_running() const { return process_.has_value(); }
  bool was_signalled(int number) const { return signalled_ == number; }

  // Reads what was logged meanwhile; true if there is a new line.
  bool read_log();
  const std::vector<std::string>& log() const { return log_; }
  const std::vector<std::string>& output() const { return output_; }
  // Index behind the first line from `from` on that contains the text.
  std::optional<std::size_t> find_log(std::size_t from, std::string_view text) const;
  std::size_t log_start() const { return log_start_; }  // of the present process
  std::size_t log_cursor = 0;                           // of the script's barriers

  const std::string& name() const { return decl_.name; }
  const std::string& directory() const { return directory_; }
  const std::string& host() const { return host_; }
  bool has_monitor() const;
  int port() const { return port_; }
  int monitor_port() const { return monitor_port_; }
  int pid() const { return pid_; }
  std::optional<int> port_of(std::string_view port_name) const;
  const std::map<std::string, int, std::less<>>& named_ports() const { return named_ports_; }
  bool logs_debug() const;
  bool logs_trace() const;

 private:
  std::map<std::string, MadeCertificate, std::less<>> certificates_;

  agent::Result<void> copy_fixture(const std::string& fixtures, const std::string& name);
  struct LogFile {
    std::uint64_t offset = 0;
    std::string open_line;
  };

  agent::Result<std::vector<std::string>> make_arguments(const script::Lookup& lookup) const;
  bool uses(std::string_view property) const;
  bool mentions_text(std::string_view text) const;
  bool has_flag(std::initializer_list<std::string_view> flags) const;
  bool read_log_file(const std::string& path, std::vector<std::string>& lines);

  script::ServerDecl decl_;
  agent::Agent& agent_;
  std::string root_;
  std::string directory_;
  std::string host_;
  int port_ = 0;
  int monitor_port_ = 0;
  std::map<std::string, int, std::less<>> named_ports_;
  std::optional<agent::Process> process_;
  int pid_ = 0;
  int signalled_ = 0;
  int executions_ = 0;
  std::map<std::string, LogFile> log_files_;
  std::vector<std::string> log_;
  std::vector<std::string> output_;
  std::size_t log_start_ = 0;
};

}  // namespace natstwin::runner
