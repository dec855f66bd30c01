// A client of a simulated world: connects, subscribes, publishes at its pace, comes back when it is
// cut off. It speaks just enough of the protocol to be sure of what it gets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/sys/ground.h"

namespace nats::simulation {

struct WorldClientPlan {
  std::uint32_t number = 0;
  sys::Endpoint server;
  std::string subscribes;       // empty: nothing
  std::string publishes;        // empty: nothing
  std::string user;             // its password is the same; empty: it says none
  bool may_be_refused = false;  // its user is not always there
  int messages_per_burst = 0;
  Duration pause;  // between bursts
};

class WorldClient final : private sys::StreamHandler, private sys::Timer {
 public:
  using OnMessage = std::function<void(std::uint32_t subscriber, std::string_view payload)>;

  WorldClient(sys::Ground& ground, sys::Loop& loop, WorldClientPlan plan, OnMessage on_message);
  ~WorldClient() override;

  void start();
  std::uint64_t reconnects() const { return reconnects_; }
  std::uint64_t refusals() const { return refusals_; }
  // An -ERR or bytes that are no protocol; empty: none.
  const std::string& failure() const { return failure_; }

 private:
  void on_bytes(Bytes in) override;
  void on_writable() override;
  void on_end(const Error& reason) override;
  void on_timer(Instant now) override;

  void connect();
  void on_connected(Result<std::unique_ptr<sys::Stream>> stream);
  bool take_op();
  void send(std::string_view text);
  void flush();
  void burst();

  sys::Ground& ground_;
  sys::Loop& loop_;
  WorldClientPlan plan_;
  OnMessage on_message_;
  std::unique_ptr<sys::Stream> stream_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::string in_;
  std::string out_;
  std::string failure_;
  std::uint64_t published_ = 0;
  std::uint64_t reconnects_ = 0;
  std::uint64_t refusals_ = 0;
  bool blocked_ = false;
};

}  // namespace nats::simulation
