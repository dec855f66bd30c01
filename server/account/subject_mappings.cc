#include "server/account/subject_mappings.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/subject/subject.h"

namespace nats::account {

std::shared_ptr<const SubjectMappings> SubjectMappings::build(const std::vector<config::Mapping>& mappings,
                                                              const SubjectMappings* previous) {
  if (mappings.empty() && !previous) return nullptr;
  auto made = previous ? std::make_shared<SubjectMappings>(*previous) : std::make_shared<SubjectMappings>();
  for (const config::Mapping& mapping : mappings) {
    const auto known = std::ranges::find(made->mappings_, mapping.source, &Mapping::source);
    if (known == made->mappings_.end())
      made->mappings_.push_back(make(mapping));
    else
      *known = make(mapping);
  }
  return made;
}

// Whatever weight is left keeps the subject that it has, unless that stands among the destinations. Those of
// other clusters are for servers that have one.
SubjectMappings::Mapping SubjectMappings::make(const config::Mapping& mapping) {
  Mapping made{mapping.source, subject::is_literal(mapping.source), {}};
  const auto add = [&](std::string_view destination, unsigned weight) {
    auto transform = subject::Transform::build(mapping.source, destination);
    NATS_CHECK(transform);
    made.destinations.push_back({std::move(*transform), weight});
  };
  unsigned total = 0;
  bool names_source = false;
  for (const config::MapDestination& destination : mapping.destinations) {
    names_source = names_source || destination.subject == mapping.source;
    if (!destination.cluster.empty()) continue;
    add(destination.subject, static_cast<unsigned>(destination.weight));
    total += static_cast<unsigned>(destination.weight);
  }
  if (total != 100 && !names_source)
    add(made.literal ? mapping.source : subject::numbered_wildcards(mapping.source), 100 - total);
  std::ranges::stable_sort(made.destinations, {}, &Destination::up_to);
  unsigned before = 0;
  for (Destination& destination : made.destinations) before = destination.up_to += before;
  return made;
}

std::map<std::string, std::vector<SubjectMappings::Listed>> SubjectMappings::list() const {
  std::map<std::string, std::vector<Listed>> out;
  for (const Mapping& mapping : mappings_)
    for (const Destination& to : mapping.destinations)
      out[mapping.source].push_back({to.transform.destination(), static_cast<int>(to.up_to)});
  return out;
}

bool SubjectMappings::map(std::string_view subject, std::uint64_t random, std::string& out) const {
  // The reference looks at the tokens only once it has met a mapping that the subject is not equal to, and
  // what works on the whole subject sees nothing before.
  bool with_tokens = false;
  for (const Mapping& mapping : mappings_) {
    if (mapping.literal && mapping.source == subject) {
      choose(mapping, subject, with_tokens, random, out);
      return true;
    }
    with_tokens = true;
    if (!mapping.literal && subject::matches(subject, mapping.source)) {
      choose(mapping, subject, with_tokens, random, out);
      return true;
    }
  }
  return false;
}

void SubjectMappings::choose(const Mapping& mapping, std::string_view subject, bool with_tokens,
                             std::uint64_t random, std::string& out) {
  out.clear();
  const auto roll = static_cast<unsigned>(random % 100);
  const auto chosen =
      std::ranges::find_if(mapping.destinations, [roll](const Destination& to) { return roll < to.up_to; });
  if (chosen == mapping.destinations.end()) return;
  boost::container::small_vector<std::string_view, 32> tokens;
  if (with_tokens)
    for (subject::Tokens each(subject); each.next();) tokens.push_back(each.token());
  chosen->transform.apply({tokens.data(), tokens.size()}, random >> 8, out);
}

}  // namespace nats::account
