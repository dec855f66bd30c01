#include "conformance/trace/align.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "conformance/trace/masked.h"

namespace natstwin::trace {

namespace {

using Stream = std::vector<const Event*>;  // of one actor in one recording

constexpr std::size_t group_size_max = 64;

struct Actor {
  std::string name;
  std::vector<Stream> frames;  // by recording
  std::vector<Stream> logs;
};

std::vector<Actor> split_by_actor(std::span<const Trace> recordings) {
  std::vector<Actor> actors;
  for (std::size_t r = 0; r < recordings.size(); ++r) {
    for (const Event& event : recordings[r].events) {
      auto actor = std::ranges::find(actors, event.actor, &Actor::name);
      if (actor == actors.end()) {
        actors.push_back(
            {event.actor, std::vector<Stream>(recordings.size()), std::vector<Stream>(recordings.size())});
        actor = actors.end() - 1;
      }
      (event.direction == Direction::log ? actor->logs : actor->frames)[r].push_back(&event);
    }
  }
  return actors;
}

using Counts = std::map<std::string, std::vector<int>>;

Counts count_frames(const Actor& actor, bool by_step) {
  Counts counts;
  for (std::size_t r = 0; r < actor.frames.size(); ++r) {
    for (const Event* event : actor.frames[r]) {
      const std::string key = fmt::format("{}{} {} {}", by_step ? fmt::format("@{} ", event->step) : "",
                                          actor.name, static_cast<char>(event->direction), event->frame);
      auto& of = counts[key];
      of.resize(actor.frames.size());
      ++of[r];
    }
  }
  return counts;
}

bool all_equal(const std::vector<int>& values) {
  return std::ranges::adjacent_find(values, std::not_equal_to{}) == values.end();
}

// Empty if all recordings have the same frames.
std::string describe_disagreement(const Actor& actor) {
  const bool same =
      std::ranges::all_of(count_frames(actor, false), [](const auto& c) { return all_equal(c.second); });
  if (same) return {};
  std::string out;
  for (const auto& [key, counts] : count_frames(actor, true)) {
    if (all_equal(counts)) continue;
    out += fmt::format("  {}:", key);
    for (const int count : counts) out += fmt::format(" {}", count);
    out += '\n';
  }
  return out;
}

class StreamAligner {
 public:
  StreamAligner(const std::vector<Stream>& streams, int& groups, const Vocabulary& vocabulary)
      : streams_(streams), groups_(groups) {
    for (const Mask mask : {Mask::names, Mask::numbers, Mask::values}) {
      auto& signatures = signatures_[static_cast<std::size_t>(mask)];
      for (const Stream& stream : streams) {
        auto& of = signatures.emplace_back();
        for (const Event* event : stream) of.push_back(signature(*event, mask, vocabulary));
      }
    }
  }

  std::vector<AlignedEvent> align() {
    const std::size_t size = streams_[0].size();
    for (std::size_t at = 0; at < size;) {
      const Block block = next_block(at);
      add_block(at, block);
      at += block.size;
    }
    return std::move(aligned_);
  }

 private:
  struct Block {
    std::size_t size = 1;
    Mask mask = Mask::values;
  };

  const std::string& sig(Mask mask, std::size_t recording, std::size_t at) const {
    return signatures_[static_cast<std::size_t>(mask)][recording][at];
  }

  bool same_at(Mask mask, std::size_t at) const {
    for (std::size_t r = 1; r < streams_.size(); ++r) {
      if (sig(mask, r, at) != sig(mask, 0, at)) return false;
    }
    return true;
  }

  std::vector<std::string> sorted_block(Mask mask, std::size_t recording, std::size_t at,
                                        std::size_t size) const {
    std::vector<std::string> out;
    for (std::size_t i = at; i < at + size; ++i) out.push_back(sig(mask, recording, i));
    std::ranges::sort(out);
    return out;
  }

  bool same_block(Mask mask, std::size_t at, std::size_t size) const {
    const auto first = sorted_block(mask, 0, at, size);
    for (std::size_t r = 1; r < streams_.size(); ++r) {
      if (sorted_block(mask, r, at, size) != first) return false;
    }
    return true;
  }

  // The shortest run from `at` that holds the same events in every recording.
  Block next_block(std::size_t at) const {
    if (same_at(Mask::names, at)) return {1, Mask::names};
    if (same_at(Mask::numbers, at)) return {1, Mask::numbers};
    const std::size_t rest = streams_[0].size() - at;
    for (const Mask mask : {Mask::names, Mask::numbers}) {
      for (std::size_t size = 2; size <= std::min(rest, group_size_max); ++size) {
        if (same_block(mask, at, size)) return {size, mask};
      }
    }
    if (same_at(Mask::values, at)) return {1, Mask::values};
    std::size_t size = 2;
    while (size < rest && !same_block(Mask::values, at, size)) ++size;
    return {size, Mask::values};
  }

  void add_block(std::size_t at, Block block) {
    const int group = block.size > 1 ? ++groups_ : 0;
    std::vector<std::vector<bool>> used(streams_.size(), std::vector<bool>(block.size));
    for (std::size_t i = at; i < at + block.size; ++i) {
      AlignedEvent event;
      event.group = group;
      event.of.emplace_back(*streams_[0][i]);
      for (std::size_t r = 1; r < streams_.size(); ++r) {
        for (std::size_t j = 0; j < block.size; ++j) {
          if (used[r][j] || sig(block.mask, r, at + j) != sig(block.mask, 0, i)) continue;
          used[r][j] = true;
          event.of.emplace_back(*streams_[r][at + j]);
          break;
        }
      }
      aligned_.push_back(std::move(event));
    }
  }

