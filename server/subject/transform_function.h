// One token of a transform's destination, read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/subject/transform.h"

namespace nats::subject {

struct TransformToken {
  TransformFunction function = TransformFunction::none;
  std::vector<std::int64_t> wildcards;  // which of the source's, 1 is the first
  std::int32_t number = 0;
  std::string delimiter;
  std::string problem;  // the reference's text; empty: it is fine
};

// "$1", "{{wildcard(1)}}", or any other token.
TransformToken read_transform_token(std::string_view token);

// "invalid mapping destination: REASON in TOKEN"
std::string destination_error(std::string_view reason, std::string_view token);

}  // namespace nats::subject
