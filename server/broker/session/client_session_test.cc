#include "server/broker/session/client_session.h"

#include <gtest/gtest.h>

#include "server/broker/session/session_fixture.h"

namespace nats::broker {
namespace {

TEST(ClientSession, DeliversWhatIsPublished) {
  TestBroker server;
  auto subscriber = server.connected();
  auto publisher = server.connected();
  subscriber->says("SUB foo.* 7\r\n");
  publisher->says("PUB foo.a reply 05\r\nhello\r\nPUB bar 1\r\nx\r\n");
  EXPECT_EQ(subscriber->gets(), "MSG foo.a 7 reply 05\r\nhello\r\n");
  EXPECT_EQ(publisher->gets(), "");
}

TEST(ClientSession, HeadersReachOnlyThoseWhoKnowThem) {
  TestBroker server;
  auto with = server.connected("\"headers\":true");
  auto without = server.connected();
  with->says("SUB foo 1\r\n");
  without->says("SUB foo 1\r\n");
  with->says("HPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\n");
  EXPECT_EQ(with->gets(), "HMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nok\r\n");
  EXPECT_EQ(without->gets(), "MSG foo 1 2\r\nok\r\n");
}

TEST(ClientSession, OwnMessagesComeBackUnlessEchoIsOff) {
  TestBroker server;
  auto echo = server.connected();
  auto silent = server.connected("\"echo\":false");
  for (auto* client : {echo.get(), silent.get()}) client->says("SUB foo 1\r\nPUB foo 0\r\n\r\n");
  EXPECT_EQ(echo->gets(), "MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n");
  EXPECT_EQ(silent->gets(), "");
}

TEST(ClientSession, SubscriptionsEndAtTheirLimit) {
  TestBroker server;
  auto client = server.connected();
  client->says("SUB foo 1\r\nUNSUB 1 2\r\nPUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\n");
  EXPECT_EQ(client->gets(), "MSG foo 1 1\r\na\r\nMSG foo 1 1\r\nb\r\n");
  EXPECT_EQ(client->session.subscription_count(), 0u);
}

TEST(ClientSession, OneMemberOfAGroupGetsAMessage) {
  TestBroker server;
  auto one = server.connected();
  auto two = server.connected();
  one->says("SUB foo q 1\r\n");
  two->says("SUB foo q 1\r\n");
  for (int i = 0; i < 100; ++i) one->says("PUB foo 1\r\nx\r\n");
  constexpr std::string_view message = "MSG foo 1 1\r\nx\r\n";
  std::size_t first = one->gets().size() / message.size();
  std::size_t second = two->gets().size() / message.size();
  EXPECT_EQ(first + second, 100u);
  EXPECT_GT(first, 20u);
  EXPECT_GT(second, 20u);
}

TEST(ClientSession, NobodyThereIsSaidToWhoAskedForIt) {
  TestBroker server;
  auto client = server.connected("\"headers\":true,\"no_responders\":true");
  client->says("SUB inbox 3\r\nPUB nobody inbox 0\r\n\r\n");
  EXPECT_EQ(client->gets(), "HMSG inbox 3 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n");
}

TEST(ClientSession, AFullOutboxEndsItsClientOnly) {
  config::Options options;
  options.max_pending = 1000;
  TestBroker server(options);
  auto slow = server.connected();
  auto publisher = server.connected();
  slow->says("SUB foo 1\r\n");
  publisher->says("PUB foo 1200\r\n" + std::string(1200, 'x') + "\r\n");
  slow->session.settle();
  EXPECT_EQ(slow->session.closed(), CloseReason::slow_consumer_pending_bytes);
  EXPECT_FALSE(publisher->session.closed());
  EXPECT_EQ(server.broker->counters().slow_consumers, 1);
}

TEST(ClientSession, AFastPublisherIsPaused) {
  config::Options options;
  options.max_pending = 10'000;
  TestBroker server(options);
  auto slow = server.connected();
  auto publisher = server.connected();
  slow->says("SUB foo 1\r\n");
  std::string message = "PUB foo 8000\r\n" + std::string(8000, 'x') + "\r\n";
  publisher->says(message);
  std::string next = "PUB foo 1\r\nx\r\nPUB foo 1\r\nx\r\n";
  EXPECT_LT(publisher->says(next), next.size());
  EXPECT_TRUE(publisher->session.paused());
  publisher->session.on_deadline(*publisher->session.deadline());
  EXPECT_FALSE(publisher->session.paused());
}

// However many pieces the read is taken in: the reference's limit is for the read, not for the piece.
TEST(ClientSession, OneReadIsPausedForTenMillisecondsAtMost) {
  config::Options options;
  options.max_pending = 10'000;
  TestBroker server(options);
  auto slow = server.connected();
  auto publisher = server.connected();
  slow->says("SUB foo 1\r\n");
  publisher->says("PUB foo 8000\r\n" + std::string(8000, 'x') + "\r\n");
  std::string read;
  for (int i = 0; i < 50; ++i) read += "PUB foo 1\r\nx\r\n";
  std::string_view rest = read;
  Duration paused;
  Instant now = server.broker->loop(0).loop().now();  // it stands still
  while (!rest.empty()) {
    rest.remove_prefix(publisher->says(rest));
    if (!publisher->session.paused()) continue;
    Instant until = *publisher->session.deadline();
    paused = paused + (until - now);
    publisher->session.on_deadline(until);
  }
  EXPECT_EQ(paused.ns, Duration::from_ms(10).ns);
  EXPECT_EQ(slow->session.snapshot(now, {}, false).stalls, 5);
}

// The simulated machine has just booted: a time that was never taken is not long ago there.
TEST(ClientSession, AFirstPingComesOnAMachineThatHasJustBooted) {
  TestBroker server;
  auto client = server.connected();
  client->gets();
  client->session.on_deadline(*client->session.deadline());
  EXPECT_EQ(client->gets(), "PING\r\n");
}

config::Options two_accounts() {
  config::Options options;
  options.accounts = {{.name = "A"}, {.name = "B"}};
  options.authorization.users.resize(2);
  for (int i = 0; i < 2; ++i) {
    config::User& user = options.authorization.users[static_cast<std::size_t>(i)];
    user.user = user.password = i == 0 ? "a" : "b";
    user.account = i == 0 ? "A" : "B";
  }
  return options;
}

TEST(ClientSession, IsHeardInItsAccountAlone) {
  TestBroker server(two_accounts());
  auto a = server.connected(R"("user":"a","pass":"a")");
  auto b = server.connected(R"("user":"b","pass":"b")");
  a->says("SUB > 1\r\n");
  b->says("SUB > 1\r\nPUB x 1\r\nb\r\n");
  EXPECT_EQ(a->gets(), "");
  EXPECT_EQ(b->gets(), "MSG x 1 1\r\nb\r\n");
  EXPECT_EQ(server.broker->accounts().find("B")->traffic().out_msgs, 1);
  EXPECT_EQ(server.broker->accounts().find("A")->traffic().in_msgs, 0);
}

TEST(ClientSession, ASecondConnectMovesItAndWhatItCountedStays) {
  TestBroker server(two_accounts());
  AccountInterest& of_a = *server.broker->accounts().find("A");
  AccountInterest& of_b = *server.broker->accounts().find("B");
  auto client = server.connected(R"("user":"a","pass":"a")");
  client->says("SUB x 1\r\nUNSUB 1 2\r\nPUB x 0\r\n\r\n");
  EXPECT_EQ(of_a.clients, 1);
  client->says("CONNECT {\"verbose\":false,\"user\":\"b\",\"pass\":\"b\"}\r\nPUB x 0\r\n\r\n");
  client->gets();
  EXPECT_EQ(of_a.clients, 0);
  EXPECT_EQ(of_b.clients, 1);
  EXPECT_EQ(of_a.interest.stats().subscriptions, 0u);
  EXPECT_EQ(of_a.traffic().in_msgs, 1);
  EXPECT_EQ(of_b.traffic().in_msgs, 1);
  client->session.close(CloseReason::client_closed);
  EXPECT_EQ(of_b.clients, 0);
}

TEST(ClientSession, OfAFullAccountIsRefusedAndCountsNowhere) {
  config::Options options = two_accounts();
  options.accounts[0].limits.max_connections = 1;
  TestBroker server(std::move(options));
  auto first = server.connected(R"("user":"a","pass":"a")");
  auto second = server.connected(R"("user":"a","pass":"a")");
  EXPECT_EQ(second->session.closed(), CloseReason::max_account_connections_exceeded);
  EXPECT_EQ(server.broker->accounts().find("A")->clients, 1);
  EXPECT_EQ(server.broker->global_account().clients, 0);
  first->session.close(CloseReason::client_closed);
  auto third = server.connected(R"("user":"a","pass":"a")");
  EXPECT_FALSE(third->session.closed());
}

// A script is played whole, then cut after each byte: what comes back must be the same.
TEST(ClientSession, AnswersTheSameWhereverTheInputIsCut) {
  const std::string script =
      "SUB foo 1\r\nSUB bar.> q 2\r\nPING\r\nPUB foo 3\r\nabc\r\nHPUB bar.x r 12 "
      "13\r\nNATS/1.0\r\n\r\nz\r\nUNSUB 1\r\n"
      "PUB foo 0\r\n\r\nUNSUB 2 1\r\nPUB bar.y 1\r\n1\r\nPUB bar.y 1\r\n2\r\nSUB a..b 3\r\nPONG\r\nbogus\r\n";
  auto play = [&](std::size_t cut) {
    TestBroker server;
    auto client = server.connected("\"headers\":true,\"protocol\":0");
    client->says(std::string_view(script).substr(0, cut));
    client->says(std::string_view(script).substr(cut));
    return client->gets();
  };
  std::string whole = play(script.size());
  EXPECT_NE(whole.find("Unknown Protocol Operation"), std::string::npos);
  for (std::size_t cut = 1; cut < script.size(); ++cut) ASSERT_EQ(play(cut), whole) << "cut at " << cut;
}

// The same script, the connection lost after each byte: nothing is left behind.
TEST(ClientSession, LeavesNothingBehindWhereverItIsLost) {
  const std::string script = "SUB foo 1\r\nSUB foo q 2\r\nUNSUB 1 5\r\nPUB foo 1\r\nx\r\nSUB bar 3\r\n";
  TestBroker server;
  for (std::size_t cut = 0; cut <= script.size(); ++cut) {
    auto client = server.connected();
    client->says(std::string_view(script).substr(0, cut));
    client->session.close(CloseReason::client_closed);
    client.reset();
    ASSERT_EQ(server.broker->global_account().interest.stats().subscriptions, 0u) << "lost after " << cut;
  }
  EXPECT_EQ(server.broker->counters().clients, 0);
}

}  // namespace
}  // namespace nats::broker
