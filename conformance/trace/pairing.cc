#include "conformance/trace/pairing.h"

#include <algorithm>
#include <array>
#include <map>

#include "conformance/trace/array_alignment.h"

namespace natstwin::trace {

namespace {

using Indexes = std::vector<std::size_t>;

// From 0 (other frame) to full_score (all leaves fit).
constexpr int full_score = 1000;
constexpr std::size_t table_cells_max = 4'000'000;

class Scorer {
 public:
  Scorer(const Golden& golden, const Trace& replay, const Bindings* bindings)
      : golden_(golden), replay_(replay), bindings_(bindings) {}

  int operator()(std::size_t g, std::size_t r) {
    const EventSpec& spec = golden_.events[g];
    const Event& event = replay_.events[r];
    if (spec.direction != event.direction || spec.frame != event.frame) return 0;
    const auto [at, fresh] = known_.try_emplace({g, r}, 0);
    if (fresh) at->second = 1 + fitting_leaves(spec, event);
    return at->second;
  }

 private:
  int fitting_leaves(const EventSpec& spec, const Event& event) const {
    if (!spec.sets.empty()) {
      Event sorted = event;
      sort_sets_like(spec, golden_, bindings_, sorted);
      return share(spec, sorted);
    }
    return share(spec, event);
  }

  int share(const EventSpec& spec, const Event& event) const {
    const std::size_t most = std::max(spec.leaves.size(), event.leaves.size());
    if (most == 0) return full_score - 1;
    std::map<std::string_view, std::string_view> values;
    for (const Leaf& leaf : event.leaves) values.emplace(leaf.path, leaf.value);
    std::size_t fitting = 0;
    for (const LeafSpec& leaf : spec.leaves) {
      const auto value = values.find(leaf.path);
      if (value == values.end()) {
        fitting += leaf.optional;
        continue;
      }
      const auto captures = match(leaf.pattern, golden_, value->second);
      fitting += captures && (bindings_ == nullptr || bindings_->agrees(*captures));
    }
    return static_cast<int>(std::min(fitting, most) * (full_score - 1) / most);
  }

  const Golden& golden_;
  const Trace& replay_;
  const Bindings* bindings_;
  std::map<std::pair<std::size_t, std::size_t>, int> known_;
};

class StreamPairer {
 public:
  StreamPairer(const Golden& golden, Scorer& score, Pairing& pairing)
      : golden_(golden), score_(score), pairing_(pairing) {}

  void pair_frames(const Indexes& expected, const Indexes& actual) {
    std::size_t head = 0;
    const std::size_t least = std::min(expected.size(), actual.size());
    while (head < least && score_(expected[head], actual[head]) == full_score) {
      pair(expected[head], actual[head]);
      ++head;
    }
    std::size_t tail = 0;
    while (tail < least - head &&
           score_(expected[expected.size() - 1 - tail], actual[actual.size() - 1 - tail]) == full_score) {
      pair(expected[expected.size() - 1 - tail], actual[actual.size() - 1 - tail]);
      ++tail;
    }
    const auto middle = [&](const Indexes& all) {
      return Indexes(all.begin() + static_cast<std::ptrdiff_t>(head),
                     all.end() - static_cast<std::ptrdiff_t>(tail));
    };
    const Indexes expected_middle = middle(expected);
    const Indexes actual_middle = middle(actual);
    if (expected_middle.size() * actual_middle.size() <= table_cells_max) {
      pair_by_table(expected_middle, actual_middle);
    } else {
      pair_by_turn(expected_middle, actual_middle);
    }
    pair_groups(expected, actual);
    pair_moved(expected, actual);
  }

