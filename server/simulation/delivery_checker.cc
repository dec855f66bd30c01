#include "server/simulation/delivery_checker.h"

#include <fmt/core.h>

#include <charconv>

namespace nats::simulation {
namespace {

std::uint64_t check_sum(std::uint64_t publisher, std::uint64_t number) {
  return (publisher * 1'000'003 + number) * 0x9E3779B97F4A7C15ull >> 40;
}

bool take_number(std::string_view& text, std::uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

}  // namespace

std::string make_payload(std::uint32_t publisher, std::uint64_t number) {
  return fmt::format("{} {} {}", publisher, number, check_sum(publisher, number));
}

std::string DeliveryChecker::on_delivered(std::uint32_t subscriber, std::string_view payload) {
  ++delivered_;
  std::uint64_t publisher = 0;
  std::uint64_t number = 0;
  std::uint64_t sum = 0;
  std::string_view rest = payload;
  if (!take_number(rest, publisher) || !take_number(rest, number) || !take_number(rest, sum) ||
      !rest.empty() || sum != check_sum(publisher, number))
    return fmt::format("subscriber {} got a changed payload: {}", subscriber, payload);
  std::uint64_t& last = last_[std::uint64_t{subscriber} << 32 | publisher];
  if (number <= last)
    return fmt::format("subscriber {} got message {} of publisher {} after {}", subscriber, number, publisher,
                       last);
  last = number;
  return {};
}

}  // namespace nats::simulation
