#include "conformance/agent/local_agent.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include "conformance/agent/ports.h"
#include "conformance/agent/processes.h"
#include "conformance/agent/proxy.h"

namespace natstwin::agent {
namespace {

namespace fs = std::filesystem;

Result<void> outcome(const std::string& what, const std::error_code& error) {
  if (error) return std::unexpected(what + ": " + error.message());
  return {};
}

class LocalAgent final : public Agent {
 public:
  explicit LocalAgent(std::string address) : address_(std::move(address)) {}

  std::string host() const override { return address_; }

  Result<std::string> make_directory(std::string_view label) override {
    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    std::string path = (base / ("natstwin-" + std::string(label) + "-XXXXXX")).string();
    if (error || mkdtemp(path.data()) == nullptr) return std::unexpected(path + ": " + strerror(errno));
    return path;
  }

  Result<void> create_directory(const std::string& path) override {
    std::error_code error;
    fs::create_directories(path, error);
    return outcome(path, error);
  }

  Result<void> remove_directory(const std::string& path) override {
    std::error_code error;
    fs::remove_all(path, error);
    return outcome(path, error);
  }

  Result<void> write_file(const std::string& path, const std::string& bytes) override {
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    if (!(out << bytes) || !out.flush()) return std::unexpected("cannot write " + path);
    return {};
  }

  Result<std::string> read_file(const std::string& path, std::uint64_t offset) override {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::unexpected("cannot read " + path);
    in.seekg(static_cast<std::streamoff>(offset));
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  Result<void> remove_file(const std::string& path) override {
    std::error_code error;
    if (!fs::remove(path, error) && !error) return std::unexpected(path + ": no such file");
    return outcome(path, error);
  }

  Result<std::vector<FileInfo>> list_directory(const std::string& path) override {
    std::vector<FileInfo> files;
    std::error_code error;
    for (auto entry = fs::recursive_directory_iterator(path, error); !error && entry != fs::end(entry);
         entry.increment(error)) {
      std::error_code ignored;  // a file that has just gone has no size
      const bool directory = entry->is_directory(ignored);
      const auto size = directory ? 0 : entry->file_size(ignored);
      files.push_back({fs::relative(entry->path(), path, ignored).string(), ignored ? 0 : size, directory});
    }
    if (error) return std::unexpected(path + ": " + error.message());
    std::ranges::sort(files, {}, &FileInfo::name);
    return files;
  }

  Result<int> reserve_port(std::uint64_t seed) override { return ports_.reserve(seed); }
  void release_port(int port) override { ports_.release(port); }
  Result<bool> is_listening(int port) override { return Ports::is_listening(port); }

  Result<bool> has_program(const std::string& name) override {
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      const fs::path program = fs::path(rest.substr(0, end)) / name;
      if (access(program.c_str(), X_OK) == 0) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
  }

  Result<Process> start(const ProcessSpec& spec) override { return processes_.start(spec); }
  Result<void> signal(std::uint64_t process, int number) override {
    return processes_.signal(process, number);
  }
  Result<std::optional<ExitStatus>> wait(std::uint64_t process, int timeout_ms) override {
    return processes_.wait(process, timeout_ms);
  }

  Result<Proxy> open_proxy(int target_port) override {
    auto proxy = FaultProxy::open(target_port);
    if (!proxy) return std::unexpected(proxy.error());
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_proxy_++;
    const int port = (*proxy)->port();
    proxies_.emplace(id, std::move(*proxy));
    return Proxy{id, port};
  }

  Result<void> set_fault(std::uint64_t proxy, Fault fault) override {
    const std::lock_guard lock(mutex_);
    const auto found = proxies_.find(proxy);
    if (found == proxies_.end()) return std::unexpected("no such proxy");
    found->second->set_fault(fault);
    return {};
  }

  void close_proxy(std::uint64_t proxy) override {
    const std::lock_guard lock(mutex_);
    proxies_.erase(proxy);
  }

 private:
  std::string address_;
  Ports ports_;
  Processes processes_;
  std::mutex mutex_;
  // Held by mutex_:
  std::map<std::uint64_t, std::unique_ptr<FaultProxy>> proxies_;
  std::uint64_t next_proxy_ = 1;
};

}  // namespace

std::unique_ptr<Agent> make_local_agent(std::string address) {
  return std::make_unique<LocalAgent>(std::move(address));
}

}  // namespace natstwin::agent
