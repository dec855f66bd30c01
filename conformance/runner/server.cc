#include "conformance/runner/server.h"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace natstwin::runner {
namespace {

using agent::Result;

constexpr std::string_view config_name = "config.conf";

bool mentions(const script::Template& text, std::string_view variable) {
  return std::ranges::any_of(text,
                             [&](const script::Segment& s) { return s.variable && s.text == variable; });
}

bool contains(const script::Template& text, std::string_view part) {
  return std::ranges::any_of(
      text, [&](const script::Segment& s) { return s.text.find(part) != std::string::npos; });
}

}  // namespace

Server::Server(const script::ServerDecl& decl, agent::Agent& agent, const std::string& root)
    : decl_(decl), agent_(agent), root_(root), directory_(root + "/" + decl.name), host_(agent.host()) {}

Server::~Server() {
  if (process_) {
    // Only where the run itself failed: the end of a scenario has waited for the exit.
    (void)agent_.signal(process_->id, SIGKILL);
    (void)agent_.wait(process_->id, 5000);
  }
  for (const auto& [name, port] : named_ports_) agent_.release_port(port);
  if (port_ != 0) agent_.release_port(port_);
  if (monitor_port_ != 0) agent_.release_port(monitor_port_);
}

Result<void> Server::reserve_ports(const std::vector<std::string>& named, std::uint64_t seed) {
  const auto reserve = [&](int& port) -> Result<void> {
    const auto reserved = agent_.reserve_port(seed++);
    if (!reserved) return std::unexpected(reserved.error());
    port = *reserved;
    return {};
  };
  if (auto done = reserve(port_); !done) return done;
  if (auto done = reserve(monitor_port_); !done) return done;
  for (const std::string& name : named) {
    if (auto done = reserve(named_ports_[name]); !done) return done;
  }
  return {};
}

Result<void> Server::make_certificates() {
  for (const script::Certificate& wanted : decl_.certificates) {
    const auto issuer = certificates_.find(wanted.issuer);
    const std::string responder =
        wanted.ocsp.empty() ? "" : "http://127.0.0.1:" + std::to_string(named_ports_.at(wanted.ocsp));
    auto made =
        make_certificate(wanted, issuer == certificates_.end() ? nullptr : &issuer->second, responder);
    if (!made) return std::unexpected(made.error());
    if (wanted.chain) made->certificate += made->chain;
    certificates_.emplace(wanted.name, std::move(*made));
  }
  return {};
}

Result<void> Server::write_files(const script::Lookup& lookup, const std::string& fixtures) {
  if (auto made = agent_.create_directory(directory_); !made) return made;
  for (const std::string& name : decl_.fixtures) {
    if (auto copied = copy_fixture(fixtures, name); !copied) return copied;
  }
  for (const auto& [name, made] : certificates_) {
    const std::string path = directory_ + "/" + name;
    if (auto done = agent_.write_file(path + ".pem", made.certificate); !done) return done;
    if (auto done = agent_.write_file(path + "-key.pem", made.key); !done) return done;
  }
  for (const script::File& file : decl_.files) {
    const auto text = script::expand(file.text, lookup);
    if (!text) return std::unexpected(text.error());
    if (auto written = agent_.write_file(directory_ + "/" + file.name, *text); !written) return written;
  }
  return write_config(lookup);
}

