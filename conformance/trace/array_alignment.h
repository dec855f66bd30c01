// Brings the arrays of an event into the shape of the golden's, so that one element more or less, or
// another order where the order is free, is not told as a difference of everything behind it.
#pragma once

#include "conformance/trace/bindings.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/trace.h"

namespace natstwin::trace {

// Sorts the elements of the spec's sets in `event` into the spec's order.
void sort_sets_like(const EventSpec& spec, const Golden& golden, const Bindings* bindings, Event& event);

// Numbers the elements of the other arrays, where their count is not the spec's, by the element of
// the spec that they fit. An element that is none of them is numbered [+N], N being its own place.
void number_elements_like(const EventSpec& spec, const Golden& golden, const Bindings* bindings,
                          Event& event);

}  // namespace natstwin::trace
