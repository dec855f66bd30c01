// The handles that the application holds on the simulated network.
#pragma once

#include "server/sys/sim/sim_network.h"

namespace nats::sys {

class SimStream final : public Stream {
 public:
  SimStream(SimNetwork& network, std::uint32_t side) : network_(network), side_(side) {}
  ~SimStream() override { network_.release(side_); }

  void start(StreamHandler& handler) override { network_.start(side_, handler); }
  void pause_reading() override { network_.side_at(side_).paused = true; }
  void resume_reading() override { network_.resume(side_); }
  Result<std::size_t> write(std::span<const Bytes> pieces) override { return network_.write(side_, pieces); }
  void want_writable() override { network_.want_writable(side_); }
  Endpoint local() const override { return network_.endpoint_of(side_); }
  Endpoint remote() const override { return network_.endpoint_of(SimNetwork::peer_of(side_)); }
  Loop& loop() const override { return *network_.side_at(side_).loop; }

 private:
  SimNetwork& network_;
  const std::uint32_t side_;
};

class SimListener final : public Listener {
 public:
  SimListener(SimNetwork& network, std::uint32_t number, std::uint32_t generation, Endpoint local)
      : network_(network), number_(number), generation_(generation), local_(std::move(local)) {}
  ~SimListener() override { network_.close_listener(number_, generation_); }

  Endpoint local() const override { return local_; }

 private:
  SimNetwork& network_;
  const std::uint32_t number_;
  const std::uint32_t generation_;
  const Endpoint local_;
};

}  // namespace nats::sys
