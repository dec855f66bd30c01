// Holds over every run: a subscriber sees each publisher's messages in order, none twice, none
// changed. Messages may be lost where connections are cut; NATS core promises no more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nats::simulation {

// The payload of the n-th message of a publisher, and what it says.
std::string make_payload(std::uint32_t publisher, std::uint64_t number);

class DeliveryChecker {
 public:
  // A subscriber got a message. An error text says what does not hold; empty: all is well.
  std::string on_delivered(std::uint32_t subscriber, std::string_view payload);

  std::uint64_t delivered() const { return delivered_; }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> last_;  // by subscriber and publisher
  std::uint64_t delivered_ = 0;
};

}  // namespace nats::simulation
