#include "conformance/agent/agent_service.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "conformance/agent/agent.grpc.pb.h"
#include "conformance/agent/local_agent.h"

namespace natstwin::agent {
namespace {

using grpc::ServerContext;
using grpc::Status;

constexpr int message_bytes_max = 256 << 20;

Status failed(const std::string& reason) { return {grpc::StatusCode::FAILED_PRECONDITION, reason}; }

template <typename T>
Status status_of(const Result<T>& result) {
  return result ? Status::OK : failed(result.error());
}

// The sessions that are open, by name. Names are not to be guessed: they are the only credential.
class Sessions {
 public:
  explicit Sessions(std::string host) : host_(std::move(host)) {}

  std::string open() {
    const std::lock_guard lock(mutex_);
    std::string name;
    for (int i = 0; i < 4; ++i) name += std::to_string(device_());
    agents_[name] = make_local_agent(host_);
    return name;
  }

  // The agent dies with the last call that uses it, and with it what it started.
  void close(const std::string& name) {
    const std::lock_guard lock(mutex_);
    agents_.erase(name);
  }

  std::shared_ptr<Agent> find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = agents_.find(name);
    return found == agents_.end() ? nullptr : found->second;
  }

 private:
  std::string host_;
  std::mutex mutex_;
  // Held by mutex_:
  std::map<std::string, std::shared_ptr<Agent>> agents_;
  std::random_device device_;
};

class Service final : public rpc::AgentService::Service {
 public:
  explicit Service(std::string host) : sessions_(std::move(host)) {}

  void stop() { stopping_ = true; }

  Status Attend(ServerContext* context, const rpc::AttendRequest*,
                grpc::ServerWriter<rpc::AttendReply>* writer) override {
    rpc::AttendReply reply;
    reply.set_session(sessions_.open());
    writer->Write(reply);
    while (!context->IsCancelled() && !stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    sessions_.close(reply.session());
    return Status::OK;
  }

  Status MakeDirectory(ServerContext*, const rpc::MakeDirectoryRequest* request,
                       rpc::PathReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto path = agent.make_directory(request->label());
      if (path) reply->set_path(*path);
      return status_of(path);
    });
  }

  Status CreateDirectory(ServerContext*, const rpc::PathRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) { return status_of(agent.create_directory(request->path())); });
  }

  Status RemoveDirectory(ServerContext*, const rpc::PathRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) { return status_of(agent.remove_directory(request->path())); });
  }

  Status WriteFile(ServerContext*, const rpc::WriteFileRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) {
      return status_of(agent.write_file(request->path(), request->content()));
    });
  }

  Status ReadFile(ServerContext*, const rpc::ReadFileRequest* request, rpc::ReadFileReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto content = agent.read_file(request->path(), request->offset());
      if (content) reply->set_content(*content);
      return status_of(content);
    });
  }

  Status RemoveFile(ServerContext*, const rpc::PathRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) { return status_of(agent.remove_file(request->path())); });
  }

  Status ListDirectory(ServerContext*, const rpc::PathRequest* request,
                       rpc::ListDirectoryReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto files = agent.list_directory(request->path());
      if (!files) return failed(files.error());
      for (const FileInfo& file : *files) {
        rpc::FileInfo* entry = reply->add_files();
        entry->set_name(file.name);
        entry->set_size(file.size);
        entry->set_directory(file.directory);
      }
      return Status::OK;
    });
  }

  Status ReservePort(ServerContext*, const rpc::ReservePortRequest* request, rpc::PortReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto port = agent.reserve_port(request->seed());
      if (port) reply->set_port(*port);
      return status_of(port);
    });
  }

  Status ReleasePort(ServerContext*, const rpc::PortRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) {
      agent.release_port(request->port());
      return Status::OK;
    });
  }

  Status IsListening(ServerContext*, const rpc::PortRequest* request, rpc::YesOrNo* reply) override {
    return with(request, [&](Agent& agent) { return answer(agent.is_listening(request->port()), reply); });
  }

  Status HasProgram(ServerContext*, const rpc::PathRequest* request, rpc::YesOrNo* reply) override {
    return with(request, [&](Agent& agent) { return answer(agent.has_program(request->path()), reply); });
  }

  Status Start(ServerContext*, const rpc::StartRequest* request, rpc::StartReply* reply) override {
    return with(request, [&](Agent& agent) {
      ProcessSpec spec;
      spec.program = request->program();
      spec.arguments.assign(request->arguments().begin(), request->arguments().end());
      for (const rpc::Variable& variable : request->environment()) {
        spec.environment.emplace_back(variable.name(), variable.value());
      }
      spec.directory = request->directory();
      spec.stdout_path = request->stdout_path();
      spec.stderr_path = request->stderr_path();
      const auto process = agent.start(spec);
      if (!process) return failed(process.error());
      reply->set_process(process->id);
      reply->set_pid(process->pid);
      return Status::OK;
    });
  }

  Status Signal(ServerContext*, const rpc::SignalRequest* request, rpc::Done*) override {
    return with(request,
                [&](Agent& agent) { return status_of(agent.signal(request->process(), request->number())); });
  }

  Status Wait(ServerContext*, const rpc::WaitRequest* request, rpc::WaitReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto exit = agent.wait(request->process(), request->timeout_ms());
      if (!exit) return failed(exit.error());
      reply->set_ended(exit->has_value());
      if (*exit) {
        reply->set_code((*exit)->code);
        reply->set_signal((*exit)->signal);
      }
      return Status::OK;
    });
  }

  Status OpenProxy(ServerContext*, const rpc::PortRequest* request, rpc::ProxyReply* reply) override {
    return with(request, [&](Agent& agent) {
      const auto proxy = agent.open_proxy(request->port());
      if (!proxy) return failed(proxy.error());
      reply->set_proxy(proxy->id);
      reply->set_port(proxy->port);
      return Status::OK;
    });
  }

  Status SetFault(ServerContext*, const rpc::SetFaultRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) {
      const Fault fault{static_cast<FaultKind>(request->kind()), request->delay_ms()};
      return status_of(agent.set_fault(request->proxy(), fault));
    });
  }

  Status CloseProxy(ServerContext*, const rpc::ProxyRequest* request, rpc::Done*) override {
    return with(request, [&](Agent& agent) {
      agent.close_proxy(request->proxy());
      return Status::OK;
    });
  }

 private:
  template <typename Request, typename Work>
  Status with(const Request* request, Work work) {
    const auto agent = sessions_.find(request->session());
    return agent ? work(*agent) : failed("no such session");
  }

  static Status answer(const Result<bool>& result, rpc::YesOrNo* reply) {
    if (result) reply->set_yes(*result);
    return status_of(result);
  }

  Sessions sessions_;
  std::atomic<bool> stopping_ = false;
};

class GrpcAgentServer final : public AgentServer {
 public:
  explicit GrpcAgentServer(const std::string& host) : service_(host) {}
  ~GrpcAgentServer() override { stop(); }

  bool start(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(message_bytes_max);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    return server_ != nullptr && port_ != 0;
  }

  int port() const override { return port_; }
  void wait() override { server_->Wait(); }
  void stop() override {
    service_.stop();
    if (server_) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  }

 private:
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<AgentServer>> AgentServer::listen(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return std::unexpected("an address is HOST:PORT, not '" + address + "'");
  auto server = std::make_unique<GrpcAgentServer>(address.substr(0, colon));
  if (!server->start(address)) return std::unexpected("cannot listen on " + address);
  return server;
}

}  // namespace natstwin::agent
