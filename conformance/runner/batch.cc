#include "conformance/runner/batch.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

namespace natstwin::runner {
namespace {

constexpr long scenario_ms = 150;
constexpr long server_start_ms = 60;
constexpr long tool_ms = 500;

std::atomic<bool> interrupted = false;

}  // namespace

void interrupt() { interrupted = true; }
bool is_interrupted() { return interrupted; }

void for_each_parallel(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto serve = [&] {
    for (std::size_t i = next++; i < count && !interrupted; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < jobs; ++i) threads.emplace_back(serve);
  serve();
}

long cost_of(const script::Script& script) {
  using script::Verb;
  long cost = scenario_ms;
  for (const script::Statement& statement : script.statements) {
    switch (statement.verb) {
      case Verb::quiet:
      case Verb::wait:
        cost += statement.number;
        break;
      case Verb::server_start:
      case Verb::server_restart:
      case Verb::exec:
        cost += server_start_ms;
        break;
      case Verb::tool:
      case Verb::tool_wait:
        cost += tool_ms;
        break;
      default:
        break;
    }
  }
  return cost;
}

std::expected<Shard, std::string> parse_shard(std::string_view text) {
  Shard shard;
  const auto slash = text.find('/');
  const auto number = [](std::string_view digits, int& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  const bool numbers = slash != std::string_view::npos && number(text.substr(0, slash), shard.index) &&
                       number(text.substr(slash + 1), shard.count);
  if (!numbers || shard.index < 1 || shard.index > shard.count) {
    return std::unexpected("a shard is written i/n, with i from 1 to n, not '" + std::string(text) + "'");
  }
  return shard;
}

std::vector<script::Script> take_shard(std::vector<script::Script> scripts, Shard shard) {
  if (shard.count == 1) return scripts;
  std::ranges::sort(scripts, [](const script::Script& a, const script::Script& b) {
    const long cost_a = cost_of(a);
    const long cost_b = cost_of(b);
    return cost_a != cost_b ? cost_a > cost_b : a.name < b.name;
  });
  std::vector<long> loads(static_cast<std::size_t>(shard.count));
  std::vector<script::Script> taken;
  for (script::Script& script : scripts) {
    const auto lightest = std::ranges::min_element(loads);
    *lightest += cost_of(script);
    if (lightest - loads.begin() == shard.index - 1) taken.push_back(std::move(script));
  }
  std::ranges::sort(taken, {}, &script::Script::name);
  return taken;
}

}  // namespace natstwin::runner
