// The recorded answers of the reference (testdata/connz.txt) are made again from the connections that
// the fullest of them shows.
#include "server/monitor/connz.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "server/gojson/document.h"
#include "server/gojson/time_text.h"
#include "server/monitor/endpoints.h"

namespace nats::monitor {
namespace {

using gojson::Document;
using gojson::Value;

struct Answer {
  std::string query, status, body;
};

std::vector<Answer> load() {
  std::ifstream in("server/monitor/testdata/connz.txt");
  std::vector<Answer> answers;
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with("# /connz")) {
      const std::size_t space = line.rfind(' ');
      answers.push_back({line.substr(8, space - 8), line.substr(space + 1), {}});
    } else if (!answers.empty() && !line.empty()) {
      answers.back().body += (answers.back().body.empty() ? "" : "\n") + line;
    }
  }
  return answers;
}

std::string text(Value object, std::string_view name) {
  Value found = object;
  return object.find(name, found) ? std::string(found.text()) : "";
}

std::int64_t number(Value object, std::string_view name) {
  const std::string digits = text(object, name);
  return digits.empty() ? 0 : std::stoll(digits);
}

// "2026-11-24T12:58:04.878191738-05:00", by counting days.
WallTime time_of(const std::string& text, Duration* offset = nullptr) {
  int year, month, day, hour, minute, second;
  std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second);
  std::int64_t days = 0;
  for (int y = 1970; y < year; ++y) days += y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 366 : 365;
  constexpr int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int m = 1; m < month; ++m) days += month_days[m - 1] + (m == 2 && year % 4 == 0 ? 1 : 0);
  days += day - 1;
  std::int64_t ns = 0, unit = 100'000'000;
  std::size_t at = 19;
  if (text[at] == '.')
    for (++at; text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) ns += (text[at] - '0') * unit;
  int offset_seconds = 0;
  if (text[at] != 'Z') {
    offset_seconds = std::stoi(text.substr(at + 1, 2)) * 3600 + std::stoi(text.substr(at + 4, 2)) * 60;
    if (text[at] == '-') offset_seconds = -offset_seconds;
  }
  if (offset) *offset = Duration::from_seconds(offset_seconds);
  return {(((days * 24 + hour) * 60 + minute) * 60 + second - offset_seconds) * 1'000'000'000 + ns};
}

Duration rtt_of(const std::string& text) {
  const double number = std::stod(text);
  if (text.ends_with("ms")) return {static_cast<std::int64_t>(number * 1e6 + 0.5)};
  if (text.ends_with("µs")) return {static_cast<std::int64_t>(number * 1e3 + 0.5)};
  return {static_cast<std::int64_t>(number * 1e9)};
}

ConnSnapshot connection_of(Value value) {
  ConnSnapshot conn;
  conn.cid = static_cast<std::uint64_t>(number(value, "cid"));
  conn.kind = text(value, "kind");
  conn.type = text(value, "type");
  conn.ip = text(value, "ip");
  conn.port = static_cast<int>(number(value, "port"));
  conn.start = time_of(text(value, "start"), &conn.utc_offset);
  Duration last_offset;
  conn.last_activity = time_of(text(value, "last_activity"), &last_offset);
  conn.last_activity_in_utc = last_offset != conn.utc_offset;
  if (const std::string stop = text(value, "stop"); !stop.empty()) conn.stop = time_of(stop);
  conn.reason = text(value, "reason");
  conn.rtt = rtt_of(text(value, "rtt"));
  conn.pending_bytes = number(value, "pending_bytes");
  conn.in_msgs = number(value, "in_msgs");
  conn.out_msgs = number(value, "out_msgs");
  conn.in_bytes = number(value, "in_bytes");
  conn.out_bytes = number(value, "out_bytes");
  conn.subs_count = static_cast<std::uint32_t>(number(value, "subscriptions"));
  conn.name = text(value, "name");
  conn.lang = text(value, "lang");
  conn.version = text(value, "version");
  conn.user = text(value, "authorized_user");
  conn.account = text(value, "account");
  if (conn.account.empty()) conn.account = "$G";
  conn.account_tag = text(value, "name_tag");
  Value subs = value;
  if (value.find("subscriptions_list_detail", subs))
    for (Value at = subs.first(); at != subs.end(); at = at.next())
      conn.subs.push_back({text(at, "account"), text(at, "account_tag"), text(at, "subject"),
                           text(at, "qgroup"), text(at, "sid"), number(at, "msgs"), number(at, "max"),
                           static_cast<std::uint64_t>(number(at, "cid"))});
  return conn;
}

