#include "server/monitor/json_parts.h"

#include <algorithm>

namespace nats::monitor {

void write_sub(gojson::Writer& w, const SubSnapshot& sub, bool with_account) {
  w.begin_object();
  if (with_account) {
    w.string_unless_empty("account", sub.account);
    w.string_unless_empty("account_tag", sub.account_tag);
  }
  w.string("subject", sub.subject);
  w.string_unless_empty("qgroup", sub.queue);
  w.string("sid", sub.sid);
  w.integer("msgs", sub.msgs);
  w.integer_unless_zero("max", sub.max);
  w.unsigned_integer("cid", sub.cid);
  w.end_object();
}

void write_strings(gojson::Writer& w, std::string_view name, const std::vector<std::string>& strings) {
  w.key(name);
  w.begin_array();
  for (const std::string& text : strings) w.string(text);
  w.end_array();
}

void write_strings_unless_empty(gojson::Writer& w, std::string_view name,
                                const std::vector<std::string>& strings) {
  if (!strings.empty()) write_strings(w, name, strings);
}

SublistSnapshot operator+(const SublistSnapshot& a, const SublistSnapshot& b) {
  SublistSnapshot sum = a;
  sum.subs += b.subs;
  sum.cache_entries += b.cache_entries;
  sum.inserts += b.inserts;
  sum.removes += b.removes;
  sum.matches += b.matches;
  sum.cache_hits += b.cache_hits;
  sum.fanout_max = std::max(a.fanout_max, b.fanout_max);
  sum.fanout_total += b.fanout_total;
  return sum;
}

void write_sublist(gojson::Writer& w, const SublistSnapshot& stats) {
  const auto ratio = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  w.unsigned_integer("num_subscriptions", stats.subs);
  w.unsigned_integer("num_cache", stats.cache_entries);
  w.unsigned_integer("num_inserts", stats.inserts);
  w.unsigned_integer("num_removes", stats.removes);
  w.unsigned_integer("num_matches", stats.matches);
  w.number("cache_hit_rate", ratio(stats.cache_hits, stats.matches));
  w.unsigned_integer("max_fanout", stats.fanout_max);
  w.number("avg_fanout", ratio(stats.fanout_total, stats.cache_entries));
}

}  // namespace nats::monitor
