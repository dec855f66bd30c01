#include "server/monitor/metrics.h"

#include <gtest/gtest.h>

#include <string>

namespace nats::monitor {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, TakeEveryNumberByItsPath) {
  const std::string text = gauges(R"({"mem":123,"cpu":0.5,"jetstream":{"stats":{"memory":7}},"host":"h",)"
                                  R"("version":"2.15.1","slow":{"a-b/c":2},"list":[1,2],"on":true})",
                                  "varz", "NA");
  EXPECT_TRUE(has_line(text, "gnatsd_varz_mem{server_id=\"NA\"} 123"));
  EXPECT_TRUE(has_line(text, "gnatsd_varz_cpu{server_id=\"NA\"} 0.5"));
  EXPECT_TRUE(has_line(text, "gnatsd_varz_jetstream_stats_memory{server_id=\"NA\"} 7"));
  EXPECT_TRUE(has_line(text, "gnatsd_varz_slow_a_b_c{server_id=\"NA\"} 2"));
  EXPECT_TRUE(has_line(text, "gnatsd_varz_version{server_id=\"NA\",value=\"2.15.1\"} 1"));
  EXPECT_TRUE(has_line(text, "# TYPE gnatsd_varz_mem gauge"));
  EXPECT_EQ(text.find("host"), text.npos);
  EXPECT_EQ(text.find("_on"), text.npos);
  EXPECT_EQ(text.find("list"), text.npos);
}

TEST(Metrics, LeaveOutWhatTheExporterLeavesOut) {
  const std::string text = gauges(
      R"({"leaf":{"port":1},"gateway":{"port":2,"name":"g"},"cluster":{"tls_timeout":3}})", "varz", "NA");
  EXPECT_EQ(text.find("leaf"), text.npos);
  EXPECT_EQ(text.find("gateway_port"), text.npos);
  EXPECT_EQ(text.find("tls_timeout"), text.npos);
  EXPECT_TRUE(has_line(text, "gnatsd_varz_gateway_name{server_id=\"NA\",value=\"g\"} 1"));
}

TEST(Metrics, EscapeLabels) {
  const std::string text = gauges(R"({"server_name":"a\"b\\c\nd"})", "varz", "N\"");
  EXPECT_TRUE(has_line(text, R"(gnatsd_varz_server_name{server_id="N\"",value="a\"b\\c\nd"} 1)"));
}

TEST(Metrics, AddUpAllConnections) {
  Gathered gathered;
  gathered.server.identity.server_id = "NA";
  gathered.server.start = {5'000'000'000};
  gathered.summaries.emplace_back();
  for (int i = 0; i < 2000; ++i) {
    ConnSummary conn;
    conn.in_msgs = 2;
    conn.subs_count = 1;
    gathered.summaries[0].push_back(conn);
  }
  const std::string text = metrics(std::move(gathered));
  EXPECT_TRUE(has_line(text, "gnatsd_connz_num_connections{server_id=\"NA\"} 1024"));
  EXPECT_TRUE(has_line(text, "gnatsd_connz_total{server_id=\"NA\"} 2000"));
  EXPECT_TRUE(has_line(text, "gnatsd_connz_in_msgs{server_id=\"NA\"} 4000"));
  EXPECT_TRUE(has_line(text, "gnatsd_connz_subscriptions{server_id=\"NA\"} 2000"));
  EXPECT_TRUE(has_line(text, "gnatsd_healthz_status{server_id=\"NA\"} 0"));
  EXPECT_TRUE(has_line(text, "gnatsd_varz_start{server_id=\"NA\"} 5000"));
  EXPECT_TRUE(has_line(text, "gnatsd_routez_num_routes{server_id=\"NA\"} 0"));
  EXPECT_TRUE(has_line(text, "gnatsd_subsz_num_subscriptions{server_id=\"NA\"} 0"));
}

}  // namespace
}  // namespace nats::monitor
