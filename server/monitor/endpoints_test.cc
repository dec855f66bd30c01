// Texts are those that the reference (2.15.1) answered with; times and ids are those of its run.
#include "server/monitor/endpoints.h"
#include "server/monitor/route.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "server/monitor/request_stats.h"

namespace nats::monitor {
namespace {

constexpr std::int64_t second = 1'000'000'000;
// 2026-11-24T18:01:41Z
constexpr std::int64_t run_start_seconds = 1'795'543'301;

const Endpoint& endpoint(std::string_view path) {
  for (const Endpoint& e : endpoints())
    if (e.path == path) return e;
  ADD_FAILURE() << "no endpoint " << path;
  return endpoints()[0];
}

// The answer to a target, as the monitor server makes it of what it gathered.
EndpointAnswer ask(std::string_view target, Gathered gathered = {}) {
  const std::size_t mark = target.find('?');
  const Endpoint& e = endpoint(target.substr(0, mark));
  const HttpParams params(mark == target.npos ? "" : target.substr(mark + 1));
  if (e.refuse)
    if (auto text = e.refuse(params)) return {text_answer(400, *text), {}};
  return e.answer(params, std::move(gathered));
}

Gathered plain() {
  Gathered gathered;
  gathered.base_path = "/";
  const Identity identity{"NID", "NAME", {run_start_seconds * second + 500'000'000}};
  gathered.server.identity = identity;
  gathered.accounts.identity = identity;
  gathered.accounts.system_account = "$SYS";
  return gathered;
}

TEST(Varz, ShowsAllOptionsOfASingleServer) {
  ServerSnapshot s;
  s.identity = {"NC4AGNTCMDMGQ2YSVVM2QDTBRGH5MKRUQF2JWMGCGGSGLIIXNPTZUAT6",
                "full<one>",
                {run_start_seconds * second + 204'548'422}};
  s.version = "2.15.1";
  s.git_commit = "b2fd3ef";
  s.go = "go1.27.2";
  s.host = "1.2.3.4";
  s.port = 4222;
  s.auth_required = true;
  s.connections_max = 10;
  s.subscriptions_max = 7;
  s.ping_interval = Duration::from_seconds(90);
  s.pings_out_max = 5;
  s.http_host = "127.0.0.1";
  s.http_port = 27407;
  s.http_base_path = "mon/";
  s.auth_timeout_seconds = 0.5;
  s.tls_timeout_seconds = 2;
  s.control_line_max = 2048;
  s.payload_max = 1048576;
  s.pending_max = 3000000;
  s.cluster.name = "cl";
  s.write_deadline = Duration::from_ms(1500);
  s.write_timeout = "retry";
  s.start = s.config_load_time = {run_start_seconds * second + 156'923'524};
  s.uptime = Duration::from_ms(48);
  s.resident_bytes = 14757888;
  s.cores = 2;
  s.worker_threads = 3;
  s.memory_limit_bytes = 1 << 30;
  s.connections_total = 1;
  s.subscriptions = 60;
  s.config_digest = "sha256:b7fbaca3498172073a815faf1bb0eae3f5965bdee701c36168a34f3c67e844a9";
  s.tags = {"a:b", "c"};
  s.metadata = {{"zone", "z1"}, {"and", "more"}};
  s.feature_flags = {{"js_ack_fc_v2", true},
                     {"js_api_reply_v2", false},
                     {"js_raft_delete_range", true},
                     {"js_snapshot_sources", false}};
  s.system_account = "$SYS";
  Gathered gathered;
  gathered.server = s;
  gathered.request_counts = {{"/varz", 1}};

  std::ifstream in("server/monitor/testdata/varz_full.json");
  const std::string recorded{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(ask("/varz", gathered).http.body + "\n", recorded);
}

TEST(Varz, ShowsConfiguredBlocksOnly) {
  Gathered gathered = plain();
  gathered.server.websocket.host = "127.0.0.1";
  gathered.server.websocket.port = 41311;
  gathered.server.websocket.no_tls = true;
  gathered.server.leaf_node.host = "127.0.0.1";
  gathered.server.leaf_node.port = 37115;
  gathered.server.leaf_node.auth_timeout_seconds = 2;
  gathered.server.leaf_node.tls_timeout_seconds = 2;
  const std::string body = ask("/varz", gathered).http.body;
  EXPECT_NE(body.find(R"(
  "gateway": {},
  "leaf": {
    "host": "127.0.0.1",
    "port": 37115,
    "auth_timeout": 2,
    "tls_timeout": 2
  },
  "mqtt": {},
  "websocket": {
    "host": "127.0.0.1",
    "port": 41311,
    "no_tls": true
  },
)"),
            std::string::npos)
      << body;
}

AccountSnapshot account_a() {
  AccountSnapshot a;
  a.name = a.tag = "A";
  a.updated = {run_start_seconds * second};
  a.client_connections = 2;
  a.sent.all = {2, 8};
  a.received.all = {3, 9};
  a.sublist = {2, 3, 9, 7, 8, 2, 1, 2};
  a.subs = {{"A", "A", "foo", "", "1", 1, 0, 8}, {"A", "A", "bar.*", "q", "2", 0, 10, 8}};
  a.imports = {
      {"$SYS.REQ.ACCOUNT.A.CONNZ", "$SYS", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ", true}};
  a.exports = {{"svc", true, false, "Singleton", {}}};
  return a;
}

TEST(Subsz, AddsUpAccountsAndListsOnDemand) {
  Gathered gathered = plain();
  gathered.accounts.accounts = {account_a(), {}};
  gathered.accounts.accounts[1].name = "B";
  gathered.accounts.accounts[1].sublist = {1, 1, 1, 0, 0, 0, 5, 5};
  EXPECT_EQ(ask("/subsz", gathered).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "num_subscriptions": 3,
  "num_cache": 4,
  "num_inserts": 10,
  "num_removes": 7,
  "num_matches": 8,
  "cache_hit_rate": 0.25,
  "max_fanout": 5,
  "avg_fanout": 1.75,
  "total": 0,
  "offset": 0,
  "limit": 1024
})");
  EXPECT_EQ(ask("/subscriptionsz?acc=A&subs=1&test=bar.x&limit=-1&offset=-1", gathered).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "num_subscriptions": 2,
  "num_cache": 3,
  "num_inserts": 9,
  "num_removes": 7,
  "num_matches": 8,
  "cache_hit_rate": 0.25,
  "max_fanout": 1,
  "avg_fanout": 0.6666666666666666,
  "total": 1,
  "offset": 0,
  "limit": 1024,
  "subscriptions_list": [
    {
      "account": "A",
      "account_tag": "A",
      "subject": "bar.*",
      "qgroup": "q",
      "sid": "2",
      "msgs": 0,
      "max": 10,
      "cid": 8
    }
  ]
})");
  const std::string past_the_end = ask("/subsz?subs=1&offset=1000", gathered).http.body;
  EXPECT_NE(past_the_end.find("\"total\": 2,\n  \"offset\": 1000,\n  \"limit\": 1024\n}"), std::string::npos);
}

TEST(Accstatz, LeavesOutAccountsThatNobodyUses) {
  Gathered gathered = plain();
  gathered.accounts.accounts = {account_a(), {}};
  gathered.accounts.accounts[1].name = gathered.accounts.accounts[1].tag = "B";
  EXPECT_EQ(ask("/accstatz", gathered).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "account_statz": [
    {
      "acc": "A",
      "name": "A",
      "conns": 2,
      "leafnodes": 0,
      "total_conns": 2,
      "num_subscriptions": 2,
      "sent": {
        "msgs": 2,
        "bytes": 8,
        "gateways": {
          "msgs": 0,
          "bytes": 0
        },
        "routes": {
          "msgs": 0,
          "bytes": 0
        },
        "leafs": {
          "msgs": 0,
          "bytes": 0
        }
      },
      "received": {
        "msgs": 3,
        "bytes": 9,
        "gateways": {
          "msgs": 0,
          "bytes": 0
        },
        "routes": {
          "msgs": 0,
          "bytes": 0
        },
        "leafs": {
          "msgs": 0,
          "bytes": 0
        }
      },
      "slow_consumers": 0
    }
  ]
})");
  EXPECT_NE(ask("/accstatz?unused=1", gathered).http.body.find("\"acc\": \"B\""), std::string::npos);
}

TEST(Accountz, ListsNamesOrShowsOneAccount) {
  Gathered gathered = plain();
  gathered.accounts.accounts = {account_a(), {}};
  gathered.accounts.accounts[1].name = "$SYS";
  EXPECT_EQ(ask("/accountz", gathered).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "system_account": "$SYS",
  "accounts": [
    "A",
    "$SYS"
  ]
})");
  EXPECT_EQ(ask("/accountz?acc=A", gathered).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "system_account": "$SYS",
  "account_detail": {
    "account_name": "A",
    "update_time": "2026-11-24T18:01:41Z",
    "expired": false,
    "complete": true,
    "jetstream_enabled": false,
    "leafnode_connections": 0,
    "client_connections": 2,
    "subscriptions": 2,
    "exports": [
      {
        "subject": "svc",
        "type": "service",
        "response_type": "Singleton"
      }
    ],
    "imports": [
      {
        "subject": "$SYS.REQ.ACCOUNT.A.CONNZ",
        "account": "$SYS",
        "to": "$SYS.REQ.SERVER.PING.CONNZ",
        "local_subject": "$SYS.REQ.SERVER.PING.CONNZ",
        "type": "service",
        "invalid": false,
        "share": false,
        "tracking": false
      }
    ],
    "name_tag": "A",
    "sublist_stats": {
      "num_subscriptions": 2,
      "num_cache": 3,
      "num_inserts": 9,
      "num_removes": 7,
      "num_matches": 8,
      "cache_hit_rate": 0.25,
      "max_fanout": 1,
      "avg_fanout": 0.6666666666666666
    }
  }
})");
}

