#include <gtest/gtest.h>

#include "server/broker/session/session_fixture.h"

namespace nats::broker {
namespace {

config::User user(std::string name, std::string password) {
  config::User made;
  made.user = std::move(name);
  made.password = std::move(password);
  return made;
}

config::User limited_user(std::vector<std::string> allowed, std::vector<std::string> denied = {}) {
  config::User made = user("u", "p");
  config::SubjectPermission subscribe;
  if (!allowed.empty()) subscribe.allow = std::move(allowed);
  if (!denied.empty()) subscribe.deny = std::move(denied);
  made.permissions.emplace();
  made.permissions->subscribe = std::move(subscribe);
  return made;
}

config::Options with_users(std::vector<config::User> users) {
  config::Options options;
  options.authorization.users = std::move(users);
  return options;
}

constexpr std::string_view as_u = R"("user":"u","pass":"p")";

// Checks `client` as a reload does; true when that was waited for.
bool reauthorize(TestBroker& server, TestClient& client) {
  bool done = false;
  auto barrier = std::make_shared<Barrier>(server.broker->ground().loop(0), 1, [&done] { done = true; });
  client.session.reauthorize(barrier);
  server.run();
  return done;
}

TEST(ClientReload, LimitsHoldForWhoIsConnected) {
  TestBroker server;
  auto client = server.connected();
  config::Options options;
  options.max_payload = 2;
  options.max_control_line = 20;
  server.adopt(options);
  client->session.take_settings();
  client->says("PUB foo 2\r\nab\r\n");
  EXPECT_FALSE(client->session.closed());
  client->says("PUB foo 3\r\n");
  EXPECT_EQ(client->gets(), "-ERR 'Maximum Payload Violation'\r\n");
  auto other = server.connected();
  EXPECT_EQ(other->session.closed(), CloseReason::max_control_line_exceeded);
}

TEST(ClientReload, WhoWasWithoutAuthenticationNeedsIt) {
  TestBroker server;
  auto client = server.connected();
  auto silent = server.client();
  auto named = server.connected(as_u);
  server.adopt(with_users({user("u", "p")}));
  for (TestClient* refused : {client.get(), silent.get()}) {
    EXPECT_FALSE(refused->session.has_lost_its_user());
    EXPECT_TRUE(reauthorize(server, *refused));
    EXPECT_EQ(refused->gets(), "-ERR 'Authorization Violation'\r\n");
    EXPECT_EQ(refused->session.closed(), CloseReason::authentication_failure);
  }
  EXPECT_TRUE(reauthorize(server, *named));
  EXPECT_FALSE(named->session.closed());
}

TEST(ClientReload, AUserThatIsGoneIsLost) {
  TestBroker server(with_users({user("u", "p"), user("v", "p")}));
  auto u = server.connected(as_u);
  auto v = server.connected(R"("user":"v","pass":"p")");
  server.adopt(with_users({user("v", "p")}));
  EXPECT_TRUE(u->session.has_lost_its_user());
  EXPECT_FALSE(v->session.has_lost_its_user());
}

TEST(ClientReload, ForbiddenSubscriptionsEnd) {
  TestBroker server(with_users({user("u", "p")}));
  auto client = server.connected(as_u);
  client->says("SUB a 1\r\nSUB b workers 2\r\n");
  server.adopt(with_users({limited_user({"a"})}));
  EXPECT_TRUE(reauthorize(server, *client));
  EXPECT_EQ(client->gets(),
            "-ERR 'Permissions Violation for Subscription to \"b\" using queue \"workers\" (sid \"2\")'\r\n");
  EXPECT_EQ(server.log.lines.back(),
            "Removed sub \"b\" using queue \"workers\" (sid \"2\") for User \"u\" - not authorized");
  EXPECT_EQ(client->session.subscription_count(), 1u);
  client->says("PUB b 0\r\n\r\nPUB a 0\r\n\r\n");
  EXPECT_EQ(client->gets(), "MSG a 1 0\r\n\r\n");
}

TEST(ClientReload, DeniedSubjectsAreFilteredOutOfAllowedSubscriptions) {
  TestBroker server(with_users({user("u", "p"), user("v", "p")}));
  auto client = server.connected(as_u);
  auto publisher = server.connected(R"("user":"v","pass":"p")");
  client->says("SUB a.* 1\r\n");
  server.adopt(with_users({limited_user({}, {"a.b"}), user("v", "p")}));
  EXPECT_TRUE(reauthorize(server, *client));
  publisher->says("PUB a.b 0\r\n\r\nPUB a.c 0\r\n\r\n");
  EXPECT_EQ(client->gets(), "MSG a.c 1 0\r\n\r\n");
  server.adopt(with_users({user("u", "p"), user("v", "p")}));
  EXPECT_TRUE(reauthorize(server, *client));
  publisher->says("PUB a.b 0\r\n\r\n");
  EXPECT_EQ(client->gets(), "MSG a.b 1 0\r\n\r\n");
}

TEST(ClientReload, WithoutUsersPermissionsStay) {
  TestBroker server(with_users({limited_user({"a"})}));
  auto client = server.connected(as_u);
  config::Options single;
  single.authorization.user = "u";
  single.authorization.password = "p";
  server.adopt(single);
  EXPECT_TRUE(reauthorize(server, *client));
  client->says("SUB b 1\r\n");
  EXPECT_EQ(client->gets(), "-ERR 'Permissions Violation for Subscription to \"b\"'\r\n");
}

}  // namespace
}  // namespace nats::broker
