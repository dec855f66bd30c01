#include "conformance/trace/array_alignment.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "conformance/trace/pattern.h"
#include "conformance/trace/sets.h"

namespace natstwin::trace {

namespace {

using Range = std::pair<std::size_t, std::size_t>;
constexpr std::size_t table_cells_max = 1'000'000;
constexpr std::size_t none = static_cast<std::size_t>(-1);

// How many leaves of one array element fit; `array_size` is the length of the array's path.
int element_score(std::span<const LeafSpec> expected, const Golden& golden, const Bindings* bindings,
                  std::span<const Leaf> actual, std::size_t array_size) {
  const auto rest_of = [&](std::string_view path) {
    path.remove_prefix(array_size);
    return path.substr(path.find(']') + 1);
  };
  int score = 0;
  for (const LeafSpec& spec : expected) {
    for (const Leaf& leaf : actual) {
      if (rest_of(leaf.path) != rest_of(spec.path)) continue;
      const auto captures = match(spec.pattern, golden, leaf.value);
      if (captures && (bindings == nullptr || bindings->agrees(*captures))) ++score;
      break;
    }
  }
  return score;
}

std::vector<Leaf> paths_of(const EventSpec& spec) {
  std::vector<Leaf> paths;
  for (const LeafSpec& leaf : spec.leaves) paths.push_back({leaf.path, {}});
  return paths;
}

// One array, not a set, of the spec and of the event.
class ArrayNumbering {
 public:
  ArrayNumbering(const EventSpec& spec, const Golden& golden, const Bindings* bindings, Event& event,
                 const std::string& path, std::vector<Range> expected)
      : spec_(spec),
        golden_(golden),
        bindings_(bindings),
        event_(event),
        path_(path),
        expected_(std::move(expected)),
        actual_(elements_of(event.leaves, path)) {}

  void number() {
    if (expected_.size() == actual_.size() || actual_.empty()) return;
    if (expected_.size() * actual_.size() > table_cells_max) return;
    pair_equal();
    pair_between();
    for (std::size_t a = 0; a < actual_.size(); ++a) {
      const std::string index = partner_[a] == none ? fmt::format("+{}", a) : std::to_string(partner_[a]);
      for (std::size_t i = actual_[a].first; i < actual_[a].second; ++i) {
        std::string& leaf = event_.leaves[i].path;
        leaf = fmt::format("{}[{}{}", path_, index, leaf.substr(leaf.find(']', path_.size())));
      }
    }
  }

 private:
  bool fits(std::size_t e, std::size_t a) const {
    const auto& [expected_begin, expected_end] = expected_[e];
    const auto& [actual_begin, actual_end] = actual_[a];
    const std::size_t size = expected_end - expected_begin;
    if (size != actual_end - actual_begin) return false;
    return element_score(std::span(spec_.leaves).subspan(expected_begin, size), golden_, bindings_,
                         std::span(event_.leaves).subspan(actual_begin, size),
                         path_.size()) == static_cast<int>(size);
  }

  // The longest common subsequence.
  void pair_equal() {
    const std::size_t columns = actual_.size() + 1;
    std::vector<int> best((expected_.size() + 1) * columns, 0);
    std::vector<bool> fit(expected_.size() * actual_.size());
    for (std::size_t e = expected_.size(); e-- > 0;) {
      for (std::size_t a = actual_.size(); a-- > 0;) {
        fit[e * actual_.size() + a] = fits(e, a);
        best[e * columns + a] = fit[e * actual_.size() + a]
                                    ? best[(e + 1) * columns + a + 1] + 1
                                    : std::max(best[(e + 1) * columns + a], best[e * columns + a + 1]);
      }
    }
    partner_.assign(actual_.size(), none);
    for (std::size_t e = 0, a = 0; e < expected_.size() && a < actual_.size();) {
      if (fit[e * actual_.size() + a]) {
        partner_[a++] = e++;
      } else if (best[(e + 1) * columns + a] >= best[e * columns + a + 1]) {
        ++e;
      } else {
        ++a;
      }
    }
  }

  // What stands between two pairs on both sides is one element that differs.
  void pair_between() {
    std::size_t next_expected = 0;
    for (std::size_t a = 0; a < actual_.size(); ++a) {
      if (partner_[a] != none) {
        next_expected = partner_[a] + 1;
        continue;
      }
      std::size_t limit = expected_.size();
      for (std::size_t later = a + 1; later < actual_.size(); ++later) {
        if (partner_[later] == none) continue;
        limit = partner_[later];
        break;
      }
      if (next_expected < limit) partner_[a] = next_expected++;
    }
  }

  const EventSpec& spec_;
  const Golden& golden_;
  const Bindings* bindings_;
  Event& event_;
  std::string path_;
  std::vector<Range> expected_;
  std::vector<Range> actual_;
  std::vector<std::size_t> partner_;  // of each actual element
};

}  // namespace

void sort_sets_like(const EventSpec& spec, const Golden& golden, const Bindings* bindings, Event& event) {
  const std::vector<Leaf> spec_paths = paths_of(spec);
  for (const std::string& path : spec.sets) {
    const auto expected = elements_of(spec_paths, path);
    const auto actual = elements_of(event.leaves, path);
    std::vector<bool> used(actual.size());
    std::vector<std::size_t> order;
    for (const auto& [begin, end] : expected) {
      int best = -1;
      std::size_t best_at = actual.size();
      for (std::size_t a = 0; a < actual.size(); ++a) {
        if (used[a]) continue;
        const auto leaves =
            std::span(event.leaves).subspan(actual[a].first, actual[a].second - actual[a].first);
        const int score = element_score(std::span(spec.leaves).subspan(begin, end - begin), golden, bindings,
                                        leaves, path.size());
        if (score > best) {
          best = score;
          best_at = a;
        }
      }
      if (best_at == actual.size()) break;
      used[best_at] = true;
      order.push_back(best_at);
    }
    for (std::size_t a = 0; a < actual.size(); ++a) {
      if (!used[a]) order.push_back(a);
    }
    reorder_elements(event.leaves, path, order);
  }
}

void number_elements_like(const EventSpec& spec, const Golden& golden, const Bindings* bindings,
                          Event& event) {
  const std::vector<Leaf> paths = paths_of(spec);
  for (const std::string& path : arrays_of(paths)) {
    if (std::ranges::find(spec.sets, path) != spec.sets.end()) continue;
    ArrayNumbering(spec, golden, bindings, event, path, elements_of(paths, path)).number();
  }
}

}  // namespace natstwin::trace
