#include "conformance/trace/rules.h"

#include <array>
#include <string>

namespace natstwin::trace {

namespace {

using enum RuleKind;

constexpr std::array rules{
    // Fields that name the implementation keep type and shape only.
    LeafRule{"*", "json.go", any_text, "the language's version: names the implementation"},
    LeafRule{"*", "json.git_commit", any_text, "a build's commit: names the implementation"},
    LeafRule{"*", "*.server.go", any_text, "the same in system events"},

    // Randomness whose alphabet a few samples do not show whole.
    LeafRule{"*", "json.nonce", random_text, "fresh base64url for each connection"},

    // The machine and its load.
    LeafRule{"*", "json.mem", positive_integer, "resident bytes of the process"},
    LeafRule{"*", "json.cpu", any_number, "CPU share, 0 by luck in an idle server"},
    LeafRule{"*", "*.stats.mem", positive_integer, "the same in system events"},
    LeafRule{"*", "*.stats.cpu", any_number, "the same in system events"},
    LeafRule{"*", "*.cores", positive_integer, "cores of the machine"},
    LeafRule{"*", "json.gomaxprocs", positive_integer, "cores that the process may use"},
    LeafRule{"*", "json.gomemlimit", natural_integer, "memory limit of the process"},
    LeafRule{"*", "json.jetstream.config.max_memory", natural_integer,
             "three quarters of the machine's memory"},
    LeafRule{"*", "json.jetstream.config.max_storage", natural_integer, "what is free on the machine's disk"},

    // Elapsed time: "0s" in every short recording.
    LeafRule{"*", "*.uptime", duration, "since the start; 0s in a short run"},
    LeafRule{"*", "*.idle", duration, "since the last activity; 0s in a short run"},
    LeafRule{"*", "*.rtt", duration, "round trip; its digits are luck"},

    // Recordings made within one second share their date.
    LeafRule{"*", "headers.Date", moment, "seconds of the clock"},

    // Internal messages of the system account race with the client's in the subject cache.
    LeafRule{"GET /subs*", "json.num_cache", natural_integer, "a race of internal subscriptions"},
    LeafRule{"GET /subs*", "json.num_matches", natural_integer, "the same"},
    LeafRule{"GET /subs*", "json.cache_hit_rate", any_number, "the same"},
    LeafRule{"GET /subs*", "json.max_fanout", natural_integer, "the same"},
    LeafRule{"GET /subs*", "json.avg_fanout", any_number, "the same"},
    LeafRule{"GET /accountz*", "json.account_detail.sublist_stats.num_cache", natural_integer, "the same"},
    LeafRule{"GET /accountz*", "json.account_detail.sublist_stats.num_matches", natural_integer, "the same"},
    LeafRule{"GET /accountz*", "json.account_detail.sublist_stats.cache_hit_rate", any_number, "the same"},
    LeafRule{"GET /accountz*", "json.account_detail.sublist_stats.max_fanout", natural_integer, "the same"},
    LeafRule{"GET /accountz*", "json.account_detail.sublist_stats.avg_fanout", any_number, "the same"},

    // What a connection had not flushed yet, a PING for instance.
    LeafRule{"GET /connz*", "json.connections.pending_bytes", natural_integer, "a race with the flush"},

    // Go maps are walked in a random order.
    LeafRule{"*", "*.subscriptions_list", any_order, "walked from a map"},
    LeafRule{"*", "*.subscriptions_list_detail", any_order, "walked from a map"},
    LeafRule{"GET /subsz*", "json.subscriptions_list", any_order, "walked from a map"},
    LeafRule{"*", "*.connect_urls", any_order, "walked from a map"},
    LeafRule{"MSG", "*.permissions.*", any_order, "walked from a map"},
};

constexpr std::array text_rules{
    TextRule{"INF", "text", "\"  Git:      [", "]\"", "a build's commit: names the implementation"},
    TextRule{"DBG", "text", "\"  Go build: ", "\"", "the language's version: names the implementation"},
};

constexpr std::array element_rules{
    ElementRule{"GET /subs*", "json.subscriptions_list", "subject", "\"$SYS.", "sid",
                "numbered in the order of a map"},
    ElementRule{"GET /subs*", "json.subscriptions_list", "subject", "\"$SYS.", "cid",
                "internal clients are numbered in the order of a race"},
};

std::string without_indexes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[') {
      const std::size_t close = path.find(']', i);
      if (close != std::string_view::npos) {
        i = close;
        continue;
      }
    }
    out += path[i];
  }
  return out;
}

}  // namespace

std::span<const LeafRule> leaf_rules() { return rules; }

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

const TextRule* find_text_rule(std::string_view frame, std::string_view path, std::string_view value) {
  for (const TextRule& rule : text_rules) {
    const bool fits = value.size() > rule.begin.size() + rule.end.size() && value.starts_with(rule.begin) &&
                      value.ends_with(rule.end);
    if (fits && glob_matches(rule.frame, frame) && glob_matches(rule.path, path)) return &rule;
  }
  return nullptr;
}

std::span<const ElementRule> element_rules_of(std::string_view frame, std::string_view array) {
  const std::string plain = without_indexes(array);
  for (const ElementRule& rule : element_rules) {
    // The rules of one array stand together.
    if (rule.array != plain || !glob_matches(rule.frame, frame)) continue;
    std::size_t count = 0;
    while (&rule + count != element_rules.data() + element_rules.size() && (&rule)[count].array == plain)
      ++count;
    return {&rule, count};
  }
  return {};
}

const LeafRule* find_rule(std::string_view frame, std::string_view path) {
  const std::string plain = without_indexes(path);
  for (const LeafRule& rule : rules) {
    if (rule.kind != any_order && glob_matches(rule.path, plain) && glob_matches(rule.frame, frame))
      return &rule;
  }
  return nullptr;
}

bool is_set_by_rule(std::string_view frame, std::string_view array_path) {
  const std::string plain = without_indexes(array_path);
  for (const LeafRule& rule : rules) {
    if (rule.kind == any_order && glob_matches(rule.path, plain) && glob_matches(rule.frame, frame))
      return true;
  }
  return false;
}

}  // namespace natstwin::trace