TEST(Endpoints, OfAbsentFeaturesAnswerAsAServerWithoutThem) {
  EXPECT_EQ(ask("/routez", plain()).http.body, R"({
  "server_id": "NID",
  "server_name": "NAME",
  "now": "2026-11-24T18:01:41.5Z",
  "num_routes": 0,
  "routes": []
})");
  EXPECT_EQ(ask("/gatewayz?accs=1", plain()).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "outbound_gateways": {},
  "inbound_gateways": {}
})");
  EXPECT_EQ(ask("/leafz", plain()).http.body, R"({
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "leafnodes": 0,
  "leafs": []
})");
  EXPECT_EQ(ask("/jsz?acc=X&consumers=1", plain()).http.body, R"({
  "memory": 0,
  "storage": 0,
  "reserved_memory": 0,
  "reserved_storage": 0,
  "accounts": 0,
  "ha_assets": 0,
  "api": {
    "level": 0,
    "total": 0,
    "errors": 0
  },
  "server_id": "NID",
  "now": "2026-11-24T18:01:41.5Z",
  "disabled": true,
  "config": {
    "max_memory": 0,
    "max_storage": 0
  },
  "streams": 0,
  "consumers": 0,
  "messages": 0,
  "bytes": 0,
  "total": 0
})");
  EXPECT_EQ(ask("/raftz").http.status, 404);
  EXPECT_EQ(ask("/raftz").http.body, "No Raft nodes registered");
}