  // In any order: the best fits first, then lines of one level that say nearly the same.
  void pair_logs(const Indexes& expected, const Indexes& actual, const Trace& replay) {
    pair_best(expected, actual, full_score);
    constexpr double like_enough = 0.5;
    for (const std::size_t g : expected) {
      const EventSpec& spec = golden_.events[g];
      if (pairing_.replay_of[g] != unpaired || spec.leaves.empty()) continue;
      const std::string text = to_text(spec.leaves[0].pattern);
      double best = like_enough;
      std::size_t best_at = unpaired;
      for (const std::size_t r : actual) {
        const Event& event = replay.events[r];
        if (pairing_.golden_of[r] != unpaired || event.leaves.empty() || event.frame != spec.frame) continue;
        const double like = likeness(text, event.leaves[0].value);
        if (like <= best) continue;
        best = like;
        best_at = r;
      }
      if (best_at != unpaired) pair(g, best_at);
    }
  }

 private:
  // The share of words that stand at the same place in both.
  static double likeness(std::string_view a, std::string_view b) {
    const auto words = [](std::string_view text) {
      std::vector<std::string_view> out;
      while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        out.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
      }
      return out;
    };
    const auto as = words(a);
    const auto bs = words(b);
    std::size_t same = 0;
    for (std::size_t i = 0; i < std::min(as.size(), bs.size()); ++i) same += as[i] == bs[i];
    return static_cast<double>(same) /
           static_cast<double>(std::max<std::size_t>(std::max(as.size(), bs.size()), 1));
  }

  void pair(std::size_t g, std::size_t r) {
    pairing_.replay_of[g] = r;
    pairing_.golden_of[r] = g;
  }

  void unpair(std::size_t g) {
    if (pairing_.replay_of[g] == unpaired) return;
    pairing_.golden_of[pairing_.replay_of[g]] = unpaired;
    pairing_.replay_of[g] = unpaired;
  }

  // The pairing of highest total score that keeps both orders.
  void pair_by_table(const Indexes& expected, const Indexes& actual) {
    const std::size_t rows = expected.size() + 1;
    const std::size_t columns = actual.size() + 1;
    std::vector<int> best(rows * columns, 0);
    const auto cell = [&](std::size_t i, std::size_t j) -> int& { return best[i * columns + j]; };
    // A pair is worth its frame first, then its leaves.
    const auto worth = [&](std::size_t i, std::size_t j) {
      const int score = score_(expected[i], actual[j]);
      return score == 0 ? 0 : full_score + score;
    };
    for (std::size_t i = expected.size(); i-- > 0;) {
      for (std::size_t j = actual.size(); j-- > 0;) {
        const int together = worth(i, j);
        cell(i, j) = std::max(cell(i + 1, j), cell(i, j + 1));
        if (together > 0) cell(i, j) = std::max(cell(i, j), together + cell(i + 1, j + 1));
      }
    }
    for (std::size_t i = 0, j = 0; i < expected.size() && j < actual.size();) {
      const int together = worth(i, j);
      if (together > 0 && cell(i, j) == together + cell(i + 1, j + 1)) {
        pair(expected[i++], actual[j++]);
      } else if (cell(i, j) == cell(i + 1, j)) {
        ++i;
      } else {
        ++j;
      }
    }
  }

  // For very long streams: each event takes the next of its frame.
  void pair_by_turn(const Indexes& expected, const Indexes& actual) {
    std::size_t from = 0;
    for (const std::size_t g : expected) {
      for (std::size_t j = from; j < actual.size(); ++j) {
        if (score_(g, actual[j]) == 0) continue;
        pair(g, actual[j]);
        from = j + 1;
        break;
      }
    }
  }

  void pair_groups(const Indexes& expected, const Indexes& actual) {
    for (std::size_t i = 0; i < expected.size();) {
      const int group = golden_.events[expected[i]].group;
      std::size_t end = i + 1;
      while (end < expected.size() && golden_.events[expected[end]].group == group) ++end;
      if (group > 0) pair_group(expected, i, end, actual);
      i = end;
    }
  }

