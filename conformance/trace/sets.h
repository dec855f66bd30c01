// Arrays whose elements come in any order.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/trace/trace.h"

namespace natstwin::trace {

class Vocabulary;

// The elements of the array `path` ("json.urls") as ranges [begin, end) of leaves.
std::vector<std::pair<std::size_t, std::size_t>> elements_of(std::span<const Leaf> leaves,
                                                             std::string_view path);
// All arrays of the event, an outer one before those inside it.
std::vector<std::string> arrays_of(std::span<const Leaf> leaves);
// Puts the elements into the given order and numbers them anew.
void reorder_elements(std::vector<Leaf>& leaves, std::string_view path, std::span<const std::size_t> order);

// Finds the arrays whose order differs between the events (or is known to be free) while their
// elements agree, sorts them alike in all events, and returns their paths.
std::vector<std::string> sort_sets(std::span<Event* const> events, const Vocabulary& vocabulary);

}  // namespace natstwin::trace
