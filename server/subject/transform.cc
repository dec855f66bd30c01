#include "server/subject/transform.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "server/subject/subject.h"
#include "server/subject/transform_function.h"

namespace nats::subject {

namespace {

using Function = TransformFunction;

constexpr std::string_view bad_subject = "invalid subject";
constexpr std::string_view out_of_range = "wildcard index out of range";

struct Shape {
  bool valid = true;
  std::vector<std::size_t> wildcards;  // where they are
  std::size_t size = 0;
  bool open = false;  // ends in ">"
};

Shape shape_of(std::string_view subject) {
  Shape shape;
  if (subject.empty()) shape.valid = false;
  for (Tokens tokens(subject); tokens.next(); ++shape.size) {
    if (tokens.token().empty() || shape.open) shape.valid = false;
    if (tokens.token() == ">") shape.open = true;
    if (tokens.token() == "*") shape.wildcards.push_back(shape.size);
  }
  return shape;
}

void append_number(std::uint64_t value, std::string& out) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// FNV-1a.
constexpr std::uint32_t hash_start = 2166136261U, hash_prime = 16777619U;
std::uint32_t hash_on(std::uint32_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * hash_prime;
  return hash;
}

// "abcdefg" in pieces of three: "abc.def.g" or, from the right, "a.bcd.efg".
void append_slices(std::string_view text, std::size_t first, std::size_t size, std::string& out) {
  if (first > 0) out.append(text.substr(0, first)).append(first < text.size() ? "." : "");
  for (std::size_t at = first; at < text.size(); at += size) {
    if (at > first) out += '.';
    out += text.substr(at, size);
  }
}

// Empty pieces vanish, and their dots, as the reference has it.
void append_split(std::string_view text, std::string_view delimiter, std::string& out) {
  std::vector<std::string_view> pieces;
  if (delimiter.empty()) {  // between all characters
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at + 1;
      while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
      pieces.push_back(text.substr(at, end - at));
      at = end;
    }
  } else {
    for (std::size_t at = 0;;) {
      const std::size_t end = text.find(delimiter, at);
      pieces.push_back(text.substr(at, end == text.npos ? text.npos : end - at));
      if (end == text.npos) break;
      at = end + delimiter.size();
    }
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out += pieces[i];
    const bool leads = i == 0 && pieces[i].empty();
    if (i + 1 < pieces.size() && !pieces[i + 1].empty() && !leads) out += '.';
  }
}

}  // namespace

class TransformBuilder {
 public:
  static std::expected<Transform, std::string> build(std::string_view source, std::string_view destination) {
    Transform made;
    made.destination_ = destination;
    if (destination.empty()) return made;
    const Shape from = shape_of(source), to = shape_of(destination);
    if (!from.valid || !to.valid || !to.wildcards.empty() || from.open != to.open)
      return std::unexpected(std::string(bad_subject));
    made.source_size_ = from.size;
    made.open_ = to.open;
    const bool wild = !from.wildcards.empty() || from.open;
    for (Tokens tokens(destination); tokens.next();) {
      const std::string_view token = tokens.token();
      TransformToken read = read_transform_token(token);
      if (!read.problem.empty()) return std::unexpected(std::move(read.problem));
      std::string problem = wild ? index_problem(token, read, from) : literal_problem(token, read);
      if (!problem.empty()) return std::unexpected(std::move(problem));
      made.parts_.push_back(part(token, std::move(read), from));
    }
    return made;
  }

 private:
  // A partition may be of the whole subject.
  static std::string literal_problem(std::string_view token, const TransformToken& read) {
    const bool fine = read.function == Function::none || read.function == Function::random ||
                      read.function == Function::partition;
    return fine ? std::string() : destination_error(out_of_range, token);
  }

  static std::string index_problem(std::string_view token, const TransformToken& read, const Shape& from) {
    for (const std::int64_t index : read.wildcards)
      if (index > static_cast<std::int64_t>(from.wildcards.size()))
        return destination_error(out_of_range, fmt::format("{}: [{}]", token, index));
    return {};
  }

