// make_golden: align the recordings, sort what is a set, classify each leaf.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "conformance/trace/align.h"
#include "conformance/trace/classify.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/masked.h"
#include "conformance/trace/pattern.h"
#include "conformance/trace/rules.h"
#include "conformance/trace/sets.h"
#include "conformance/trace/times.h"

namespace natstwin::trace {

namespace {

// The values of one leaf: an optional leaf has fewer than there are recordings.
struct LeafColumn {
  std::string path;
  std::vector<std::string> values;
};

// A leaf by its path, and by its turn where a path comes twice.
std::vector<LeafColumn> columns_of(const AlignedEvent& aligned) {
  std::vector<LeafColumn> columns;
  std::vector<int> turns;
  for (const auto& event : aligned.of) {
    if (!event) continue;
    std::map<std::string_view, int> seen;
    std::size_t last = 0;
    for (const Leaf& leaf : event->leaves) {
      const int turn = seen[leaf.path]++;
      std::size_t at = 0;
      while (at < columns.size() && (columns[at].path != leaf.path || turns[at] != turn)) ++at;
      if (at == columns.size()) {
        at = std::min(last, columns.size());
        columns.insert(columns.begin() + static_cast<std::ptrdiff_t>(at), {leaf.path, {}});
        turns.insert(turns.begin() + static_cast<std::ptrdiff_t>(at), turn);
      }
      columns[at].values.push_back(leaf.value);
      last = at + 1;
    }
  }
  return columns;
}

std::string_view meta_of(const Trace& trace, std::string_view name) {
  for (const auto& [key, value] : trace.meta) {
    if (key == name) return value;
  }
  return {};
}

std::string condition_of(const Trace& trace) {
  constexpr std::array<std::string_view, 5> told{"seed", "load", "ports", "date", "host"};
  std::string out;
  for (const std::string_view name : told) {
    const std::string_view value = meta_of(trace, name);
    if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, value);
  }
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

bool is_logged(const std::string& level, const std::vector<std::string>& more) {
  constexpr std::array<std::string_view, 4> always{"INF", "WRN", "ERR", "FTL"};
  return std::ranges::find(always, level) != always.end() || std::ranges::find(more, level) != more.end();
}

// The last part of a path names the field, what is before it the object.
std::string_view object_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return path.substr(0, dot == std::string_view::npos ? 0 : dot);
}

// Finds the times that were in order in every recording: those of one object, and those that one
// field had in turn. Times of things that merely happened at about the same time say nothing.
class OrderFinder {
 public:
  explicit OrderFinder(const Classifier& classifier) : classifier_(classifier) {}

  void add(const EventSpec& event) {
    std::map<std::string_view, std::vector<int>> objects;
    for (const LeafSpec& leaf : event.leaves) {
      for (const Part& part : leaf.pattern) {
        if (part.kind != PartKind::time) continue;
        auto& others = objects[object_of(leaf.path)];
        for (const int other : others) relate(other, part.id);
        others.push_back(part.id);
        const std::string field = fmt::format("{} {} {}", event.actor, event.frame, leaf.path);
        const auto [before, first] = last_of_.try_emplace(field, part.id);
        if (!first && event.group == 0) relate_forward(before->second, part.id);
        before->second = part.id;
      }
    }
  }

  std::vector<TimeOrder> take() { return std::move(order_); }

 private:
  bool in_order(int a, int b) const {
    return std::ranges::equal(classifier_.moments(a), classifier_.moments(b), std::less_equal{});
  }
  void relate_forward(int a, int b) {
    const TimeOrder order{a, b};
    if (a != b && in_order(a, b) && std::ranges::find(order_, order) == order_.end()) order_.push_back(order);
  }
  void relate(int a, int b) {
    relate_forward(a, b);
    relate_forward(b, a);
  }