TEST(Ipqueuesz, ShowsBusyQueuesOrAll) {
  Gathered gathered = plain();
  gathered.server.queues = {{"SendQ", {0, 0}}, {"System recvQ", {3, 1}}};
  EXPECT_EQ(ask("/ipqueuesz", gathered).http.body,
            "{\n   \"System recvQ\": {\n      \"pending\": 3,\n      \"in_progress\": 1\n   }\n}");
  EXPECT_EQ(ask("/ipqueuesz?all=1&queues=Send", gathered).http.body,
            "{\n   \"SendQ\": {\n      \"pending\": 0\n   }\n}");
  EXPECT_EQ(ask("/ipqueuesz").http.body, "{}");
}

TEST(Healthz, AnswersAsAServerWithoutJetStream) {
  Gathered starting = plain();
  starting.server.ready_for_connections = false;
  starting.server.not_ready_reason = "failed to be ready for connections after 1ms";
  const struct {
    std::string_view target;
    bool ready;
    int status;
    std::string_view body;
    std::vector<std::string> warnings;
  } table[] = {
      {"/healthz", true, 200, R"({"status":"ok"})", {}},
      {"/healthz?js-enabled-only=1&details=true", true, 200, R"({"status":"ok"})", {}},
      {"/healthz?js-enabled=1",
       true,
       200,
       R"({"status":"ok"})",
       {"Healthcheck: js-enabled deprecated, use js-enabled-only instead"}},
      {"/healthz?stream=s",
       true,
       400,
       R"({"status":"error","error":"\"account\" must not be empty when checking stream health"})",
       {R"(Healthcheck failed: "\"account\" must not be empty when checking stream health")"}},
      {"/healthz?consumer=c&details=1",
       true,
       400,
       R"({"status":"error","errors":[{"type":"BAD_REQUEST","error":"\"stream\" must not be empty when checking consumer health"}]})",
       {"Healthcheck failed: 1 errors"}},
      {"/healthz?account=A&stream=s&consumer=c", true, 200, R"({"status":"ok"})", {}},
      {"/healthz?account=A&consumer=c",
       true,
       400,
       R"({"status":"error","error":"\"stream\" must not be empty when checking consumer health"})",
       {R"(Healthcheck failed: "\"stream\" must not be empty when checking consumer health")"}},
      {"/healthz?js-server-only=x",
       true,
       400,
       R"(Error decoding boolean for 'js-server-only': strconv.ParseBool: parsing "x": invalid syntax)",
       {}},
      {"/healthz",
       false,
       500,
       R"({"status":"error","error":"failed to be ready for connections after 1ms"})",
       {R"(Healthcheck failed: "failed to be ready for connections after 1ms")"}},
  };
  for (const auto& row : table) {
    const EndpointAnswer answer = ask(row.target, row.ready ? plain() : starting);
    EXPECT_EQ(answer.http.status, row.status) << row.target;
    EXPECT_EQ(answer.http.body, row.body) << row.target;
    EXPECT_EQ(answer.warnings, row.warnings) << row.target;
  }
}

