// Any source, destination and subject: what is built maps every subject that matches its source.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "server/subject/subject.h"
#include "server/subject/transform.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t first = input.find('\n'), second = input.find('\n', first + 1);
  if (first == input.npos || second == input.npos) return 0;
  const std::string_view source = input.substr(0, first);
  const std::string_view destination = input.substr(first + 1, second - first - 1);
  const std::string_view subject = input.substr(second + 1);
  const std::string problem = nats::subject::destination_problem(destination);
  const auto transform = nats::subject::Transform::build(source, destination);
  if (!transform) {
    if (transform.error().empty()) std::abort();
    return 0;
  }
  if (!problem.empty() || !nats::subject::matches(subject, source)) return 0;
  std::vector<std::string_view> tokens;
  for (nats::subject::Tokens each(subject); each.next();) tokens.push_back(each.token());
  std::string out;
  transform->apply(tokens, size * 0x9E3779B97F4A7C15, out);
  if (!destination.empty() && out.size() > (destination.size() + 1) * (2 * subject.size() + 20)) std::abort();
  return 0;
}
