#include "server/app/lame_duck.h"

#include <algorithm>
#include <utility>

#include "server/broker/broker.h"
#include "server/broker/session/loop_clients.h"

namespace nats::app {
namespace {

constexpr Duration interval_max = Duration::from_seconds(1);

}  // namespace

LameDuck::LameDuck(broker::Broker& broker, std::function<void()> done)
    : broker_(broker), done_(std::move(done)) {}

// Who is there now is closed later; who leaves by himself meanwhile still takes his turn.
void LameDuck::begin() {
  loops_left_ = broker_.loop_count();
  for (int i = 0; i < broker_.loop_count(); ++i) {
    broker_.loop(i).loop().post([this, i] {
      broker_.clients(i).for_each(
          [](broker::ClientConnection& connection) { connection.session().send_lame_duck_info(); });
      broker_.loop(0).loop().post([this, i, ids = broker_.clients(i).ids()] {
        for (std::uint64_t id : ids) victims_.push_back({i, id});
        if (--loops_left_ == 0) wait_for_grace();
      });
    });
  }
}

void LameDuck::wait_for_grace() {
  sys::Loop& loop = broker_.loop(0).loop();
  loop.arm(*this, loop.now() + broker_.options().lame_duck_grace_period);
}

void LameDuck::on_timer(Instant) {
  if (closing_) return close_next();
  closing_ = true;
  broker_.log().info("Closing existing clients");
  begin_closing();
}

// Spread over what is left of the duration, but never slower than one a second.
void LameDuck::begin_closing() {
  if (victims_.empty()) return done_();
  const config::Options& options = broker_.options();
  Duration left = options.lame_duck_duration - options.lame_duck_grace_period;
  if (left.ns <= 0) left = Duration::from_seconds(1);
  auto count = static_cast<std::int64_t>(victims_.size());
  interval_ = std::min(left / count, interval_max);
  if (interval_.ns < 1) {
    interval_ = {1};
    batch_ = static_cast<std::size_t>(count / left.ns);
  }
  close_next();
}

void LameDuck::close_next() {
  for (std::size_t i = 0; i < batch_ && !victims_.empty(); ++i) {
    Victim victim = victims_.back();
    victims_.pop_back();
    broker_.loop(victim.loop).loop().post([this, victim] {
      broker::ClientConnection* connection = broker_.clients(victim.loop).find(victim.client_id);
      if (connection) connection->close(broker::CloseReason::server_shutdown);
    });
  }
  if (victims_.empty()) return done_();
  // Between half of the interval and the whole of it.
  auto chance = broker_.ground().entropy().next_u64() % static_cast<std::uint64_t>(interval_.ns);
  Duration wait{std::max(static_cast<std::int64_t>(chance), interval_.ns / 2)};
  sys::Loop& loop = broker_.loop(0).loop();
  loop.arm(*this, loop.now() + wait);
}

}  // namespace nats::app
