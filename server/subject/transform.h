// Subject transforms: from a subject that matches one pattern to a subject made of its tokens
// (ADR-30). Mappings, imports, streams and leaf nodes use them.
//
//   foo.*.*  ->  bar.$2.{{wildcard(1)}}.{{partition(10,1,2)}}
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nats::subject {

// What a token of a destination is replaced by.
enum class TransformFunction : std::uint8_t {
  none,  // itself
  wildcard,
  partition,
  split_from_left,
  split_from_right,
  slice_from_left,
  slice_from_right,
  left,
  right,
  split,
  random,
};

class Transform {
 public:
  // The error is the reference's text. An empty destination is fine and stays empty.
  static std::expected<Transform, std::string> build(std::string_view source, std::string_view destination);

  const std::string& destination() const { return destination_; }

  // Appends to `out`. `tokens` are those of a subject that matches the source; `random` decides where
  // a function asks for chance. Without tokens, functions of the whole subject see an empty one.
  void apply(std::span<const std::string_view> tokens, std::uint64_t random, std::string& out) const;

 private:
  struct Part {
    TransformFunction function = TransformFunction::none;
    std::string text;               // the token itself, or what splits
    std::vector<std::size_t> from;  // tokens of the source, counted from 0
    std::int32_t number = 0;        // partitions, a position, a size
  };

  friend class TransformBuilder;

  static void append_part(const Part& part, std::span<const std::string_view> tokens, std::uint64_t random,
                          std::string& out);

  std::string destination_;
  std::vector<Part> parts_;
  std::size_t source_size_ = 0;
  bool open_ = false;  // ends in ">": what is left of the subject follows
};

// What a mapping asks of the form of a destination, before build(). Empty: nothing is wrong.
std::string destination_problem(std::string_view destination);

// "foo.*.bar.*" as a destination of its own: "foo.$1.bar.$2".
std::string numbered_wildcards(std::string_view pattern);

}  // namespace nats::subject
