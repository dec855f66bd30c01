#include "server/sys/real/real_ground.h"

#include <malloc.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "server/base/check.h"
#include "server/sys/real/clocks.h"
#include "server/sys/real/diagnostics/real_diagnostics.h"
#include "server/sys/real/real_connect.h"
#include "server/sys/real/real_files.h"
#include "server/sys/real/real_listener.h"
#include "server/sys/real/real_loop.h"
#include "server/sys/real/real_message_sender.h"
#include "server/sys/real/real_process.h"
#include "server/sys/real/real_signals.h"
#include "server/sys/real/real_workers.h"
#include "server/sys/real/tls/real_tls.h"

namespace nats::sys {

namespace {

// Wakes loop 0 once a second to sample the CPU time, as the reference does.
class CpuSampler final : public Timer {
 public:
  CpuSampler(Loop& loop, RealProcess& process) : loop_(loop), process_(process) {}
  void arm() { loop_.arm(*this, loop_.now() + interval); }
  void on_timer(Instant) override {
    process_.sample_cpu();
    arm();
  }

 private:
  static constexpr Duration interval = Duration::from_seconds(1);
  Loop& loop_;
  RealProcess& process_;
};

class RealGroundImpl final : public RealGround {
 public:
  RealGroundImpl(int loops, int workers_max) : workers_(workers_max) {
    for (int index = 0; index < loops; ++index) loops_.push_back(std::make_unique<RealLoop>(index));
  }

  ~RealGroundImpl() override {
    workers_.stop();
    for (auto& loop : loops_) loop->drop_posted();
  }

  int loop_count() const override { return static_cast<int>(loops_.size()); }
  Loop& loop(int index) override { return *loops_.at(static_cast<std::size_t>(index)); }

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Loop& loop, AcceptHandler& accept) override {
    return make_real_listener(at, static_cast<RealLoop&>(loop), accept);
  }
  void connect(const Endpoint& to, Loop& loop, Duration timeout,
               std::move_only_function<void(Result<std::unique_ptr<Stream>>)> done) override {
    connect_real_stream(to, static_cast<RealLoop&>(loop), workers_, timeout, std::move(done));
  }

  Result<std::unique_ptr<MessageSender>> connect_message_sender(MessageTransport transport,
                                                                const std::string& address) override {
    return RealMessageSender::connect(transport, address);
  }

  Files& files() override { return files_; }
  Entropy& entropy() override { return entropy_; }
  WorkerPool& workers() override { return workers_; }
  Tls* tls() override { return &tls_; }
  Diagnostics* diagnostics() override { return &diagnostics_; }
  Process& process() override { return process_; }
  Console& console() override { return console_; }
  WallTime wall_now() const override { return read_wall_clock(); }
  Instant now() const override { return read_monotonic_clock(); }

  void handle_signals(SignalHandler& handler) override {
    signals_ = std::make_unique<RealSignals>(*loops_.front(), handler);
  }

  Duration utc_offset(WallTime at) const override {
    time_t seconds = static_cast<time_t>(at.unix_ns / 1'000'000'000);
    tm local{};
    ::localtime_r(&seconds, &local);
    return Duration::from_seconds(local.tm_gmtoff);
  }

  void run() override;
  void stop() override {
    for (auto& loop : loops_) loop->stop();
  }

 private:
  RealFiles files_;
  RealEntropy entropy_;
  RealProcess process_;
  RealConsole console_;
  RealWorkerPool workers_;
  RealTls tls_{workers_};
  RealDiagnostics diagnostics_;
  std::vector<std::unique_ptr<RealLoop>> loops_;
  std::unique_ptr<RealSignals> signals_;
};

void RealGroundImpl::run() {
  CpuSampler sampler(*loops_.front(), process_);
  sampler.arm();
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < loops_.size(); ++index)
    threads.emplace_back([loop = loops_[index].get()] { loop->run(); });
  loops_.front()->run();
  for (std::thread& thread : threads) thread.join();
  workers_.stop();
}

// A fresh server is to stay small: glibc would give each thread an arena of its own.
void limit_allocator(int loops) { ::mallopt(M_ARENA_MAX, std::max(1, loops)); }

}  // namespace

Result<std::unique_ptr<RealGround>> RealGround::open(RealGroundOptions options) {
  if (options.loops < 0 || options.workers_max < 1)
    return fail(ErrorCode::invalid_argument, "a ground needs a loop and a worker");
  int loops = options.loops > 0 ? options.loops : RealProcess().cores();
  limit_allocator(loops);
  ::signal(SIGPIPE, SIG_IGN);
  ::tzset();
  try {
    return std::make_unique<RealGroundImpl>(loops, options.workers_max);
  } catch (const std::system_error& error) {  // no descriptors left for an epoll
    return fail(ErrorCode::limit_exceeded, error.what());
  }
}

}  // namespace nats::sys
