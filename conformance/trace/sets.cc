#include "conformance/trace/sets.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "conformance/trace/masked.h"
#include "conformance/trace/rules.h"

namespace natstwin::trace {

namespace {

// The length of "[12]" at the start of `text`, 0 if there is none.
std::size_t index_length(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  std::size_t size = 1;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  return size > 1 && size < text.size() && text[size] == ']' ? size + 1 : 0;
}

std::string_view index_in(std::string_view leaf_path, std::string_view array_path) {
  if (!leaf_path.starts_with(array_path)) return {};
  const std::string_view rest = leaf_path.substr(array_path.size());
  return rest.substr(0, index_length(rest));
}

// Of an element, whatever the order inside it.
std::string element_signature(std::span<const Leaf> leaves, std::size_t prefix_size, Mask mask,
                              const Vocabulary& vocabulary) {
  std::vector<std::string> lines;
  for (const Leaf& leaf : leaves) {
    std::string line;
    std::string_view rest = std::string_view(leaf.path).substr(prefix_size);
    rest.remove_prefix(index_length(rest));
    while (!rest.empty()) {
      const std::size_t index = index_length(rest);
      if (index == 0) line += rest[0];
      rest.remove_prefix(std::max<std::size_t>(index, 1));
    }
    lines.push_back(line + ' ' + masked(leaf.value, mask, vocabulary));
  }
  std::ranges::sort(lines);
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

std::vector<std::string> element_signatures(const Event& event, std::string_view path, Mask mask,
                                            const Vocabulary& vocabulary) {
  std::vector<std::string> out;
  for (const auto& [begin, end] : elements_of(event.leaves, path)) {
    out.push_back(element_signature(std::span(event.leaves).subspan(begin, end - begin), path.size(), mask,
                                    vocabulary));
  }
  return out;
}

// Sorts by signature where that makes all events alike.
bool sort_alike(std::span<Event* const> events, const std::string& path, Mask mask, bool known,
                const Vocabulary& vocabulary) {
  std::vector<std::vector<std::string>> signatures;
  for (const Event* event : events) signatures.push_back(element_signatures(*event, path, mask, vocabulary));
  const bool same_order = std::ranges::adjacent_find(signatures, std::not_equal_to{}) == signatures.end();
  if (signatures[0].size() < 2 || (same_order && !known)) return false;
  auto sorted = signatures;
  for (auto& of : sorted) std::ranges::sort(of);
  if (std::ranges::adjacent_find(sorted, std::not_equal_to{}) != sorted.end()) return false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::vector<std::size_t> order(signatures[i].size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t at) { return signatures[i][at]; });
    reorder_elements(events[i]->leaves, path, order);
  }
  return true;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> elements_of(std::span<const Leaf> leaves,
                                                             std::string_view path) {
  std::vector<std::pair<std::size_t, std::size_t>> elements;
  std::string_view last;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::string_view index = index_in(leaves[i].path, path);
    if (index.empty()) {
      last = {};
    } else if (index == last) {
      elements.back().second = i + 1;
    } else {
      elements.emplace_back(i, i + 1);
      last = index;
    }
  }
  return elements;
}

std::vector<std::string> arrays_of(std::span<const Leaf> leaves) {
  std::vector<std::string> arrays;
  for (const Leaf& leaf : leaves) {
    for (std::size_t i = 0; i < leaf.path.size(); ++i) {
      if (index_length(std::string_view(leaf.path).substr(i)) == 0) continue;
      std::string array = leaf.path.substr(0, i);
      if (std::ranges::find(arrays, array) == arrays.end()) arrays.push_back(std::move(array));
    }
  }
  std::ranges::stable_sort(arrays, {}, [](const std::string& path) { return std::ranges::count(path, '['); });
  return arrays;
}

void reorder_elements(std::vector<Leaf>& leaves, std::string_view path, std::span<const std::size_t> order) {
  const auto elements = elements_of(leaves, path);
  if (elements.empty() || order.size() != elements.size()) return;
  for (std::size_t i = 1; i < elements.size(); ++i) {
    // An array that was given twice, with something between: left as it is, so that it shows.
    if (elements[i].first != elements[i - 1].second) return;
  }
  std::vector<Leaf> out(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(elements[0].first));
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto& [begin, end] = elements[order[place]];
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view index = index_in(leaves[i].path, path);
      out.push_back({fmt::format("{}[{}]{}", path, place, leaves[i].path.substr(path.size() + index.size())),
                     leaves[i].value});
    }
  }
  out.insert(out.end(), leaves.begin() + static_cast<std::ptrdiff_t>(elements.back().second), leaves.end());
  leaves = std::move(out);
}

std::vector<std::string> sort_sets(std::span<Event* const> events, const Vocabulary& vocabulary) {
  std::vector<std::string> sets;
  if (events.empty()) return sets;
  // Sorting an outer array renames the inner ones, so their list is read again after each.
  std::vector<std::string> done;
  for (bool again = true; again;) {
    again = false;
    for (const std::string& path : arrays_of(events[0]->leaves)) {
      if (std::ranges::find(done, path) != done.end()) continue;
      done.push_back(path);
      const bool known = is_set_by_rule(events[0]->frame, path);
      if (sort_alike(events, path, Mask::names, known, vocabulary) ||
          sort_alike(events, path, Mask::numbers, known, vocabulary)) {
        sets.push_back(path);
        again = true;
        break;
      }
    }
  }
  return sets;
}

}  // namespace natstwin::trace
