#include "server/sys/real/real_signals.h"

#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/base/check.h"

namespace nats::sys {

namespace {

struct SignalName {
  int number;
  Signal signal;
};

constexpr SignalName signal_names[] = {
    {SIGINT, Signal::interrupt}, {SIGTERM, Signal::terminate}, {SIGHUP, Signal::hangup},
    {SIGUSR1, Signal::user1},    {SIGUSR2, Signal::user2},
};

}  // namespace

int signal_number(Signal signal) {
  for (const SignalName& name : signal_names)
    if (name.signal == signal) return name.number;
  return SIGKILL;  // nobody hears it
}

struct RealSignals::Waiter {
  Waiter(RealLoop& home, SignalHandler& target) : loop(home), handler(target), signals(home.io()) {
    for (const SignalName& name : signal_names) {
      boost::system::error_code error;
      signals.add(name.number, error);
      NATS_CHECK(!error);
    }
  }

  void wait() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;  // destroyed
      loop.enter();
      for (const SignalName& name : signal_names) {
        if (name.number == number) handler.on_signal(name.signal);
      }
      wait();
    });
  }

  RealLoop& loop;
  SignalHandler& handler;
  boost::asio::signal_set signals;
};

RealSignals::RealSignals(RealLoop& loop, SignalHandler& handler)
    : waiter_(std::make_unique<Waiter>(loop, handler)) {
  waiter_->wait();
}

RealSignals::~RealSignals() = default;

}  // namespace nats::sys
