// /connz: connections, open and closed, filtered, sorted and cut to a page.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "server/monitor/http_params.h"
#include "server/monitor/snapshot.h"

namespace nats::monitor {

struct ConnzOptions {
  std::string sort;
  bool auth = false, subs = false, subs_detail = false;
  std::int64_t offset = 0, limit = 0;
  std::uint64_t cid = 0;
  ConnState state = ConnState::open;
  std::string user, account, mqtt_client, filter_subject;
};

// An error is the text of an answer of status 400.
std::expected<ConnzOptions, std::string> parse_connz_options(const HttpParams& params);

ConnQuery conn_query(const ConnzOptions& options);

// Whether the page is few of `count` open connections, and can be picked by their numbers alone.
bool is_small_page(const ConnzOptions& options, std::int64_t count);
// The ids of those on the page.
std::vector<std::uint64_t> pick_page(const ConnSummaries& parts, ConnzOptions options);

// The JSON text, or the text of an answer of status 400. `options` are judged here, so that $SYS
// requests get the same errors.
std::expected<std::string, std::string> connz(ConnectionsSnapshot snapshot, ConnzOptions options);

}  // namespace nats::monitor
