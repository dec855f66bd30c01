// request: one connection asks, another answers, `in-flight` questions at a time, each with a reply subject
// of its own under one wildcard subscription, as client libraries do it.
#include <fmt/core.h>

#include <string>

#include "tools/load/clock.h"
#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/measurement.h"
#include "tools/load/responder.h"

namespace natstwin::load {

namespace {

constexpr double drain_seconds = 30;

class Requester : public Client {
 public:
  explicit Requester(std::size_t payload_size) : payload_(payload_size, 'x') {}

  void subscribe(Connection& connection) { connection.send(fmt::format("SUB {}* 1\r\n", Responder::inbox)); }

  void ask(Connection& connection) {
    frame_.clear();
    fmt::format_to(std::back_inserter(frame_), "PUB {} {}{:08x} {}\r\n{}\r\n", Responder::subject,
                   Responder::inbox, asked_++, payload_.size(), payload_);
    connection.send(frame_);
  }

  void on_message(Connection& connection, const Frame& frame) override {
    if (frame.payload.size() != payload_.size()) throw Failure("a reply that is not what was asked");
    ++answered_;
    if (asking_) ask(connection);
  }

  void keep_asking(bool asking) { asking_ = asking; }
  std::uint64_t asked() const { return asked_; }
  std::uint64_t answered() const { return answered_; }

 private:
  std::string payload_;
  std::string frame_;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  bool asking_ = false;
};

std::uint64_t run(Loop& loop, Requester& requester, Connection& connection, std::uint64_t in_flight,
                  double seconds) {
  const std::uint64_t before = requester.answered();
  requester.keep_asking(true);
  for (std::uint64_t at = 0; at < in_flight; ++at) requester.ask(connection);
  loop.run_for(seconds);
  requester.keep_asking(false);
  loop.run_until(drain_seconds, "replies", [&] { return requester.answered() == requester.asked(); });
  return requester.answered() - before;
}

}  // namespace

Report run_request(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const std::size_t payload_size = options.count("payload", 16);
  const std::uint64_t in_flight = options.count("in-flight", 64);
  const double warmup = options.seconds("warmup", 0.3);
  const double seconds = options.seconds("seconds", 1.5);
  options.check_all_known();
  if (in_flight == 0) throw Failure("--in-flight must be at least 1");

  Loop loop(port);
  Responder responder;
  Connection& answering = loop.connect(responder);
  responder.subscribe(answering);
  Requester requester(payload_size);
  Connection& asking = loop.connect(requester);
  requester.subscribe(asking);
  loop.barrier({&answering, &asking});

  run(loop, requester, asking, in_flight, warmup);
  Measurement measurement(server);
  measurement.start();
  const std::uint64_t messages = run(loop, requester, asking, in_flight, seconds);
  measurement.stop();
  Report report;
  measurement.add_to(report, messages);
  return report;
}

}  // namespace natstwin::load
