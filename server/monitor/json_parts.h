// Pieces of JSON that several endpoints share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/gojson/writer.h"
#include "server/monitor/snapshot.h"

namespace nats::monitor {

void write_sub(gojson::Writer& w, const SubSnapshot& sub, bool with_account);
void write_strings(gojson::Writer& w, std::string_view name, const std::vector<std::string>& strings);
void write_strings_unless_empty(gojson::Writer& w, std::string_view name,
                                const std::vector<std::string>& strings);

// The counters of several sublists added up, with the ratios that are shown of them.
SublistSnapshot operator+(const SublistSnapshot& a, const SublistSnapshot& b);
// The members of an object that is open.
void write_sublist(gojson::Writer& w, const SublistSnapshot& stats);

}  // namespace nats::monitor