  static Transform::Part part(std::string_view token, TransformToken read, const Shape& from) {
    Transform::Part out{read.function, std::string(token), {}, read.number};
    if (read.function == Function::split) out.text = std::move(read.delimiter);
    if (from.wildcards.empty() && !from.open) return out;  // a literal has no wildcards to take
    for (const std::int64_t index : read.wildcards) {
      // Those below 1 are the first token of the subject.
      out.from.push_back(index >= 1 ? from.wildcards[static_cast<std::size_t>(index - 1)] : 0);
    }
    return out;
  }
};

std::expected<Transform, std::string> Transform::build(std::string_view source,
                                                       std::string_view destination) {
  return TransformBuilder::build(source, destination);
}

void Transform::append_part(const Part& part, std::span<const std::string_view> tokens, std::uint64_t random,
                            std::string& out) {
  const auto number = static_cast<std::size_t>(std::max(part.number, 0));
  const std::string_view token =
      !part.from.empty() && part.from[0] < tokens.size() ? tokens[part.from[0]] : std::string_view();
  const bool cuts = number > 0 && number < token.size();
  switch (part.function) {
    case Function::none:
      out += part.text;
      return;
    case Function::wildcard:
      out += token;
      return;
    case Function::partition: {
      std::uint32_t hash = hash_start;
      for (const std::size_t from : part.from)
        if (from < tokens.size()) hash = hash_on(hash, tokens[from]);
      for (std::size_t i = 0; part.from.empty() && i < tokens.size(); ++i)
        hash = hash_on(i > 0 ? hash_on(hash, ".") : hash, tokens[i]);
      // Go's conversion of a negative number of partitions wraps around, too.
      const auto count = static_cast<std::uint32_t>(part.number);
      return append_number(count == 0 ? 0 : hash % count, out);
    }
    case Function::split_from_left:
      return cuts ? append_slices(token, number, token.size(), out) : void(out += token);
    case Function::split_from_right:
      return cuts ? append_slices(token, token.size() - number, number, out) : void(out += token);
    case Function::slice_from_left:
      return cuts ? append_slices(token, 0, number, out) : void(out += token);
    case Function::slice_from_right:
      return cuts ? append_slices(token, token.size() % number, number, out) : void(out += token);
    case Function::left:
      out += cuts ? token.substr(0, number) : token;
      return;
    case Function::right:
      out += cuts ? token.substr(token.size() - number) : token;
      return;
    case Function::split:
      return append_split(token, part.text, out);
    case Function::random:
      return append_number(number == 0 ? 0 : (random & 0x7fffffff) % number, out);
  }
}

void Transform::apply(std::span<const std::string_view> tokens, std::uint64_t random,
                      std::string& out) const {
  const std::size_t ends = parts_.size() - (open_ ? 1 : 0);
  for (std::size_t i = 0; i < ends; ++i) {
    append_part(parts_[i], tokens, random, out);
    if (i + 1 < parts_.size()) out += '.';
  }
  if (!open_) return;
  for (std::size_t i = source_size_ - 1; i < tokens.size(); ++i) {
    out += tokens[i];
    if (i + 1 < tokens.size()) out += '.';
  }
}

std::string destination_problem(std::string_view destination) {
  if (destination.empty()) return {};
  bool ended = false;
  for (Tokens tokens(destination); tokens.next();) {
    const std::string_view token = tokens.token();
    if (token.empty()) return "invalid mapping destination: invalid transform";
    if (ended) return destination_error("invalid transform", token);
    if (token.size() > 4 && token.starts_with("{{") && token.ends_with("}}")) {
      const TransformToken read = read_transform_token(token);
      if (read.function == Function::none) return read.problem;
    } else if (token == ">") {
      ended = true;
    } else if (token.find_first_of("\t\n\f\r ") != std::string_view::npos) {
      return "invalid mapping destination: invalid transform";
    }
  }
  return {};
}

std::string numbered_wildcards(std::string_view pattern) {
  std::string out;
  int count = 0;
  for (Tokens tokens(pattern); tokens.next();) {
    if (!out.empty()) out += '.';
    if (tokens.token() == "*")
      out += fmt::format("${}", ++count);
    else
      out += tokens.token();
  }
  return out;
}

}  // namespace nats::subject
