// Two servers doing the same thing: what one does otherwise is told as soon as both have got that far.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "conformance/trace/compare.h"
#include "conformance/trace/trace.h"

namespace natstwin::runner {

class SideBySide {
 public:
  enum Side : std::size_t { left = 0, right = 1 };

  // `report` gets each difference once; it is called under a lock, from any thread.
  explicit SideBySide(std::function<void(const trace::Difference&)> report) : report_(std::move(report)) {}

  void add(Side side, const trace::Event& event);
  // Both are done: the last word, on the whole traces.
  trace::Verdict finish();

 private:
  trace::Verdict compare(const trace::Trace& model, const trace::Trace& other);

  std::function<void(const trace::Difference&)> report_;
  std::mutex mutex_;
  // Held by mutex_:
  std::array<trace::Trace, 2> traces_;
  std::set<std::string> reported_;
  std::size_t compared_ = 0;  // events of the shorter side at the last comparison
};

}  // namespace natstwin::runner