ConnectionsSnapshot snapshot_of(const std::string& fullest) {
  const Document document = *Document::parse(fullest);
  ConnectionsSnapshot snapshot;
  snapshot.identity.server_id = text(document.root(), "server_id");
  snapshot.accounts = {"$G", "$SYS", "A", "B"};
  snapshot.parts.emplace_back();
  Value conns = document.root();
  document.root().find("connections", conns);
  for (Value at = conns.first(); at != conns.end(); at = at.next())
    snapshot.parts.back().push_back(connection_of(at));
  return snapshot;
}

// Connections that are equal by the sort key may come in any order: the reference sorts a shuffled
// list. So an answer is compared as its set of connections, and its order by the key alone.
struct Page {
  std::string head;
  std::string blocks;  // sorted
  std::string keys;    // in order
};

Page page_of(const std::string& body, const std::string& key) {
  Page page;
  std::vector<std::string> blocks;
  std::size_t at = body.find("\n    {\n");
  page.head = body.substr(0, at);
  while (at != body.npos) {
    const std::size_t end = body.find("\n    }", at);
    const std::string block = body.substr(at, end - at);
    const std::size_t field = block.find("\"" + key + "\": ");
    page.keys += field == block.npos ? "none\n" : block.substr(field, block.find('\n', field) - field) + "\n";
    blocks.push_back(block);
    at = body.find("\n    {\n", end);
  }
  std::sort(blocks.begin(), blocks.end());
  for (const std::string& block : blocks) page.blocks += block;
  return page;
}

std::string field_of_sort(const std::string& sort) {
  const std::map<std::string, std::string> fields{{"start", "start"},
                                                  {"subs", "subscriptions"},
                                                  {"pending", "pending_bytes"},
                                                  {"msgs_to", "out_msgs"},
                                                  {"msgs_from", "in_msgs"},
                                                  {"bytes_to", "out_bytes"},
                                                  {"bytes_from", "in_bytes"},
                                                  {"last", "last_activity"},
                                                  {"idle", "last_activity"},
                                                  {"uptime", "uptime"},
                                                  {"stop", "stop"},
                                                  {"reason", "reason"},
                                                  {"rtt", "rtt"}};
  const auto found = fields.find(sort);
  return found == fields.end() ? "cid" : found->second;
}

TEST(Connz, MakesTheAnswersOfTheReference) {
  const auto answers = load();
  ASSERT_GT(answers.size(), 70u);
  const auto fullest = std::find_if(answers.begin(), answers.end(), [](const Answer& a) {
    return a.query == "?state=any&subs=detail&auth=1";
  });
  ASSERT_NE(fullest, answers.end());
  const ConnectionsSnapshot recorded = snapshot_of(fullest->body);
  for (const Answer& answer : answers) {
    const HttpParams params(std::string_view(answer.query).substr(answer.query.empty() ? 0 : 1));
    const auto options = parse_connz_options(params);
    std::string body;
    if (!options) {
      body = options.error();
    } else {
      ConnectionsSnapshot snapshot = recorded;
      if (answer.status == "200")
        snapshot.identity.now = time_of(text(Document::parse(answer.body)->root(), "now"));
      const auto result = connz(std::move(snapshot), *options);
      body = result ? *result : result.error();
      EXPECT_EQ(result.has_value(), answer.status == "200") << answer.query;
    }
    const std::string key = field_of_sort(std::string(params.get("sort")));
    const Page ours = page_of(body, key), theirs = page_of(answer.body, key);
    EXPECT_EQ(ours.head, theirs.head) << answer.query;
    EXPECT_EQ(ours.blocks, theirs.blocks) << answer.query;
    EXPECT_EQ(ours.keys, theirs.keys) << answer.query;
  }
}

TEST(Connz, FiltersBySubjectWithinAnAccountOnly) {
  ConnectionsSnapshot snapshot;
  snapshot.accounts = {"A"};
  snapshot.parts.emplace_back();
  for (const std::string_view subject : {"foo.bar", "foo.*", "baz"}) {
    ConnSnapshot conn;
    conn.cid = snapshot.parts[0].size() + 1;
    conn.account = "A";
    conn.subs.push_back({"", "", std::string(subject), "", "1"});
    snapshot.parts[0].push_back(conn);
  }
  ConnzOptions options;
  options.filter_subject = "foo.bar";
  EXPECT_EQ(connz(snapshot, options).error(), "filter by subject only valid with account filtering");
  options.account = "A";
  const auto found = connz(snapshot, options);
  ASSERT_TRUE(found);
  EXPECT_NE(found->find("\"num_connections\": 2,"), std::string::npos);
  options.filter_subject = ">";
  EXPECT_NE(connz(snapshot, options)->find("\"num_connections\": 3,"), std::string::npos);
}

}  // namespace
}  // namespace nats::monitor