TEST(Endpoints, RefuseParametersInTheReferencesOrderAndWords) {
  const struct {
    std::string_view target, text;
  } table[] = {
      {"/subsz?subs=detail&limit=x",
       R"(Error decoding boolean for 'subs': strconv.ParseBool: parsing "detail": invalid syntax)"},
      {"/subsz?limit=x&offset=y",
       R"(Error decoding int for 'offset': strconv.Atoi: parsing "y": invalid syntax)"},
      {"/subsz?test=foo.*", "invalid test subject, must be valid publish subject: foo.*"},
      {"/subsz?test=foo..x", "invalid test subject, must be valid publish subject: foo..x"},
      {"/routez?subs=2",
       R"(Error decoding boolean for 'subs': strconv.ParseBool: parsing "2": invalid syntax)"},
      {"/gatewayz?accs=2",
       R"(Error decoding boolean for 'accs': strconv.ParseBool: parsing "2": invalid syntax)"},
      {"/leafz?subs=detail",
       R"(Error decoding boolean for 'subs': strconv.ParseBool: parsing "detail": invalid syntax)"},
      {"/accstatz?unused=no",
       R"(Error decoding boolean for 'unused': strconv.ParseBool: parsing "no": invalid syntax)"},
      {"/accountz?acc=X", "Account X does not exist"},
      {"/jsz?limit=1.0", R"(Error decoding int for 'limit': strconv.Atoi: parsing "1.0": invalid syntax)"},
      {"/jsz?leader-only=1", "filtered response: not leader"},
      {"/ipqueuesz?all=x",
       R"(Error decoding boolean for 'all': strconv.ParseBool: parsing "x": invalid syntax)"},
  };
  for (const auto& row : table) {
    const HttpAnswer answer = ask(row.target, plain()).http;
    EXPECT_EQ(answer.status, 400) << row.target;
    EXPECT_EQ(answer.body, row.text) << row.target;
  }
}

TEST(HttpParams, ReadsNumbersAsStrconvDoes) {
  const struct {
    std::string_view text;
    std::int64_t number;
    std::string_view error;
  } table[] = {
      {"", 0, ""},
      {"%2B2", 2, ""},
      {"-0", 0, ""},
      {"007", 7, ""},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max(), ""},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min(), ""},
      {"9223372036854775808", 0, R"(strconv.Atoi: parsing "9223372036854775808": value out of range)"},
      {"99999999999999999999x", 0, R"(strconv.Atoi: parsing "99999999999999999999x": value out of range)"},
      {"-", 0, R"(strconv.Atoi: parsing "-": invalid syntax)"},
      {"1 ", 0, R"(strconv.Atoi: parsing "1 ": invalid syntax)"},
      {"%c3%a9%00", 0, R"(strconv.Atoi: parsing "é\x00": invalid syntax)"},
  };
  for (const auto& row : table) {
    const auto number = HttpParams("n=" + std::string(row.text)).integer("n");
    if (row.error.empty()) {
      EXPECT_EQ(number.value(), row.number) << row.text;
    } else {
      EXPECT_EQ(number.error(), "Error decoding int for 'n': " + std::string(row.error));
    }
  }
}

TEST(RequestStats, CountsByPathAndAddsUpAliases) {
  RequestStats stats;
  EXPECT_TRUE(stats.counts().empty());
  for (const std::string_view path : {"/subsz", "/subscriptionsz", "/varz", "/ipqueuesz"})
    stats.count(endpoint(path));
  EXPECT_EQ(stats.counts(), (std::map<std::string, std::uint64_t>{{"/subsz", 2}, {"/varz", 1}}));
}

TEST(Route, KnowsPathsBelowTheBasePathOnly) {
  const auto found = [](std::string_view path, std::string_view base) {
    HttpRequest request;
    request.method = "GET";
    request.target_text = path;
    request.target = *parse_target("GET", path);
    const Route r = route(request, base);
    return r.endpoint ? std::string(r.endpoint->path) : std::to_string(r.answer.status);
  };
  EXPECT_EQ(normalize_base_path(""), "/");
  EXPECT_EQ(normalize_base_path("mon/"), "/mon");
  EXPECT_EQ(found("/mon", "/mon"), "/");
  EXPECT_EQ(found("/mon/", "/mon"), "404");
  EXPECT_EQ(found("/mon/varz?x", "/mon"), "/varz");
  EXPECT_EQ(found("/mon/debug/vars", "/mon"), "/debug/vars");
  EXPECT_EQ(found("/varz", "/mon"), "404");
  EXPECT_EQ(found("/", "/mon"), "404");
  EXPECT_EQ(found("//mon", "/mon"), "307");
}

}  // namespace
}  // namespace nats::monitor
