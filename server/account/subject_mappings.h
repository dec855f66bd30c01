// Subject mappings of one account (ADR-30): what clients publish to other subjects than they name.
// Immutable; a reload makes others.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/options.h"
#include "server/subject/transform.h"

namespace nats::account {

class SubjectMappings {
 public:
  // `mappings` were checked when they were read. Like the reference, who never takes a mapping back, a reload
  // adds to `previous` or replaces there. Null: there is none.
  static std::shared_ptr<const SubjectMappings> build(const std::vector<config::Mapping>& mappings,
                                                      const SubjectMappings* previous);

  // For monitoring: by source, each destination with its weight and those of the ones before it.
  struct Listed {
    std::string destination;
    int up_to_percent = 0;
  };
  std::map<std::string, std::vector<Listed>> list() const;

  // True: `subject` is mapped, to `out`, which is empty where the message is to be lost.
  bool map(std::string_view subject, std::uint64_t random, std::string& out) const;

 private:
  struct Destination {
    subject::Transform transform;
    unsigned up_to = 0;  // percent, with those before it
  };
  struct Mapping {
    std::string source;
    bool literal = false;
    std::vector<Destination> destinations;
  };

  static Mapping make(const config::Mapping& mapping);
  static void choose(const Mapping& mapping, std::string_view subject, bool with_tokens, std::uint64_t random,
                     std::string& out);

  std::vector<Mapping> mappings_;
};

}  // namespace nats::account
