#include "conformance/trace/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>

#include "conformance/trace/array_alignment.h"
#include "conformance/trace/bindings.h"
#include "conformance/trace/pairing.h"
#include "conformance/trace/pattern.h"
#include "conformance/trace/times.h"

namespace natstwin::trace {

namespace {

// Where in the run a difference shows: a place in the golden, then the order of finding.
struct Found {
  std::size_t place = 0;
  Difference difference;
};

std::string_view meta_of(const Trace& trace, std::string_view name) {
  for (const auto& [key, value] : trace.meta) {
    if (key == name) return value;
  }
  return {};
}

// Lines of the events in to_text(trace).
std::vector<int> lines_of(const Trace& trace) {
  int line = 5 + static_cast<int>(trace.meta.size());
  std::vector<int> lines;
  for (const Event& event : trace.events) {
    lines.push_back(line);
    line += 1 + static_cast<int>(event.leaves.size());
  }
  return lines;
}

std::string summary_of(const Event& event) {
  std::string out;
  for (const Leaf& leaf : event.leaves) {
    if (out.size() > 80) break;
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", leaf.path, leaf.value);
  }
  return out;
}

class Comparison {
 public:
  Comparison(const Golden& golden, const Trace& replay)
      : golden_(golden), replay_(replay), lines_(lines_of(replay)), bindings_(golden) {}

  std::vector<Difference> run() {
    // The first pairing binds what is certain; with that, the members of groups are told apart.
    Bindings certain(golden_);
    pairing_ = pair_events(golden_, replay_, nullptr);
    bind_certain(certain);
    pairing_ = pair_events(golden_, replay_, &certain);
    find_frames();
    for (std::size_t g = 0; g < golden_.events.size(); ++g) {
      if (pairing_.replay_of[g] != unpaired) compare_leaves(g, pairing_.replay_of[g], certain);
    }
    check_times();
    return sorted();
  }

 private:
  void bind_certain(Bindings& certain) {
    for (std::size_t g = 0; g < golden_.events.size(); ++g) {
      const EventSpec& spec = golden_.events[g];
      if (spec.group > 0 || pairing_.replay_of[g] == unpaired) continue;
      const Event& event = replay_.events[pairing_.replay_of[g]];
      std::map<std::string_view, std::string_view> values;
      for (const Leaf& leaf : event.leaves) values.emplace(leaf.path, leaf.value);
      for (const LeafSpec& leaf : spec.leaves) {
        const bool in_set = std::ranges::any_of(
            spec.sets, [&](const std::string& set) { return leaf.path.starts_with(set + "["); });
        const auto value = values.find(leaf.path);
        if (in_set || value == values.end()) continue;
        if (const auto captures = match(leaf.pattern, golden_, value->second)) certain.bind(*captures, "");
      }
    }
  }

  Difference about(const EventSpec& spec, std::size_t replay_index) const {
    Difference difference{.step = spec.step,
                          .actor = spec.actor,
                          .direction = spec.direction,
                          .frame = spec.frame,
                          .golden_line = spec.line};
    if (replay_index != unpaired) difference.replay_line = lines_[replay_index];
    return difference;
  }

  void add(std::size_t place, DifferenceKind kind, std::string what, Difference difference) {
    difference.kind = kind;
    difference.what = std::move(what);
    found_.push_back({place, std::move(difference)});
  }

  void find_frames() {
    for (std::size_t g = 0; g < golden_.events.size(); ++g) {
      const EventSpec& spec = golden_.events[g];
      const std::size_t r = pairing_.replay_of[g];
      Difference difference = about(spec, r);
      if (r == unpaired) {
        if (spec.optional) continue;
        if (!spec.leaves.empty()) {
          difference.expected = fmt::format("{} = {}", spec.leaves[0].path, to_text(spec.leaves[0].pattern));
        }
        add(g, DifferenceKind::frame, "missing", std::move(difference));
        continue;
      }
      const int step = replay_.events[r].step;
      const bool other_step = step != spec.step && !spec.any_step && spec.direction != Direction::log;
      if (!pairing_.moved[g] && !other_step) continue;
      difference.expected = fmt::format("@{}", spec.step);
      difference.actual = fmt::format("@{}", step);
      add(g, DifferenceKind::frame, "moved", std::move(difference));
    }
    for (std::size_t r = 0; r < replay_.events.size(); ++r) {
      const Event& event = replay_.events[r];
      if (pairing_.golden_of[r] != unpaired || !is_compared(golden_, event.direction, event.frame)) continue;
      Difference difference{.step = event.step,
                            .actor = event.actor,
                            .direction = event.direction,
                            .frame = event.frame,
                            .actual = summary_of(event),
                            .replay_line = lines_[r]};
      add(place_of_extra(r), DifferenceKind::frame, "extra", std::move(difference));
    }
  }

  // Behind the last event before it that has a place in the golden: of its actor, else of its step.
  std::size_t place_of_extra(std::size_t r) const {
    const Event& event = replay_.events[r];
    for (std::size_t i = r; i-- > 0;) {
      if (replay_.events[i].actor == event.actor && pairing_.golden_of[i] != unpaired)
        return pairing_.golden_of[i] + 1;
    }
    for (std::size_t g = 0; g < golden_.events.size(); ++g) {
      if (golden_.events[g].step >= event.step) return g;
    }
    return golden_.events.size();
  }