// Below the server's own directory its path is the same in every checkout and on every agent.
Result<void> Server::copy_fixture(const std::string& fixtures, const std::string& name) {
  std::ifstream in(fixtures + "/" + name, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return std::unexpected("fixture " + name + " cannot be read");
  const std::string path = directory_ + "/" + name;
  if (auto made = agent_.create_directory(path.substr(0, path.rfind('/'))); !made) return made;
  return agent_.write_file(path, text);
}

Result<void> Server::write_config(const script::Lookup& lookup) {
  if (!decl_.has_config) return {};
  const auto text = script::expand(decl_.config, lookup);
  if (!text) return std::unexpected(text.error());
  return agent_.write_file(directory_ + "/" + std::string(config_name), *text);
}

void Server::set_config(std::vector<script::Piece> config) {
  decl_.config = std::move(config);
  decl_.has_config = true;
}

bool Server::uses(std::string_view property) const {
  const std::string variable = decl_.name + "." + std::string(property);
  return std::ranges::any_of(decl_.flags, [&](const auto& flag) { return mentions(flag, variable); }) ||
         std::ranges::any_of(decl_.config,
                             [&](const auto& piece) { return mentions(piece.text, variable); }) ||
         std::ranges::any_of(decl_.files, [&](const script::File& file) {
           return std::ranges::any_of(file.text,
                                      [&](const auto& piece) { return mentions(piece.text, variable); });
         });
}

bool Server::mentions_text(std::string_view text) const {
  return std::ranges::any_of(decl_.config, [&](const auto& piece) { return contains(piece.text, text); });
}

bool Server::has_flag(std::initializer_list<std::string_view> flags) const {
  return std::ranges::any_of(decl_.flags, [&](const script::Template& flag) {
    return flag.size() == 1 && std::ranges::find(flags, flag.front().text) != flags.end();
  });
}

bool Server::has_monitor() const { return uses("monitor_port") || (decl_.monitor && decl_.defaults); }

bool Server::logs_debug() const {
  return has_flag({"-D", "--debug", "-debug", "-DV", "--DV", "-DVV", "--DVV"}) || mentions_text("debug");
}

bool Server::logs_trace() const {
  return has_flag({"-V", "--trace", "-trace", "-VV", "--VV", "-DV", "--DV", "-DVV", "--DVV"}) ||
         mentions_text("trace");
}

Result<std::vector<std::string>> Server::make_arguments(const script::Lookup& lookup) const {
  std::vector<std::string> arguments;
  for (const script::Template& flag : decl_.flags) {
    auto text = script::expand(flag, lookup);
    if (!text) return std::unexpected(text.error());
    arguments.push_back(std::move(*text));
  }
  if (!decl_.defaults) return arguments;
  if (decl_.has_config) arguments.insert(arguments.end(), {"-c", std::string(config_name)});
  if (!uses("port")) arguments.insert(arguments.end(), {"-a", host_, "-p", std::to_string(port_)});
  if (decl_.monitor && !uses("monitor_port"))
    arguments.insert(arguments.end(), {"-m", std::to_string(monitor_port_)});
  return arguments;
}

Result<void> Server::launch(const std::string& binary, const script::Lookup& lookup) {
  const auto arguments = make_arguments(lookup);
  if (!arguments) return std::unexpected(arguments.error());
  agent::ProcessSpec spec{binary,
                          *arguments,
                          {},
                          directory_,
                          root_ + "/" + decl_.name + ".stdout",
                          root_ + "/" + decl_.name + ".stderr"};
  for (const auto& [name, value] : decl_.environment) {
    auto text = script::expand(value, lookup);
    if (!text) return std::unexpected(text.error());
    spec.environment.emplace_back(name, std::move(*text));
  }
  read_log();
  log_start_ = log_.size();
  signalled_ = 0;
  const auto process = agent_.start(spec);
  if (!process) return std::unexpected(process.error());
  process_ = *process;
  pid_ = process->pid;
  return {};
}

Result<Server::Execution> Server::execute(const std::string& binary,
                                          const std::vector<std::string>& arguments,
                                          const script::Lookup& lookup, int timeout_ms) {
  const std::string output = root_ + "/" + decl_.name + ".exec" + std::to_string(++executions_);
  agent::ProcessSpec spec{binary, arguments, {}, directory_, output + ".stdout", output + ".stderr"};
  for (const auto& [name, value] : decl_.environment) {
    auto text = script::expand(value, lookup);
    if (!text) return std::unexpected(text.error());
    spec.environment.emplace_back(name, std::move(*text));
  }
  const auto process = agent_.start(spec);
  if (!process) return std::unexpected(process.error());
  const auto exit = agent_.wait(process->id, timeout_ms);
  if (!exit) return std::unexpected(exit.error());
  if (!*exit) {
    (void)agent_.signal(process->id, SIGKILL);
    (void)agent_.wait(process->id, timeout_ms);
  }
  auto out = agent_.read_file(output + ".stdout", 0);
  auto err = agent_.read_file(output + ".stderr", 0);
  if (!out || !err) return std::unexpected(out ? err.error() : out.error());
  return Execution{*exit, std::move(*out), std::move(*err)};
}

Result<void> Server::signal(int number) {
  if (!process_) return std::unexpected("server " + decl_.name + " does not run");
  signalled_ = number;
  return agent_.signal(process_->id, number);
}

Result<std::optional<agent::ExitStatus>> Server::wait_exit(int timeout_ms) {
  if (!process_) return std::unexpected("server " + decl_.name + " does not run");
  auto exit = agent_.wait(process_->id, timeout_ms);
  if (exit && *exit) process_.reset();
  return exit;
}

bool Server::read_log_file(const std::string& path, std::vector<std::string>& lines) {
  LogFile& file = log_files_[path];
  const auto bytes = agent_.read_file(path, file.offset);
  if (!bytes || bytes->empty()) return false;  // not there yet
  file.offset += bytes->size();
  file.open_line += *bytes;
  const auto before = lines.size();
  for (auto end = file.open_line.find('\n'); end != std::string::npos; end = file.open_line.find('\n')) {
    lines.push_back(file.open_line.substr(0, end));
    file.open_line.erase(0, end + 1);
  }
  return lines.size() > before;
}

bool Server::read_log() {
  bool any = read_log_file(root_ + "/" + decl_.name + ".stderr", log_);
  any = read_log_file(root_ + "/" + decl_.name + ".stdout", output_) || any;
  if (!mentions_text("log") && !has_flag({"-l", "--log", "-log"})) return any;
  const auto files = agent_.list_directory(directory_);
  if (!files) return any;
  for (const agent::FileInfo& file : *files) {
    if (!file.directory && file.name.ends_with(".log"))
      any = read_log_file(directory_ + "/" + file.name, log_) || any;
  }
  return any;
}

std::optional<std::size_t> Server::find_log(std::size_t from, std::string_view text) const {
  for (std::size_t i = from; i < log_.size(); ++i) {
    if (log_[i].find(text) != std::string::npos) return i + 1;
  }
  return std::nullopt;
}

std::optional<int> Server::port_of(std::string_view port_name) const {
  if (port_name.empty()) return port_;
  if (port_name == "monitor") return monitor_port_;
  const auto found = named_ports_.find(port_name);
  return found == named_ports_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace natstwin::runner
