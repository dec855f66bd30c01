// publish: one connection floods, nobody listens. pair: one floods, N connections get everything (1:1,
// fan-out).
#include <algorithm>
#include <deque>

#include "tools/load/clock.h"
#include "tools/load/commands.h"
#include "tools/load/failure.h"
#include "tools/load/flood.h"
#include "tools/load/measurement.h"

namespace natstwin::load {

namespace {

constexpr std::uint64_t blocked_wait_ns = 10'000'000;
constexpr double drain_seconds = 30;
constexpr std::string_view subject = "bench.a";

struct Setup {
  std::uint16_t port = 0;
  pid_t pid = 0;
  std::size_t payload_size = 0;
  double warmup = 0;
  double seconds = 0;
  Transport transport = Transport::plain;

  explicit Setup(Options& options)
      : port(static_cast<std::uint16_t>(options.required_count("port"))),
        pid(static_cast<pid_t>(options.required_count("pid"))),
        payload_size(options.count("payload", 16)),
        warmup(options.seconds("warmup", 0.3)),
        seconds(options.seconds("seconds", 1.5)),
        transport(options.transport()) {}
};

class CountingSubscriber : public Client {
 public:
  explicit CountingSubscriber(std::size_t payload_size) : payload_size_(payload_size) {}

  void on_message(Connection&, const Frame& frame) override {
    if (frame.payload.size() != payload_size_) throw Failure("a payload changed its size");
    ++received_;
  }
  void on_repeats(Connection&, std::size_t count) override { received_ += count; }
  bool takes_repeats() const override { return true; }
  std::uint64_t received() const { return received_; }

 private:
  std::size_t payload_size_;
  std::uint64_t received_ = 0;
};

// Keeps so many messages on the way that the server never waits for work, and so few that it never has cause
// to drop a slow consumer or stall the publisher.
class FanOut {
 public:
  FanOut(Loop& loop, std::size_t payload_size, std::size_t subscribers)
      : loop_(loop), flood_(subject, payload_size) {
    constexpr std::uint64_t bytes_underway = 4 * 1024 * 1024;
    window_ = std::max<std::uint64_t>(
        16, bytes_underway / (flood_.frame_size() * std::max<std::size_t>(1, subscribers)));
    std::vector<Connection*> connections;
    for (std::size_t at = 0; at < subscribers; ++at) {
      Connection& connection = loop.connect(subscribers_.emplace_back(payload_size));
      connection.send("SUB bench.a 1\r\n");
      connections.push_back(&connection);
    }
    loop.barrier(connections);
    publisher_ = &loop.connect(flood_);
    flood_.attach(*publisher_);
  }

  // Floods for that long and waits for all of it; gives the number of messages published.
  std::uint64_t run(double seconds) {
    const std::uint64_t before = flood_.messages();
    const std::uint64_t end = now_ns() + seconds_to_ns(seconds);
    while (now_ns() < end) {
      const std::uint64_t allowed =
          subscribers_.empty() ? UINT64_MAX / flood_.frame_size() : slowest() + window_;
      flood_.pump(allowed);
      loop_.poll(publisher_->blocked() || flood_.messages() >= allowed ? blocked_wait_ns : 0);
    }
    loop_.run_until(drain_seconds, "the last message to be sent", [&] { return flood_.pause(); });
    if (subscribers_.empty())
      loop_.barrier({publisher_});
    else
      loop_.run_until(drain_seconds, "messages that were published",
                      [&] { return slowest() == flood_.messages(); });
    check_nothing_extra();
    return flood_.messages() - before;
  }

 private:
  std::uint64_t slowest() const {
    std::uint64_t least = UINT64_MAX;
    for (const CountingSubscriber& subscriber : subscribers_) least = std::min(least, subscriber.received());
    return least;
  }

  void check_nothing_extra() const {
    for (const CountingSubscriber& subscriber : subscribers_)
      if (subscriber.received() > flood_.messages())
        throw Failure("more messages arrived than were published");
  }

  Loop& loop_;
  Flood flood_;
  std::deque<CountingSubscriber> subscribers_;
  Connection* publisher_ = nullptr;
  std::uint64_t window_ = 0;
};

Report measure(const Setup& setup, std::size_t subscribers) {
  const Process server(setup.pid);
  Loop loop(setup.port, setup.transport);
  FanOut fan_out(loop, setup.payload_size, subscribers);
  fan_out.run(setup.warmup);
  Measurement measurement(server);
  measurement.start();
  const std::uint64_t messages = fan_out.run(setup.seconds);
  measurement.stop();
  Report report;
  measurement.add_to(report, messages * std::max<std::size_t>(1, subscribers));
  return report;
}

}  // namespace

Report run_publish(Options& options) {
  const Setup setup(options);
  options.check_all_known();
  return measure(setup, 0);
}

Report run_pair(Options& options) {
  const Setup setup(options);
  const std::size_t subscribers = options.count("subscribers", 1);
  options.check_all_known();
  if (subscribers == 0) throw Failure("--subscribers must be at least 1");
  return measure(setup, subscribers);
}

}  // namespace natstwin::load