  void compare_leaves(std::size_t g, std::size_t r, const Bindings& certain) {
    const EventSpec& spec = golden_.events[g];
    Event event = replay_.events[r];
    sort_sets_like(spec, golden_, &certain, event);
    number_elements_like(spec, golden_, &certain, event);
    std::map<std::string_view, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < event.leaves.size(); ++i) places[event.leaves[i].path].push_back(i);
    std::map<std::string_view, std::size_t> turns;
    std::vector<bool> used(event.leaves.size());
    std::size_t last = 0;
    bool in_order = true;
    for (const LeafSpec& leaf : spec.leaves) {
      const auto place = places.find(leaf.path);
      const std::size_t turn = turns[leaf.path]++;
      if (place == places.end() || turn >= place->second.size()) {
        if (leaf.optional) continue;
        Difference difference = about(spec, r);
        difference.path = leaf.path;
        difference.expected = to_text(leaf.pattern);
        add(g, DifferenceKind::field, "missing", std::move(difference));
        continue;
      }
      const std::size_t at = place->second[turn];
      used[at] = true;
      if (at < last && in_order) {
        in_order = false;
        Difference difference = about(spec, r);
        difference.path = leaf.path;
        difference.hint = fmt::format("comes before {}", event.leaves[last].path);
        add(g, DifferenceKind::field, "order", std::move(difference));
      }
      last = std::max(last, at);
      compare_value(g, r, leaf, event.leaves[at].value);
    }
    for (std::size_t i = 0; i < event.leaves.size(); ++i) {
      if (used[i]) continue;
      Difference difference = about(spec, r);
      difference.path = event.leaves[i].path;
      difference.actual = event.leaves[i].value;
      add(g, DifferenceKind::field, "extra", std::move(difference));
    }
  }

  void compare_value(std::size_t g, std::size_t r, const LeafSpec& leaf, const std::string& value) {
    const EventSpec& spec = golden_.events[g];
    const std::string place = fmt::format("@{} {} {} {}", spec.step, spec.actor, spec.frame, leaf.path);
    Difference difference = about(spec, r);
    difference.path = leaf.path;
    difference.expected = to_text(leaf.pattern);
    difference.actual = value;
    const auto captures = match(leaf.pattern, golden_, value);
    if (captures) {
      if (auto why = bindings_.bind(*captures, place)) {
        difference.hint = std::move(*why);
        add(g, DifferenceKind::bytes, "binding", std::move(difference));
      }
      for (const Capture& capture : *captures) {
        if (capture.part->kind == PartKind::time) time_places_.try_emplace(capture.part->id, g, r, leaf.path);
      }
    } else if (json_type(leaf.pattern) != json_type(value)) {
      add(g, DifferenceKind::field, "type", std::move(difference));
    } else {
      difference.hint = shape_hint(leaf.pattern);
      add(g, DifferenceKind::bytes, "value", std::move(difference));
    }
  }

  std::string shape_hint(const Pattern& pattern) const {
    for (const Part& part : pattern) {
      if (part.kind == PartKind::name) {
        return fmt::format("<id:{}> is {}", part.id,
                           to_text(golden_.names[static_cast<std::size_t>(part.id) - 1]));
      }
      if (part.kind == PartKind::time) {
        const TimeShape& time = golden_.times[static_cast<std::size_t>(part.id) - 1];
        return fmt::format("<time:{}> is {} {}", part.id, time.format, time.zone);
      }
    }
    return {};
  }

  void check_times() {
    for (const TimeOrder& order : golden_.order) {
      const auto* earlier = bindings_.time(order.earlier);
      const auto* later = bindings_.time(order.later);
      if (earlier == nullptr || later == nullptr) continue;
      if (parse_moment(earlier->token)->unix_ns <= parse_moment(later->token)->unix_ns) continue;
      add_time(order.later, later->token, fmt::format("is before {} of {}", earlier->token, earlier->place));
    }
    constexpr std::int64_t grace_ns = 1'000'000'000;
    const auto started = parse_moment(meta_of(replay_, "started"));
    const auto finished = parse_moment(meta_of(replay_, "finished"));
    if (!started || !finished) return;
    for (std::size_t i = 0; i < golden_.times.size(); ++i) {
      const int id = static_cast<int>(i) + 1;
      const auto* bound = bindings_.time(id);
      if (!golden_.times[i].in_run || bound == nullptr) continue;
      const std::int64_t moment = parse_moment(bound->token)->unix_ns;
      if (moment < started->unix_ns - grace_ns || moment > finished->unix_ns + grace_ns) {
        add_time(id, bound->token, "is not within the run");
      }
    }
  }

  void add_time(int id, const std::string& token, std::string why) {
    const auto& [g, r, path] = time_places_.at(id);
    Difference difference = about(golden_.events[g], r);
    difference.path = path;
    difference.expected = fmt::format("<time:{}>", id);
    difference.actual = token;
    difference.hint = std::move(why);
    add(g, DifferenceKind::bytes, "value", std::move(difference));
  }

