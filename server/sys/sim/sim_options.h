// What a simulated world and the hosts in it are made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/base/time.h"

namespace nats::sys {

struct SimOptions {
  std::uint64_t seed = 1;

  // Each connection between hosts draws its latency from this range, each segment a quarter more at
  // most; a connection within a host has a tenth of it.
  Duration latency_min = Duration::from_us(50);
  Duration latency_max = Duration::from_us(1000);
  // How much later than asked a loop gets its turn.
  Duration scheduling_delay_max = Duration::from_us(20);
  // How long the worker pool takes.
  Duration work_min = Duration::from_us(10);
  Duration work_max = Duration::from_us(2000);
  // Bytes that one direction of a connection holds, sent and not yet read.
  std::uint32_t send_buffer_min = 16 * 1024;
  std::uint32_t send_buffer_max = 256 * 1024;
  // Of so many writes, arrivals and reads one is cut at a random byte; 0: none.
  std::uint32_t torn_one_in = 16;

  WallTime wall_start{1'900'000'000'000'000'000};
};

struct SimGroundOptions {
  std::string name;     // the host's, and its name in the simulated DNS
  std::string address;  // "10.0.0.1"; empty: the world picks one
  int loops = 2;
  int cores = 2;
  std::string executable_name = "nats-server";
  std::map<std::string, std::string, std::less<>> environment;
  std::uint64_t memory_total_bytes = std::uint64_t{8} << 30;
};

}  // namespace nats::sys
