#include "tools/load/open_loop.h"

#include <fmt/core.h>

#include <cstring>
#include <vector>

#include "tools/load/clock.h"
#include "tools/load/failure.h"

namespace natstwin::load {

namespace {

constexpr double drain_seconds = 30;
constexpr std::string_view subject = "bench.a";

}  // namespace

void Stopwatch::record_from(std::uint64_t due_ns) {
  record_from_ns_ = due_ns;
  histogram_ = {};
}

void Stopwatch::on_message(Connection&, const Frame& frame) {
  std::uint64_t due = 0;
  if (frame.payload.size() < sizeof due) throw Failure("a payload lost its time");
  std::memcpy(&due, frame.payload.data(), sizeof due);
  ++received_;
  if (due >= record_from_ns_) histogram_.record(now_ns() - due);
}

OpenLoop::OpenLoop(Loop& loop, const Pattern& pattern)
    : loop_(loop), pattern_(pattern), padding_(pattern.payload_size, 'x') {
  std::vector<Connection*> ready;
  if (pattern.request) {
    ready.push_back(&loop.connect(responder_));
    responder_.subscribe(*ready.back());
    publisher_ = &loop.connect(stopwatch_);
    publisher_->send(fmt::format("SUB {}* 1\r\n", Responder::inbox));
  } else {
    for (std::size_t at = 0; at < pattern.subscribers; ++at) {
      ready.push_back(&loop.connect(stopwatch_));
      ready.back()->send(fmt::format("SUB {} 1\r\n", subject));
    }
    publisher_ = &loop.connect(stopwatch_);
  }
  ready.push_back(publisher_);
  loop.barrier(ready);
}

std::uint64_t OpenLoop::run(double rate, double warmup, double seconds,
                            const std::function<void()>& on_warm) {
  const double interval = 1e9 / rate;
  const auto warm_count = static_cast<std::uint64_t>(warmup * rate);
  const auto total = static_cast<std::uint64_t>((warmup + seconds) * rate);
  const std::uint64_t begin = now_ns() + 1'000'000;
  const std::uint64_t expected = stopwatch_.received() + total * pattern_.subscribers;
  lateness_ = {};
  for (std::uint64_t sent = 0; sent < total;) {
    const std::uint64_t due = begin + static_cast<std::uint64_t>(static_cast<double>(sent) * interval);
    const std::uint64_t now = now_ns();
    if (now < due) {
      loop_.poll(due - now);
      continue;
    }
    if (sent == warm_count) {
      stopwatch_.record_from(due);
      on_warm();
    }
    publish(due, sent++);
    if (sent > warm_count) lateness_.record(now - due);
  }
  loop_.run_until(drain_seconds, "messages that were published",
                  [&] { return stopwatch_.received() >= expected; });
  if (stopwatch_.received() > expected) throw Failure("more messages arrived than were published");
  return (total - warm_count) * pattern_.subscribers;
}

void OpenLoop::publish(std::uint64_t due, std::uint64_t sequence) {
  std::memcpy(padding_.data(), &due, sizeof due);
  frame_.clear();
  if (pattern_.request)
    fmt::format_to(std::back_inserter(frame_), "PUB {} {}{:08x} {}\r\n", Responder::subject, Responder::inbox,
                   sequence, padding_.size());
  else
    fmt::format_to(std::back_inserter(frame_), "PUB {} {}\r\n", subject, padding_.size());
  frame_ += padding_;
  frame_ += "\r\n";
  publisher_->send(frame_);
}

}  // namespace natstwin::load