  const std::vector<Stream>& streams_;
  int& groups_;
  std::array<std::vector<std::vector<std::string>>, 3> signatures_;
  std::vector<AlignedEvent> aligned_;
};

// The level and the first words: lines of one kind that differ in what they tell.
std::string log_kind(const Event& event, const Vocabulary& vocabulary) {
  const std::string text =
      event.leaves.empty() ? "" : masked(event.leaves[0].value, Mask::numbers, vocabulary);
  const std::size_t space = text.find(' ');
  return event.frame + text.substr(0, space == std::string::npos ? space : text.find(' ', space + 1));
}

// Log lines are a set: which thread writes first is nobody's promise.
class LogAligner {
 public:
  LogAligner(const std::vector<Stream>& streams, const Vocabulary& vocabulary)
      : streams_(streams), vocabulary_(vocabulary), done_(streams.size()) {
    for (std::size_t r = 0; r < streams.size(); ++r) done_[r].resize(streams[r].size());
  }

  std::vector<AlignedEvent> align(int group) {
    for (std::size_t r = 0; r < streams_.size(); ++r) {
      match_all([&](const Event& event) { return signature(event, Mask::names, vocabulary_); });
      match_all([&](const Event& event) { return signature(event, Mask::numbers, vocabulary_); });
      match_all([&](const Event& event) { return log_kind(event, vocabulary_); });
      open_slots(r);
    }
    for (AlignedEvent& event : slots_) event.group = slots_.size() > 1 ? group : 0;
    return std::move(slots_);
  }

 private:
  // Lines of recording `r` that no slot took become slots; later recordings may still fill them.
  void open_slots(std::size_t r) {
    for (std::size_t i = 0; i < streams_[r].size(); ++i) {
      if (done_[r][i]) continue;
      AlignedEvent event;
      event.of.resize(streams_.size());
      event.of[r] = *streams_[r][i];
      event.any_step = true;
      done_[r][i] = true;
      slots_.push_back(std::move(event));
    }
  }

  template <class Key>
  void match_all(Key key) {
    std::vector<std::string> slot_keys;
    for (const AlignedEvent& slot : slots_) slot_keys.push_back(key(slot.sample()));
    for (std::size_t r = 0; r < streams_.size(); ++r) {
      for (std::size_t i = 0; i < streams_[r].size(); ++i) {
        if (done_[r][i]) continue;
        const std::string wanted = key(*streams_[r][i]);
        for (std::size_t s = 0; s < slots_.size(); ++s) {
          if (slots_[s].of[r] || slot_keys[s] != wanted) continue;
          slots_[s].of[r] = *streams_[r][i];
          done_[r][i] = true;
          break;
        }
      }
    }
  }

  const std::vector<Stream>& streams_;
  const Vocabulary& vocabulary_;
  std::vector<std::vector<bool>> done_;
  std::vector<AlignedEvent> slots_;
};

// Puts the actors' events back into the order in which the first recording saw them.
void sort_as_seen(std::vector<AlignedEvent>& aligned, const Trace& first) {
  std::map<std::string, std::vector<std::size_t>> places;  // by actor and event
  const auto key = [](const Event& event) { return to_text(Trace{.events = {event}}); };
  for (std::size_t i = 0; i < first.events.size(); ++i) places[key(first.events[i])].push_back(i);
  std::map<std::string, std::size_t> taken;
  std::vector<std::pair<std::size_t, std::size_t>> order;  // place, index
  std::size_t last = 0;
  for (std::size_t i = 0; i < aligned.size(); ++i) {
    if (aligned[i].of[0]) {
      const std::string name = key(*aligned[i].of[0]);
      last = places[name][taken[name]++];
    }
    order.emplace_back(last, i);
  }
  std::ranges::stable_sort(order, {}, &std::pair<std::size_t, std::size_t>::first);
  std::vector<AlignedEvent> sorted;
  for (const auto& [place, index] : order) sorted.push_back(std::move(aligned[index]));
  aligned = std::move(sorted);
}

}  // namespace

const Event& AlignedEvent::sample() const {
  return **std::ranges::find_if(of, [](const auto& event) { return event.has_value(); });
}

std::expected<std::vector<AlignedEvent>, std::string> align_recordings(std::span<const Trace> recordings,
                                                                       const Vocabulary& vocabulary) {
  const std::vector<Actor> actors = split_by_actor(recordings);
  std::string disagreement;
  for (const Actor& actor : actors) disagreement += describe_disagreement(actor);
  if (!disagreement.empty()) {
    return std::unexpected("the recordings are not the same events (actor, frame: number in each)\n" +
                           disagreement);
  }
  std::vector<AlignedEvent> aligned;
  int groups = 0;
  for (const Actor& actor : actors) {
    for (AlignedEvent& event : StreamAligner(actor.frames, groups, vocabulary).align())
      aligned.push_back(std::move(event));
    const bool has_logs =
        std::ranges::any_of(actor.logs, [](const Stream& stream) { return !stream.empty(); });
    if (!has_logs) continue;
    for (AlignedEvent& event : LogAligner(actor.logs, vocabulary).align(++groups))
      aligned.push_back(std::move(event));
  }
  for (AlignedEvent& event : aligned) {
    for (const auto& of : event.of) event.any_step |= of && of->step != event.sample().step;
  }
  sort_as_seen(aligned, recordings[0]);
  return aligned;
}

}  // namespace natstwin::trace
