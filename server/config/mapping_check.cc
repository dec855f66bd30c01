// Is a subject mapping one that the server could apply?
#include <fmt/core.h>

#include <map>
#include <set>

#include "server/config/blocks.h"
#include "server/gojson/go_quote.h"
#include "server/subject/subject.h"
#include "server/subject/transform.h"

namespace nats::config {

std::string check_mapping(const Mapping& mapping) {
  if (!subject::is_valid(mapping.source)) return "invalid subject";
  std::set<std::string> seen;
  std::map<std::string, int> totals;
  for (const MapDestination& destination : mapping.destinations) {
    if (!seen.insert(destination.subject).second) {
      return fmt::format("duplicate entry for {}", gojson::go_quote(destination.subject));
    }
    int& total = totals[destination.cluster];
    total += destination.weight;
    if (total > 100) return "total weight needs to be <= 100";
    std::string problem = subject::destination_problem(destination.subject);
    if (!problem.empty()) return problem;
    if (auto built = subject::Transform::build(mapping.source, destination.subject); !built)
      return built.error();
  }
  return {};
}

}  // namespace nats::config
