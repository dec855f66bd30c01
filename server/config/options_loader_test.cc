#include "server/config/options_loader.h"

#include <gtest/gtest.h>

#include "server/config/command_line.h"
#include "server/config/memory_files_for_test.h"

namespace nats::config {
namespace {

class Loader : public testing::Test {
 protected:
  // Options as a server would start with them.
  StartPlan start(const std::string& text, std::vector<std::string> flags = {}) {
    MemoryFiles files{{"a.conf", text}};
    std::vector<std::string> arguments = {"-c", "a.conf"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return plan_start(arguments, files, {});
  }

  Options load(const std::string& text, std::vector<std::string> flags = {}) {
    StartPlan plan = start(text, std::move(flags));
    EXPECT_EQ(plan.action, StartPlan::Action::run) << plan.error_text;
    return plan.options;
  }

  std::vector<std::string> unbuilt(const std::string& text, std::vector<std::string> flags = {}) {
    std::vector<std::string> out;
    for (const Unbuilt& entry : load(text, std::move(flags)).unbuilt) out.push_back(entry.path);
    return out;
  }
};

TEST_F(Loader, FillsInDefaults) {
  Options options = load("debug: false");
  Options defaults;
  EXPECT_EQ(options.port, 4222);
  EXPECT_EQ(options.http_host, "0.0.0.0");
  EXPECT_EQ(options.max_payload, defaults.max_payload);
  EXPECT_EQ(options.max_connections, 65536);
  EXPECT_EQ(options.authorization.timeout_seconds, 2);
  EXPECT_EQ(options.lame_duck_grace_period, Duration::from_seconds(10));
  EXPECT_TRUE(options.logtime);
  EXPECT_EQ(base_path(options), "/");
}

TEST_F(Loader, TakesZeroForTheDefault) {
  Options options = load("port: 0, max_payload: 0, ping_max: 0, max_connections: 0");
  EXPECT_EQ(options.port, 4222);
  EXPECT_EQ(options.max_payload, 1024 * 1024);
  EXPECT_EQ(options.ping_max, 2);
  EXPECT_EQ(options.max_connections, -1);
}

TEST_F(Loader, LetsFlagsGoOverTheFile) {
  Options options = load("port: 1, debug: true, trace: true, logtime: true",
                         {"-p", "-1", "-D=false", "--addr=127.0.0.1", "-T=false", "--user", "u", "-DV"});
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_TRUE(options.debug);
  EXPECT_TRUE(options.trace);
  EXPECT_FALSE(options.logtime);
  EXPECT_EQ(options.authorization.user, "u");
}

TEST_F(Loader, ReadsUsersAndTheirPermissions) {
  Options options = load(R"(authorization {
    default_permissions { publish: "d.>", subscribe: { deny: ["no.*", "q.> workers"] } }
    users: [
      { user: a, password: p, allowed_connection_types: [websocket, STANDARD] }
      { user: b, password: $2a$11$x, permissions { allow_responses: { max: 5, ttl: "1m" } } }
      { user: c, permissions { publish: { allow: [] } } }
    ]
  })");
  const auto& users = options.authorization.users;
  ASSERT_EQ(users.size(), 3u);
  EXPECT_EQ(users[0].allowed_connection_types, (std::vector<std::string>{"STANDARD", "WEBSOCKET"}));
  EXPECT_EQ(users[0].permissions->publish->allow, std::vector<std::string>{"d.>"});
  EXPECT_EQ(users[0].permissions->subscribe->deny->at(1), "q.> workers");
  EXPECT_EQ(users[1].password, "$2a$11$x");
  EXPECT_EQ(users[1].permissions->response->max_msgs, 5);
  EXPECT_EQ(users[1].permissions->response->expires, Duration::from_seconds(60));
  // Who may only answer publishes nothing else.
  EXPECT_TRUE(users[1].permissions->publish->allow->empty());
  EXPECT_FALSE(users[1].permissions->subscribe);
  // An empty list says nothing.
  EXPECT_FALSE(users[2].permissions->publish->allow);
}

TEST_F(Loader, NamesWhatIsNotBuilt) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(unbuilt("port: 1"), Paths{});
  EXPECT_EQ(unbuilt("jetstream: enabled"), Paths{"jetstream"});
  EXPECT_EQ(unbuilt("cluster { port: 1 }\njetstream: true"), (Paths{"cluster", "jetstream"}));
  EXPECT_EQ(unbuilt("debug: true", {"-js"}), Paths{"jetstream"});
  EXPECT_EQ(unbuilt("debug: true", {"--cluster", "nats://127.0.0.1:-1"}), Paths{"cluster"});
}

TEST_F(Loader, NeedsNothingForWhatIsTurnedOff) {
  EXPECT_TRUE(unbuilt("jetstream: false\nocsp: false\nproxy_protocol: false").empty());
  EXPECT_TRUE(
      unbuilt("jetstream { enabled: false }\nleafnodes {}\nwebsocket { no_tls: true }\nmqtt {}").empty());
  EXPECT_TRUE(unbuilt("jetstream: enabled", {"-js=false"}).empty());
  EXPECT_TRUE(unbuilt("accounts {}\ncluster {}\ngateway {}").empty());
}

TEST_F(Loader, SaysWhereTheUnbuiltStands) {
  Options options = load("port: 1\n  jetstream: true\n");
  ASSERT_EQ(options.unbuilt.size(), 1u);
  EXPECT_EQ(options.unbuilt[0].position, (Position{"a.conf", 2, 3}));
}

struct Refusal {
  const char* text;
  const char* answer;
};

TEST_F(Loader, RefusesToStartAsTheReferenceDoes) {
  const Refusal cases[] = {
      {"max_payload: 100MB", "max_payload (104857600) cannot be higher than max_pending (67108864)"},
      {"lame_duck_duration: 30s\nlame_duck_grace_period: 30s",
       "lame duck grace period (30s) should be strictly lower than lame duck duration (30s)"},
      {"no_auth_user: x", "no_auth_user: \"x\" present, but users/nkeys are not defined"},
      {"authorization { users: [{user: a}] }\nno_auth_user: c",
       "no_auth_user: \"c\" not present as user or nkey in authorization block or account configuration"},
      {"system_account: FOO", "error resolving system account: account missing"},
      {"system_account: \"$SYS\"", "error resolving system account: account missing"},
      {"default_sentinel: x", "default sentinel requires operators and accounts"},
  };
  for (const Refusal& c : cases) {
    StartPlan plan = start(c.text);
    EXPECT_EQ(plan.exit_code, 1);
    EXPECT_EQ(plan.error_text, std::string("nats-server: ") + c.answer + "\n");
  }
}

TEST_F(Loader, PrintsWarningsAndStarts) {
  StartPlan plan = start("ping_interval: 5");
  EXPECT_EQ(plan.action, StartPlan::Action::run);
  EXPECT_EQ(plan.options.ping_interval, Duration::from_seconds(5));
  EXPECT_EQ(plan.error_text,
            "a.conf:1:0: invalid use of field \"ping_interval\": ping_interval should be converted to a "
            "duration\n");
}

TEST_F(Loader, CleansTheBasePathOfMonitoring) {
  EXPECT_EQ(base_path(load("http_base_path: \"a/../b/\"")), "/b");
  EXPECT_EQ(load("http_base_path: \"b\"").http_base_path, "b");
}

TEST(Arguments, HideTheirSecrets) {
  std::vector<std::string> arguments = {
      "--user",          "u", "-pass=p", "--routes", "nats://a:b@h:1,nats://h:2", "--cluster",
      "nats://x:y@h:-1", "-D"};
  EXPECT_EQ(redact_arguments(arguments),
            (std::vector<std::string>{"--user", "[REDACTED]", "-pass=[REDACTED]", "--routes",
                                      "nats://[REDACTED]@h:1,nats://h:2", "--cluster",
                                      "nats://[REDACTED]@h:-1", "-D"}));
}

TEST(Arguments, MayAskForASignal) {
  MemoryFiles files{{"server.pid", "42"}};
  std::vector<std::string> arguments = {"--signal", "reload=server.pid"};
  StartPlan plan = plan_start(arguments, files, {});
  EXPECT_EQ(plan.action, StartPlan::Action::send_signal);
  EXPECT_EQ(plan.signal.command, "reload");
  EXPECT_EQ(plan.signal.process, "42");
}

}  // namespace
}  // namespace nats::config