  void pair_group(const Indexes& expected, std::size_t begin, std::size_t end, const Indexes& actual) {
    // The replay's events between what surrounds the group.
    std::size_t low = 0;
    for (std::size_t i = begin; i-- > 0;) {
      if (pairing_.replay_of[expected[i]] == unpaired) continue;
      low = pairing_.replay_of[expected[i]] + 1;
      break;
    }
    std::size_t high = unpaired;
    for (std::size_t i = end; i < expected.size(); ++i) {
      if (pairing_.replay_of[expected[i]] == unpaired) continue;
      high = pairing_.replay_of[expected[i]];
      break;
    }
    Indexes members(expected.begin() + static_cast<std::ptrdiff_t>(begin),
                    expected.begin() + static_cast<std::ptrdiff_t>(end));
    for (const std::size_t g : members) unpair(g);
    Indexes window;
    std::ranges::copy_if(actual, std::back_inserter(window),
                         [&](std::size_t r) { return r >= low && r < high; });
    pair_best(members, window, 1);
  }

  // Greedily by score, ties in order.
  void pair_best(const Indexes& expected, const Indexes& actual, int score_min) {
    struct Candidate {
      int score;
      std::size_t g;
      std::size_t r;
    };
    std::vector<Candidate> candidates;
    for (const std::size_t g : expected) {
      for (const std::size_t r : actual) {
        const int score = score_(g, r);
        if (score >= score_min) candidates.push_back({score, g, r});
      }
    }
    std::ranges::stable_sort(candidates, std::greater{}, &Candidate::score);
    for (const auto& [score, g, r] : candidates) {
      if (pairing_.replay_of[g] == unpaired && pairing_.golden_of[r] == unpaired) pair(g, r);
    }
  }

  // What is missing here and extra there is one event at the wrong place.
  void pair_moved(const Indexes& expected, const Indexes& actual) {
    for (const std::size_t g : expected) {
      if (pairing_.replay_of[g] != unpaired) continue;
      for (const std::size_t r : actual) {
        if (pairing_.golden_of[r] != unpaired || score_(g, r) != full_score) continue;
        pair(g, r);
        pairing_.moved[g] = true;
        break;
      }
    }
  }

  const Golden& golden_;
  Scorer& score_;
  Pairing& pairing_;
};

struct ActorStreams {
  Indexes golden_frames;
  Indexes golden_logs;
  Indexes replay_frames;
  Indexes replay_logs;
};

}  // namespace

bool is_compared(const Golden& golden, Direction direction, const std::string& frame) {
  if (direction != Direction::log) return true;
  constexpr std::array<std::string_view, 4> always{"INF", "WRN", "ERR", "FTL"};
  return std::ranges::find(always, frame) != always.end() ||
         std::ranges::find(golden.log_levels, frame) != golden.log_levels.end();
}

Pairing pair_events(const Golden& golden, const Trace& replay, const Bindings* bindings) {
  Pairing pairing;
  pairing.replay_of.assign(golden.events.size(), unpaired);
  pairing.golden_of.assign(replay.events.size(), unpaired);
  pairing.moved.assign(golden.events.size(), false);
  std::map<std::string, ActorStreams> actors;
  for (std::size_t g = 0; g < golden.events.size(); ++g) {
    const EventSpec& spec = golden.events[g];
    ActorStreams& actor = actors[spec.actor];
    (spec.direction == Direction::log ? actor.golden_logs : actor.golden_frames).push_back(g);
  }
  for (std::size_t r = 0; r < replay.events.size(); ++r) {
    const Event& event = replay.events[r];
    if (!is_compared(golden, event.direction, event.frame)) continue;
    ActorStreams& actor = actors[event.actor];
    (event.direction == Direction::log ? actor.replay_logs : actor.replay_frames).push_back(r);
  }
  Scorer score(golden, replay, bindings);
  StreamPairer pairer(golden, score, pairing);
  for (const auto& [name, actor] : actors) {
    pairer.pair_frames(actor.golden_frames, actor.replay_frames);
    pairer.pair_logs(actor.golden_logs, actor.replay_logs, replay);
  }
  return pairing;
}

}  // namespace natstwin::trace
