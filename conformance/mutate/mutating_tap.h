// Sits between the clients of one run and the server, and does one mutant's wrong once.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "conformance/mutate/mutants.h"
#include "conformance/runner/tap.h"

namespace natstwin::mutate {

// Shared by all connections of a run. `skip` passes over so many frames that would do, so that not
// always the first one is changed.
class Mutation {
 public:
  Mutation(const Mutant& mutant, std::uint64_t choice, std::uint64_t skip)
      : mutant_(mutant), choice_(choice), skip_(skip) {}

  const Mutant& mutant() const { return mutant_; }
  // True once: this frame is the one. `fits` says whether the frame lends itself to it.
  bool claim(bool fits);
  // What was claimed turned out to change nothing.
  void withdraw();
  std::uint64_t choice() const { return choice_; }
  bool applied() const;

 private:
  const Mutant& mutant_;
  std::uint64_t choice_;
  mutable std::mutex mutex_;
  std::uint64_t skip_;  // under mutex_
  bool applied_ = false;
  bool withdrawn_ = false;
};

runner::TapFactory mutating_taps(std::shared_ptr<Mutation> mutation);

}  // namespace natstwin::mutate
