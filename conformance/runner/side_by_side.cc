#include "conformance/runner/side_by_side.h"

#include <algorithm>
#include <map>

#include "conformance/trace/golden.h"

namespace natstwin::runner {
namespace {

// Of each actor as many events as both sides have.
std::map<std::string, std::size_t> counts_of(const trace::Trace& trace) {
  std::map<std::string, std::size_t> counts;
  for (const trace::Event& event : trace.events) ++counts[event.actor];
  return counts;
}

trace::Trace prefix_of(const trace::Trace& trace, std::map<std::string, std::size_t> counts) {
  trace::Trace prefix;
  prefix.scenario = trace.scenario;
  for (const trace::Event& event : trace.events) {
    const auto left = counts.find(event.actor);
    if (left == counts.end() || left->second == 0) continue;
    --left->second;
    prefix.events.push_back(event);
  }
  return prefix;
}

}  // namespace

void SideBySide::add(Side side, const trace::Event& event) {
  const std::lock_guard lock(mutex_);
  traces_[side].events.push_back(event);
  const std::size_t shorter = std::min(traces_[left].events.size(), traces_[right].events.size());
  // Comparing starts anew each time: after a tenth more it is worth it.
  if (shorter == compared_ || shorter < compared_ + 1 + compared_ / 10) return;
  compared_ = shorter;
  auto counts = counts_of(traces_[left]);
  const auto others = counts_of(traces_[right]);
  for (auto& [actor, count] : counts) {
    const auto other = others.find(actor);
    count = other == others.end() ? 0 : std::min(count, other->second);
  }
  (void)compare(prefix_of(traces_[left], counts), prefix_of(traces_[right], counts));
}

trace::Verdict SideBySide::compare(const trace::Trace& model, const trace::Trace& other) {
  const auto golden = trace::make_provisional_golden(model);
  if (!golden) return {trace::VerdictKind::not_run, golden.error(), {}};
  trace::Verdict verdict = trace::compare(*golden, other);
  for (const trace::Difference& difference : verdict.differences) {
    if (reported_.insert(line_of(difference)).second) report_(difference);
  }
  return verdict;
}

trace::Verdict SideBySide::finish() {
  const std::lock_guard lock(mutex_);
  return compare(traces_[left], traces_[right]);
}

}  // namespace natstwin::runner
