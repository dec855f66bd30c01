// Many scenarios: in parallel, and divided between machines.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/script/script.h"

namespace natstwin::runner {

// A signal handler may say that all is to end soon: no scenario goes on, and each cleans up.
void interrupt();
bool is_interrupted();

// Calls `work(0)` to `work(count - 1)` on so many threads; returns when all are done.
void for_each_parallel(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

// How long a scenario is going to take, in milliseconds, judged by its statements.
long cost_of(const script::Script& script);

struct Shard {
  int index = 1;  // from 1
  int count = 1;
};
std::expected<Shard, std::string> parse_shard(std::string_view text);  // "2/3"

// The scenarios of one shard; shards cost about the same and do not depend on the order given.
std::vector<script::Script> take_shard(std::vector<script::Script> scripts, Shard shard);

}  // namespace natstwin::runner