  const Classifier& classifier_;
  std::map<std::string, int> last_of_;
  std::vector<TimeOrder> order_;
};

// True if the moments were within the run, with a second of grace, in each recording that tells
// when it ran.
bool was_in_run(const std::vector<std::int64_t>& moments, std::span<const Trace> recordings) {
  constexpr std::int64_t grace_ns = 1'000'000'000;
  if (moments.size() != recordings.size()) return false;
  for (std::size_t r = 0; r < recordings.size(); ++r) {
    const auto started = parse_moment(meta_of(recordings[r], "started"));
    const auto finished = parse_moment(meta_of(recordings[r], "finished"));
    if (!started || !finished) return false;
    if (moments[r] < started->unix_ns - grace_ns || moments[r] > finished->unix_ns + grace_ns) return false;
  }
  return true;
}

// The text of some times, durations and numbers is not always of one length.
bool length_varies(const Pattern& pattern, const Classifier& classifier) {
  return std::ranges::any_of(pattern, [&](const Part& part) {
    if (part.kind == PartKind::literal) return false;
    if (part.kind != PartKind::name) return true;
    const NameShape& shape = classifier.shape(part.id);
    return shape.min != shape.max;
  });
}

// The size at the end of a message's line, in a leaf that holds the whole line.
void loosen_size_in_line(LeafSpec& leaf) {
  constexpr std::string_view line_end = "\\u000d\\u000a\"";
  if (leaf.pattern.size() != 1 || !leaf.pattern[0].literal.ends_with(line_end)) return;
  std::string begin = leaf.pattern[0].literal.substr(0, leaf.pattern[0].literal.size() - line_end.size());
  const std::size_t digits = begin.find_last_not_of("0123456789") + 1;
  if (digits == begin.size()) return;
  begin.resize(digits);
  leaf.pattern = {Part{.literal = std::move(begin)},
                  Part{.kind = PartKind::integer, .low = 1, .high = INT64_MAX},
                  Part{.literal = std::string(line_end)}};
}

// Where a body's length varies, so does the field that tells it, if five recordings show it or not.
void loosen_lengths(EventSpec& event, const Classifier& classifier) {
  const bool http = event.direction == Direction::state;
  const std::string_view body = http ? "json" : "payload";
  const std::string_view length = http ? "headers.Content-Length" : "size";
  const bool varies = std::ranges::any_of(event.leaves, [&](const LeafSpec& leaf) {
    const bool in_body = leaf.path.starts_with(body) || (http && leaf.path.starts_with("body"));
    return in_body && length_varies(leaf.pattern, classifier);
  });
  if (!varies) return;
  for (LeafSpec& leaf : event.leaves) {
    if (!http && leaf.path == "line") loosen_size_in_line(leaf);
    if (!leaf.path.starts_with(length)) continue;
    const bool quoted = to_text(leaf.pattern).starts_with('"');
    const Part any{.kind = PartKind::integer, .low = 1, .high = INT64_MAX};
    leaf.pattern = quoted ? Pattern{Part{.literal = "\""}, any, Part{.literal = "\""}} : Pattern{any};
  }
}

// Counters of bytes follow the messages they count, whose length may vary.
void loosen_byte_counters(std::vector<EventSpec>& events) {
  const auto is_size = [](const LeafSpec& leaf) {
    return (leaf.path == "size" || leaf.path == "line") && class_of(leaf.pattern) == LeafClass::bounds;
  };
  const bool varies = std::ranges::any_of(events, [&](const EventSpec& event) {
    return event.direction == Direction::received && std::ranges::any_of(event.leaves, is_size);
  });
  if (!varies) return;
  for (EventSpec& event : events) {
    if (event.direction != Direction::state) continue;
    for (LeafSpec& leaf : event.leaves) {
      const bool counter = leaf.path.ends_with("out_bytes") || leaf.path.ends_with("out_client_bytes");
      if (!counter || to_text(leaf.pattern) == "0" || class_of(leaf.pattern) != LeafClass::constant) continue;
      leaf.pattern = {Part{.kind = PartKind::integer, .low = 1, .high = INT64_MAX}};
    }
  }
}

// Applies the rules that need a look at a whole array element.
void loosen_elements(EventSpec& event) {
  std::vector<Leaf> paths;
  for (const LeafSpec& leaf : event.leaves) paths.push_back({leaf.path, {}});
  for (const std::string& array : arrays_of(paths)) {
    const auto rules = element_rules_of(event.frame, array);
    if (rules.empty()) continue;
    for (const auto& [begin, end] : elements_of(paths, array)) {
      const auto element = std::span(event.leaves).subspan(begin, end - begin);
      for (const ElementRule& rule : rules) {
        const auto field = [&](std::string_view name) {
          return std::ranges::find_if(
              element, [&](const LeafSpec& leaf) { return leaf.path.ends_with(fmt::format("].{}", name)); });
        };
        const auto key = field(rule.key);
        const auto value = field(rule.field);
        if (key == element.end() || value == element.end() || !to_text(key->pattern).starts_with(rule.prefix))
          continue;
        const bool quoted = to_text(value->pattern).starts_with('"');
        const Part any{.kind = PartKind::integer, .low = 0, .high = INT64_MAX};
        value->pattern = quoted ? Pattern{Part{.literal = "\""}, any, Part{.literal = "\""}} : Pattern{any};
      }
    }
  }
}

EventSpec spec_of(const AlignedEvent& aligned, std::vector<std::string> sets, Classifier& classifier) {
  const Event& sample = aligned.sample();
  EventSpec spec{.step = sample.step,
                 .actor = sample.actor,
                 .direction = sample.direction,
                 .frame = sample.frame,
                 .group = aligned.group,
                 .sets = std::move(sets)};
  spec.any_step = aligned.any_step;
  const auto present = static_cast<std::size_t>(
      std::ranges::count_if(aligned.of, [](const auto& e) { return e.has_value(); }));
  spec.optional = present < aligned.of.size();
  for (LeafColumn& column : columns_of(aligned)) {
    LeafSpec leaf{.path = column.path,
                  .pattern = classifier.classify(spec.frame, column.path, column.values)};
    leaf.optional = column.values.size() < present;
    spec.leaves.push_back(std::move(leaf));
  }
  loosen_elements(spec);
  loosen_lengths(spec, classifier);
  return spec;
}

std::expected<Golden, std::string> build(std::span<const Trace> recordings) {
  Golden golden{.scenario = recordings[0].scenario,
                .script_hash = recordings[0].script_hash,
                .reference = recordings[0].server,
                .log_levels = words_of(meta_of(recordings[0], "log.levels"))};
  for (const Trace& recording : recordings) golden.conditions.push_back(condition_of(recording));
  const Vocabulary vocabulary(recordings);
  auto aligned = align_recordings(recordings, vocabulary);
  if (!aligned) return std::unexpected(aligned.error());
  std::erase_if(*aligned, [&](const AlignedEvent& event) {
    return event.sample().direction == Direction::log && !is_logged(event.sample().frame, golden.log_levels);
  });
  Classifier classifier;
  std::vector<std::vector<std::string>> sets;
  for (AlignedEvent& event : *aligned) {
    std::vector<Event*> present;
    for (auto& of : event.of) {
      if (of) present.push_back(&*of);
    }
    sets.push_back(sort_sets(present, vocabulary));
    for (const LeafColumn& column : columns_of(event)) {
      classifier.survey(event.sample().frame, column.path, column.values);
    }
  }
  OrderFinder order(classifier);
  for (std::size_t i = 0; i < aligned->size(); ++i) {
    golden.events.push_back(spec_of((*aligned)[i], std::move(sets[i]), classifier));
    order.add(golden.events.back());
  }
  loosen_byte_counters(golden.events);
  golden.order = order.take();
  golden.times = classifier.take_times();
  for (std::size_t i = 0; i < golden.times.size(); ++i) {
    golden.times[i].in_run = was_in_run(classifier.moments(static_cast<int>(i) + 1), recordings);
  }
  golden.names = classifier.take_names();
  return golden;
}

}  // namespace

