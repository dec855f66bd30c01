#include "server/sys/real/real_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

#include "server/sys/real/clocks.h"
#include "server/sys/real/operation_slot.h"

namespace nats::sys {

namespace {

// Events handled in one round at most, so that timers and flushes are never put off for long.
constexpr int round_events_max = 512;
constexpr int round_timers_max = 4096;
constexpr Duration quiet_wait_min = Duration::from_us(5);

// Streams are used by the loop's thread only, so the reactor's per-descriptor locks are off; the
// scheduler's stay on for posts from other threads.
constexpr int concurrency_hint = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;

thread_local const RealLoop* this_thread_loop = nullptr;

}  // namespace

// The one posted operation that ends the blocking wait.
struct RealLoop::Waker {
  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  struct Handler {
    using allocator_type = SlotAllocator<char>;
    Waker* waker;
    allocator_type get_allocator() const { return allocator_type(waker->slot); }
    void operator()() const { waker->posted.store(false); }
  };

  explicit Waker(boost::asio::io_context& io) : work(io.get_executor()) {}

  void end_wait(boost::asio::io_context& io) {
    if (!posted.exchange(true)) boost::asio::post(io, Handler{this});
  }

  WorkGuard work;
  OperationSlot slot;
  std::atomic<bool> posted{false};
};

RealLoop::RealLoop(int index)
    : index_(index),
      io_(std::make_unique<boost::asio::io_context>(concurrency_hint)),
      waker_(std::make_unique<Waker>(*io_)),
      read_buffer_(new char[read_buffer_size]),
      now_(read_monotonic_clock()) {}

RealLoop::~RealLoop() {
  drop_posted();
  // Handlers left in the io_context use the waker's slot and give it back.
  waker_->work.reset();
  io_.reset();
}

void RealLoop::drop_posted() {
  std::vector<Task> dropped;
  {
    std::lock_guard lock(posted_mutex_);
    dropped.swap(posted_);
  }
}

Instant RealLoop::now_exact() const { return read_monotonic_clock(); }
WallTime RealLoop::wall_now() const { return read_wall_clock(); }
bool RealLoop::on_this_loop() const { return this_thread_loop == this; }

void RealLoop::refresh_now() {
  now_ = read_monotonic_clock();
  now_is_stale_ = false;
}

void RealLoop::post(Task task) {
  {
    std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(task));
  }
  wake();
}

void RealLoop::wake() {
  if (wake_pending_.exchange(true)) return;
  // Pairs with wait_for_events(): either we see waiting_, or the loop sees wake_pending_.
  if (waiting_.load()) waker_->end_wait(*io_);
}

void RealLoop::stop() {
  stopped_.store(true);
  wake();
}

void RealLoop::run() {
  this_thread_loop = this;
  running_.store(true, std::memory_order_release);
  while (!stopped_.load()) {
    wait_for_events();
    enter();
    if (more_events_likely()) poll_more_events();
    fire_timers();
    run_posted();
    if (hook_) hook_->on_round_end(now_);
  }
  running_.store(false, std::memory_order_release);
  this_thread_loop = nullptr;
}

void RealLoop::wait_for_events() {
  now_is_stale_ = true;
  wait_begin_ = read_monotonic_clock();
  waiting_.store(true);
  waited_ = !wake_pending_.load() && (timers_.empty() || wait_begin_ < timers_.next());
  if (waited_ && timers_.empty()) {
    io_->run_one();
  } else if (waited_) {
    io_->run_one_for(std::chrono::nanoseconds((timers_.next() - wait_begin_).ns));
  }
  waiting_.store(false);
}

// The last poll of a round finds nothing and costs a system call. When the loop had to wait for its
// first event, a second one is unlikely; should there be one, the next wait is short and it is polled.
bool RealLoop::more_events_likely() const {
  return !waited_ || poll_found_events_ || now_ - wait_begin_ < quiet_wait_min;
}

void RealLoop::poll_more_events() {
  int count = 0;
  while (count < round_events_max && io_->poll_one() > 0) ++count;
  poll_found_events_ = count > 0;
}

void RealLoop::fire_timers() {
  for (int count = 0; count < round_timers_max; ++count) {
    if (!timers_.fire_one(now_)) break;
  }
}

void RealLoop::run_posted() {
  if (!wake_pending_.exchange(false)) return;
  {
    std::lock_guard lock(posted_mutex_);
    running_tasks_.swap(posted_);
  }
  for (Task& task : running_tasks_) task();
  running_tasks_.clear();
}

}  // namespace nats::sys
