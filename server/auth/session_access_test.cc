#include "server/auth/session_access.h"

#include <gtest/gtest.h>

#include <string>

#include "server/config/options.h"

namespace nats::auth {
namespace {

// A session of a user that may subscribe to everything and publish only what the fixture says.
class Session {
 public:
  explicit Session(const config::Permissions& permissions) { access_.reset(Permissions::build(permissions)); }

  void receive(const std::string& reply) { access_.on_delivered(reply, now_); }
  bool publish(const std::string& subject) { return access_.may_publish(subject, now_); }
  void wait(Duration time) { now_ = now_ + time; }
  SessionAccess& access() { return access_; }

 private:
  SessionAccess access_;
  Instant now_{1'000'000'000};
};

config::Permissions answers(int max, Duration expires = Duration::from_seconds(120)) {
  return {.response = config::ResponsePermission{max, expires}};
}

config::Permissions answers_and(std::vector<std::string> allow, std::vector<std::string> deny) {
  config::Permissions permissions = answers(1);
  permissions.publish = config::SubjectPermission{std::move(allow), std::move(deny)};
  return permissions;
}

// Each of these exchanges was had with the reference.
TEST(AllowResponses, OneRequestMayBeAnsweredOnce) {
  Session session(answers(1));
  EXPECT_FALSE(session.publish("_INBOX.1"));
  session.receive("_INBOX.1");
  EXPECT_TRUE(session.publish("_INBOX.1"));
  EXPECT_FALSE(session.publish("_INBOX.1"));
}

TEST(AllowResponses, TheSameRequestTwiceUsesUpTheAnswer) {
  Session session(answers(1));
  session.receive("_INBOX.2");
  session.receive("_INBOX.2");
  EXPECT_FALSE(session.publish("_INBOX.2"));
  session.receive("_INBOX.3");
  session.receive("_INBOX.3");
  session.receive("_INBOX.3");
  EXPECT_TRUE(session.publish("_INBOX.3"));
  EXPECT_FALSE(session.publish("_INBOX.3"));
}

TEST(AllowResponses, MaxCountsAnswersAndRepeatedRequests) {
  Session session(answers(2));
  session.receive("_INBOX.1");
  EXPECT_TRUE(session.publish("_INBOX.1"));
  EXPECT_TRUE(session.publish("_INBOX.1"));
  EXPECT_FALSE(session.publish("_INBOX.1"));
  session.receive("_INBOX.3");
  EXPECT_TRUE(session.publish("_INBOX.3"));
  session.receive("_INBOX.3");
  EXPECT_FALSE(session.publish("_INBOX.3"));
}

TEST(AllowResponses, AnswersExpire) {
  Session session(answers(2, Duration::from_ms(600)));
  session.receive("_INBOX.2");
  EXPECT_TRUE(session.publish("_INBOX.2"));
  session.wait(Duration::from_ms(601));
  EXPECT_FALSE(session.publish("_INBOX.2"));
}

TEST(AllowResponses, NegativeLimitsAreNone) {
  Session session(answers(-1, Duration::from_seconds(-1)));
  session.receive("_INBOX.1");
  session.wait(Duration::from_seconds(1'000'000));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(session.publish("_INBOX.1"));
}

TEST(AllowResponses, OverruleTheListsForThatSubjectOnly) {
  Session session(answers_and({"ok.>"}, {"_INBOX.deny", "ok.no"}));
  EXPECT_TRUE(session.publish("ok.a"));
  EXPECT_FALSE(session.publish("ok.no"));
  session.receive("_INBOX.deny");
  EXPECT_TRUE(session.publish("_INBOX.deny"));
  session.receive("ok.a");
  EXPECT_TRUE(session.publish("ok.a"));
  EXPECT_TRUE(session.publish("ok.a"));
  session.receive("ok.no");
  EXPECT_TRUE(session.publish("ok.no"));
  EXPECT_FALSE(session.publish("ok.no"));
}

TEST(AllowResponses, ResetForgetsRequests) {
  Session session(answers(1));
  session.receive("_INBOX.1");
  session.access().reset(Permissions::build(answers(1)));
  EXPECT_FALSE(session.publish("_INBOX.1"));
}

TEST(ResponseTracker, DoesNotKeepWhatIsAnsweredOrExpired) {
  ResponseTracker tracker({1, Duration::from_seconds(1)});
  for (int i = 0; i < 100; ++i) {
    tracker.note_request("_INBOX." + std::to_string(i), Instant{0});
    bool answered = i % 2 == 0 && tracker.may_reply("_INBOX." + std::to_string(i), Instant{0});
    EXPECT_EQ(answered, i % 2 == 0);
  }
  EXPECT_EQ(tracker.size(), 50u);
  tracker.note_request("_INBOX.new", Instant{2'000'000'000});
  EXPECT_EQ(tracker.size(), 1u);
}

TEST(SessionAccess, WithoutPermissionsAllowsEverythingButTheServersQueue) {
  SessionAccess access;
  access.reset(nullptr);
  EXPECT_TRUE(access.may_publish("foo", {}));
  EXPECT_EQ(access.may_subscribe(">", ""), SubscribeDecision::allowed);
  EXPECT_EQ(access.may_subscribe("foo", "_sys_"), SubscribeDecision::denied);
  EXPECT_TRUE(access.may_deliver("foo", ""));
}

TEST(SessionAccess, FiltersOnlyOnceASubscriptionAsksForIt) {
  SessionAccess access;
  access.reset(Permissions::build({.subscribe = config::SubjectPermission{{}, {{"foo.no"}}}}));
  EXPECT_TRUE(access.may_deliver("foo.no", ""));
  EXPECT_EQ(access.may_subscribe("foo.yes", ""), SubscribeDecision::allowed);
  EXPECT_TRUE(access.may_deliver("foo.no", ""));
  EXPECT_EQ(access.may_subscribe("foo.*", ""), SubscribeDecision::allowed_with_filter);
  EXPECT_FALSE(access.may_deliver("foo.no", ""));
  EXPECT_TRUE(access.may_deliver("foo.yes", ""));
}

TEST(DecisionCache, KeepsALimitedNumberOfLimitedSubjects) {
  DecisionCache cache;
  for (int i = 0; i < 10'000; ++i) cache.store("subject." + std::to_string(i), i % 2 == 0);
  int known = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto answer = cache.find("subject." + std::to_string(i));
    if (!answer) continue;
    ++known;
    EXPECT_EQ(*answer, i % 2 == 0);
  }
  EXPECT_GT(known, 64);
  EXPECT_LE(known, static_cast<int>(DecisionCache::slots_max));
  cache.store(std::string(1000, 'x'), true);
  EXPECT_EQ(cache.find(std::string(1000, 'x')), std::nullopt);
}

// A reload: from the moment of the change nothing denied gets through.
TEST(DeliveryFilter, IsOnUntilAReloadHasLookedAtTheSubscriptions) {
  SessionAccess access;
  access.reset(nullptr);
  config::Permissions denies;
  denies.subscribe = config::SubjectPermission{std::nullopt, std::vector<std::string>{"a.b"}};
  access.replace(Permissions::build(denies));
  EXPECT_FALSE(access.may_deliver("a.b", ""));
  EXPECT_TRUE(access.may_deliver("a.c", ""));
  EXPECT_EQ(access.may_subscribe("a.*", ""), SubscribeDecision::allowed_with_filter);
  access.settle_filter(true);
  EXPECT_FALSE(access.may_deliver("a.b", ""));
  access.replace(nullptr);
  EXPECT_TRUE(access.may_deliver("a.b", ""));
}

}  // namespace
}  // namespace nats::auth
