#include "conformance/agent/remote_agent.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "conformance/agent/agent.grpc.pb.h"

namespace natstwin::agent {
namespace {

constexpr int call_timeout_ms = 30000;
constexpr int message_bytes_max = 256 << 20;

using Stub = rpc::AgentService::Stub;

class RemoteAgent final : public Agent {
 public:
  RemoteAgent(std::string host, const std::shared_ptr<grpc::Channel>& channel)
      : host_(std::move(host)), stub_(rpc::AgentService::NewStub(channel)) {}

  ~RemoteAgent() override {
    attend_context_.TryCancel();
    if (attend_) attend_->Finish();
  }

  Result<void> open() {
    attend_ = stub_->Attend(&attend_context_, rpc::AttendRequest());
    rpc::AttendReply reply;
    if (!attend_->Read(&reply)) {
      const grpc::Status status = attend_->Finish();
      attend_.reset();
      return std::unexpected("no agent there: " + status.error_message());
    }
    session_ = reply.session();
    return {};
  }

  std::string host() const override { return host_; }

  Result<std::string> make_directory(std::string_view label) override {
    rpc::MakeDirectoryRequest request;
    request.set_label(std::string(label));
    const auto reply = call<rpc::PathReply>(&Stub::MakeDirectory, request);
    if (!reply) return std::unexpected(reply.error());
    return reply->path();
  }

  Result<void> create_directory(const std::string& path) override {
    return call_path(&Stub::CreateDirectory, path);
  }
  Result<void> remove_directory(const std::string& path) override {
    return call_path(&Stub::RemoveDirectory, path);
  }
  Result<void> remove_file(const std::string& path) override { return call_path(&Stub::RemoveFile, path); }

  Result<void> write_file(const std::string& path, const std::string& bytes) override {
    rpc::WriteFileRequest request;
    request.set_path(path);
    request.set_content(bytes);
    return done(call<rpc::Done>(&Stub::WriteFile, request));
  }

  Result<std::string> read_file(const std::string& path, std::uint64_t offset) override {
    rpc::ReadFileRequest request;
    request.set_path(path);
    request.set_offset(offset);
    auto reply = call<rpc::ReadFileReply>(&Stub::ReadFile, request);
    if (!reply) return std::unexpected(reply.error());
    return std::move(*reply->mutable_content());
  }

  Result<std::vector<FileInfo>> list_directory(const std::string& path) override {
    const auto reply = call<rpc::ListDirectoryReply>(&Stub::ListDirectory, path_request(path));
    if (!reply) return std::unexpected(reply.error());
    std::vector<FileInfo> files;
    for (const rpc::FileInfo& file : reply->files())
      files.push_back({file.name(), file.size(), file.directory()});
    return files;
  }

  Result<int> reserve_port(std::uint64_t seed) override {
    rpc::ReservePortRequest request;
    request.set_seed(seed);
    const auto reply = call<rpc::PortReply>(&Stub::ReservePort, request);
    if (!reply) return std::unexpected(reply.error());
    return reply->port();
  }

  // A lost agent has lost its reservations with it: nothing to do about an error.
  void release_port(int port) override { (void)call<rpc::Done>(&Stub::ReleasePort, port_request(port)); }

  Result<bool> is_listening(int port) override {
    return yes(call<rpc::YesOrNo>(&Stub::IsListening, port_request(port)));
  }
  Result<bool> has_program(const std::string& name) override {
    return yes(call<rpc::YesOrNo>(&Stub::HasProgram, path_request(name)));
  }

  Result<Process> start(const ProcessSpec& spec) override {
    rpc::StartRequest request;
    request.set_program(spec.program);
    for (const std::string& argument : spec.arguments) request.add_arguments(argument);
    for (const auto& [name, value] : spec.environment) {
      rpc::Variable* variable = request.add_environment();
      variable->set_name(name);
      variable->set_value(value);
    }
    request.set_directory(spec.directory);
    request.set_stdout_path(spec.stdout_path);
    request.set_stderr_path(spec.stderr_path);
    const auto reply = call<rpc::StartReply>(&Stub::Start, request);
    if (!reply) return std::unexpected(reply.error());
    return Process{reply->process(), reply->pid()};
  }

  Result<void> signal(std::uint64_t process, int number) override {
    rpc::SignalRequest request;
    request.set_process(process);
    request.set_number(number);
    return done(call<rpc::Done>(&Stub::Signal, request));
  }

  Result<std::optional<ExitStatus>> wait(std::uint64_t process, int timeout_ms) override {
    rpc::WaitRequest request;
    request.set_process(process);
    request.set_timeout_ms(timeout_ms);
    const auto reply = call<rpc::WaitReply>(&Stub::Wait, request, timeout_ms);
    if (!reply) return std::unexpected(reply.error());
    if (!reply->ended()) return std::optional<ExitStatus>{};
    return ExitStatus{reply->code(), reply->signal()};
  }

  Result<Proxy> open_proxy(int target_port) override {
    const auto reply = call<rpc::ProxyReply>(&Stub::OpenProxy, port_request(target_port));
    if (!reply) return std::unexpected(reply.error());
    return Proxy{reply->proxy(), reply->port()};
  }

  Result<void> set_fault(std::uint64_t proxy, Fault fault) override {
    rpc::SetFaultRequest request;
    request.set_proxy(proxy);
    request.set_kind(static_cast<rpc::SetFaultRequest::Kind>(fault.kind));
    request.set_delay_ms(fault.delay_ms);
    return done(call<rpc::Done>(&Stub::SetFault, request));
  }

  void close_proxy(std::uint64_t proxy) override {
    rpc::ProxyRequest request;
    request.set_proxy(proxy);
    (void)call<rpc::Done>(&Stub::CloseProxy, request);
  }

 private:
  template <typename Reply, typename Request>
  Result<Reply> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                     Request request, int extra_ms = 0) {
    request.set_session(session_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(call_timeout_ms + extra_ms));
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return std::unexpected(status.error_message());
    return reply;
  }

  static Result<void> done(const Result<rpc::Done>& reply) {
    if (!reply) return std::unexpected(reply.error());
    return {};
  }

  static Result<bool> yes(const Result<rpc::YesOrNo>& reply) {
    if (!reply) return std::unexpected(reply.error());
    return reply->yes();
  }

  static rpc::PathRequest path_request(const std::string& path) {
    rpc::PathRequest request;
    request.set_path(path);
    return request;
  }

  static rpc::PortRequest port_request(int port) {
    rpc::PortRequest request;
    request.set_port(port);
    return request;
  }

  Result<void> call_path(grpc::Status (Stub::*method)(grpc::ClientContext*, const rpc::PathRequest&,
                                                      rpc::Done*),
                         const std::string& path) {
    return done(call<rpc::Done>(method, path_request(path)));
  }

  std::string host_;
  std::unique_ptr<Stub> stub_;
  grpc::ClientContext attend_context_;
  std::unique_ptr<grpc::ClientReader<rpc::AttendReply>> attend_;
  std::string session_;
};

}  // namespace

Result<std::unique_ptr<Agent>> connect_to_agent(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return std::unexpected("an agent's address is HOST:PORT, not '" + address + "'");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(message_bytes_max);
  const auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(5);
  if (!channel->WaitForConnected(deadline)) return std::unexpected("no agent listens on " + address);
  auto agent = std::make_unique<RemoteAgent>(address.substr(0, colon), channel);
  if (auto opened = agent->open(); !opened) return std::unexpected(opened.error());
  return agent;
}

}  // namespace natstwin::agent