std::expected<Golden, std::string> make_golden(std::span<const Trace> recordings) {
  if (recordings.size() < recordings_min) {
    return std::unexpected(fmt::format("{} recordings, {} are needed", recordings.size(), recordings_min));
  }
  for (const Trace& recording : recordings) {
    if (recording.scenario != recordings[0].scenario || recording.script_hash != recordings[0].script_hash) {
      return std::unexpected("the recordings are not of one script");
    }
    if (recording.server != recordings[0].server)
      return std::unexpected("the recordings are not of one server");
    const std::string_view outcome = meta_of(recording, "outcome");
    if (!outcome.empty() && outcome != "completed") {
      return std::unexpected(
          fmt::format("a recording ended with {}: {}", outcome, meta_of(recording, "outcome.reason")));
    }
  }
  return build(recordings);
}

std::expected<Golden, std::string> make_provisional_golden(const Trace& recording) {
  return build(std::span(&recording, 1));
}

LeafCounts& LeafCounts::operator+=(const LeafCounts& other) {
  exact += other.exact;
  renamed += other.renamed;
  bounded += other.bounded;
  free += other.free;
  return *this;
}

LeafCounts count_leaves(const Golden& golden) {
  LeafCounts counts;
  for (const EventSpec& event : golden.events) {
    for (const LeafSpec& leaf : event.leaves) {
      // A leaf or event that may be missing is compared by bounds at best.
      const LeafClass leaf_class = class_of(leaf.pattern);
      const bool may_miss = leaf.optional || event.optional;
      if (leaf_class == LeafClass::free) {
        ++counts.free;
      } else if (may_miss || leaf_class > LeafClass::name) {
        ++counts.bounded;
      } else if (leaf_class == LeafClass::name) {
        ++counts.renamed;
      } else {
        ++counts.exact;
      }
    }
  }
  return counts;
}

}  // namespace natstwin::trace