  std::vector<Difference> sorted() {
    if (found_.empty()) return {};
    // Of what shows at one place the frame comes first, then the field, then the bytes.
    const auto by_place = [](const Found& a, const Found& b) {
      return std::pair(a.place, a.difference.kind) < std::pair(b.place, b.difference.kind);
    };
    std::ranges::stable_sort(found_, by_place);
    found_[0].difference.first = true;
    for (std::size_t i = 0; i < found_.size(); ++i) found_[i].difference.rank = i;
    std::vector<Difference> out;
    for (Found& found : found_) out.push_back(std::move(found.difference));
    std::ranges::stable_sort(out, {}, &Difference::kind);
    return out;
  }

  struct TimePlace {
    std::size_t g;
    std::size_t r;
    std::string path;
  };

  const Golden& golden_;
  const Trace& replay_;
  std::vector<int> lines_;
  Bindings bindings_;
  Pairing pairing_;
  std::map<int, TimePlace> time_places_;
  std::vector<Found> found_;
};

constexpr std::string_view unsupported_exit_code = "89";

std::string_view leaf_of(const Event& event, std::string_view path) {
  for (const Leaf& leaf : event.leaves) {
    if (leaf.path == path) return leaf.value;
  }
  return {};
}

// How a server ended that should not have, if one did.
std::optional<Verdict> unexpected_end(const Golden& golden, const Trace& replay, const Pairing& pairing) {
  for (std::size_t r = 0; r < replay.events.size(); ++r) {
    const Event& event = replay.events[r];
    if (event.direction != Direction::lifecycle || event.frame != "EXIT") continue;
    const std::string_view code = leaf_of(event, "code");
    const std::string_view signal = leaf_of(event, "signal");
    const std::size_t g = pairing.golden_of[r];
    const auto expected = [&](std::string_view path) {
      if (g == unpaired) return std::string();
      for (const LeafSpec& leaf : golden.events[g].leaves) {
        if (leaf.path == path) return to_text(leaf.pattern);
      }
      return std::string();
    };
    if (code == unsupported_exit_code && expected("code") != code) {
      return Verdict{VerdictKind::unsupported, fmt::format("{} exited with code 89", event.actor), {}};
    }
    if (!signal.empty() && expected("signal") != signal) {
      return Verdict{VerdictKind::crash, fmt::format("{} ended by signal {}", event.actor, signal), {}};
    }
    if (g == unpaired) {
      return Verdict{VerdictKind::crash, fmt::format("{} exited with code {}", event.actor, code), {}};
    }
  }
  return std::nullopt;
}

Verdict verdict_of(const Golden& golden, const Trace& replay) {
  const std::string_view outcome = meta_of(replay, "outcome");
  const std::string reason(meta_of(replay, "outcome.reason"));
  if (outcome == "not-run") return {VerdictKind::not_run, reason, {}};
  if (outcome == "unsupported") return {VerdictKind::unsupported, reason, {}};
  if (outcome == "crash") return {VerdictKind::crash, reason, {}};
  if (auto end = unexpected_end(golden, replay, pair_events(golden, replay, nullptr))) return *end;
  if (outcome == "timeout") return {VerdictKind::timeout, reason, {}};
  return {};
}

}  // namespace

Verdict compare(const Golden& golden, const Trace& replay) {
  Verdict verdict = verdict_of(golden, replay);
  if (verdict.kind == VerdictKind::not_run) return verdict;
  verdict.differences = Comparison(golden, replay).run();
  if (golden.script_hash != replay.script_hash && verdict.kind == VerdictKind::pass) {
    verdict.kind = VerdictKind::differs;
    verdict.reason = "the replay is of another script than the golden";
  } else if (verdict.kind == VerdictKind::pass && !verdict.differences.empty()) {
    verdict.kind = VerdictKind::differs;
    const std::size_t count = verdict.differences.size();
    verdict.reason = fmt::format("{} difference{}", count, count == 1 ? "" : "s");
  }
  return verdict;
}

Verdict combine(std::span<const Verdict> verdicts) {
  if (verdicts.empty()) return {VerdictKind::not_run, "no replay", {}};
  const auto words = [](const Verdict& verdict) {
    return fmt::format("{} {}", name_of(verdict.kind),
                       verdict.first() == nullptr ? "" : line_of(*verdict.first()));
  };
  const auto other = std::ranges::find_if(
      verdicts, [&](const Verdict& verdict) { return verdict.kind != verdicts[0].kind; });
  if (other == verdicts.end()) return verdicts[0];
  const Verdict& failed = verdicts[0].kind == VerdictKind::pass ? *other : verdicts[0];
  return {VerdictKind::flaky, fmt::format("{} / {}", words(verdicts[0]), words(*other)), failed.differences};
}

const Difference* Verdict::first() const {
  const auto first = std::ranges::find_if(differences, &Difference::first);
  return first == differences.end() ? nullptr : &*first;
}

}  // namespace natstwin::trace
