#include "server/auth/permissions.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "server/config/options.h"

namespace nats::auth {
namespace {

using List = std::vector<std::string>;

config::SubjectPermission lists(std::optional<List> allow, std::optional<List> deny) {
  return {std::move(allow), std::move(deny)};
}

std::shared_ptr<const Permissions> for_subscribing(std::optional<List> allow, std::optional<List> deny) {
  return Permissions::build({.subscribe = lists(std::move(allow), std::move(deny))});
}

std::shared_ptr<const Permissions> for_publishing(std::optional<List> allow, std::optional<List> deny,
                                                  std::optional<config::ResponsePermission> response = {}) {
  return Permissions::build({.publish = lists(std::move(allow), std::move(deny)), .response = response});
}

struct SubscribeRow {
  const char* subject;
  const char* queue;
  bool lists;       // allow and deny lists, both with queues
  bool deny_only;   // the same deny list
  bool allow_only;  // "foo.*" and "bar.>"
  bool empty;       // allow: []
};

// Answers of the reference to SUB.
TEST(SubscribePermissions, DecideAsTheReference) {
  const List deny{"bar.no", "foo.d v1", "den.*"};
  auto with_lists = for_subscribing(List{"foo.*", "bar.>", "q v1", "qw v.*", "lit", "both", "both z"}, deny);
  auto with_deny = for_subscribing(std::nullopt, deny);
  auto with_allow = for_subscribing(List{"foo.*", "bar.>"}, std::nullopt);
  auto with_empty = for_subscribing(List{}, std::nullopt);
  const SubscribeRow table[] = {
      {"foo.bar", "", true, true, true, true},   {"foo.*", "", true, true, true, true},
      {"foo.>", "", true, true, true, true},     {"foo", "", false, true, false, true},
      {"*.bar", "", false, true, false, true},   {">", "", false, true, false, true},
      {"bar.>", "", true, true, true, true},     {"bar.no", "", false, false, true, true},
      {"bar.*", "", true, true, true, true},     {"bar.no.x", "", true, true, true, true},
      {"q", "", false, true, false, true},       {"q", "v1", true, true, false, true},
      {"q", "v2", false, true, false, true},     {"qw", "", false, true, false, true},
      {"qw", "v.1", true, true, false, true},    {"qw", "v", false, true, false, true},
      {"qw", "v.1.2", false, true, false, true}, {"lit", "", true, true, false, true},
      {"lit", "g", true, true, false, true},     {"both", "", true, true, false, true},
      {"both", "z", true, true, false, true},    {"both", "y", false, true, false, true},
      {"foo.d", "", true, true, true, true},     {"foo.d", "v1", false, false, true, true},
      {"foo.d", "v2", true, true, true, true},   {"foo.*", "v1", true, true, true, true},
      {"den.x", "", false, false, false, true},  {"den.*", "", false, false, false, true},
      {"den.>", "", false, false, false, true},  {"foo..bar", "", false, true, false, true},
      {"foo.", "", false, true, false, true},    {".", "", false, true, false, true},
      {"bar.*.>", "", true, true, true, true},   {"foo.b", "q", true, true, true, true},
  };
  for (const SubscribeRow& row : table) {
    auto allowed = [&](const Permissions& permissions) {
      return permissions.may_subscribe(row.subject, row.queue) != SubscribeDecision::denied;
    };
    EXPECT_EQ(allowed(*with_lists), row.lists) << row.subject << " " << row.queue;
    EXPECT_EQ(allowed(*with_deny), row.deny_only) << row.subject << " " << row.queue;
    EXPECT_EQ(allowed(*with_allow), row.allow_only) << row.subject << " " << row.queue;
    EXPECT_EQ(allowed(*with_empty), row.empty) << row.subject << " " << row.queue;
  }
}

TEST(SubscribePermissions, AskForAFilterWhereDeniedSubjectsCanArrive) {
  auto permissions = for_subscribing(std::nullopt, List{"bar.no", "foo.d v1", "den.*", "wild v.*"});
  auto decide = [&](const char* subject, const char* queue = "") {
    return permissions->may_subscribe(subject, queue);
  };
  EXPECT_EQ(decide(">"), SubscribeDecision::allowed_with_filter);
  EXPECT_EQ(decide("bar.*"), SubscribeDecision::allowed_with_filter);
  EXPECT_EQ(decide("bar.yes"), SubscribeDecision::allowed);
  EXPECT_EQ(decide("other.*"), SubscribeDecision::allowed);
  EXPECT_EQ(decide("foo.d"), SubscribeDecision::allowed);
  EXPECT_EQ(decide("foo.d", "v2"), SubscribeDecision::allowed_with_filter);
  EXPECT_EQ(decide("foo.e", "v2"), SubscribeDecision::allowed);
  EXPECT_EQ(decide("foo.*", "v1"), SubscribeDecision::allowed_with_filter);
  EXPECT_EQ(decide("wild", "v"), SubscribeDecision::allowed_with_filter);
}

struct DeliverRow {
  const char* subject;
  const char* queue;
  bool expected;
};

// What the reference delivers to wildcard and queue subscriptions of such a user.
TEST(SubscribePermissions, FilterDeliveriesAsTheReference) {
  auto permissions = for_subscribing(std::nullopt, List{"bar.no", "foo.d v1", "den.*", "wild v.*"});
  const DeliverRow table[] = {
      {"bar.no", "", false},  {"bar.yes", "", true},  {"den.a", "", false},    {"den.a.b", "", true},
      {"foo.d", "", true},    {"foo.d", "v1", false}, {"foo.d", "v2", true},   {"foo.e", "v1", true},
      {"wild", "v.1", false}, {"wild", "v", true},    {"wild", "v.1.2", true}, {"bar.no", "v1", false},
  };
  for (const DeliverRow& row : table)
    EXPECT_EQ(permissions->may_deliver(row.subject, row.queue), row.expected)
        << row.subject << " " << row.queue;
}

struct PublishRow {
  const char* subject;
  bool lists;
  bool deny_only;
};

TEST(PublishPermissions, DecideAsTheReference) {
  auto with_lists = for_publishing(List{"foo.*", "bar.>"}, List{"bar.no"});
  auto with_deny = for_publishing(std::nullopt, List{"bar.no"});
  const PublishRow table[] = {
      {"foo.a", true, true},   {"foo.*", true, true}, {"foo.>", true, true},   {"bar.no", false, false},
      {"bar.a", true, true},   {"zz", false, true},   {"foo..a", false, true}, {"foo.", false, true},
      {"$SYS.x", false, true}, {">", false, true},    {"*", false, true},      {"", false, true},
  };
  for (const PublishRow& row : table) {
    EXPECT_EQ(with_lists->may_publish(row.subject), row.lists) << row.subject;
    EXPECT_EQ(with_deny->may_publish(row.subject), row.deny_only) << row.subject;
  }
}

TEST(PublishPermissions, EmptyListsLimitNothing) {
  auto permissions = for_publishing(List{}, List{});
  EXPECT_FALSE(permissions->limits_publish());
  EXPECT_TRUE(permissions->may_publish("anything"));
  EXPECT_FALSE(Permissions::build({})->limits_publish());
}

TEST(PublishPermissions, AllowResponsesAloneAllowsNoPublish) {
  config::ResponsePermission response;
  EXPECT_FALSE(Permissions::build({.response = response})->may_publish("foo"));
  EXPECT_FALSE(for_publishing(List{}, std::nullopt, response)->may_publish("foo"));
  EXPECT_FALSE(for_publishing(std::nullopt, List{"bar"}, response)->may_publish("foo"));
  EXPECT_TRUE(for_publishing(List{"foo"}, std::nullopt, response)->may_publish("foo"));
}

TEST(PublishPermissions, ZeroLimitsOfResponsesMeanTheDefaults) {
  auto permissions = Permissions::build({.response = config::ResponsePermission{0, Duration{}}});
  EXPECT_EQ(permissions->responses()->max_messages, 1);
  EXPECT_EQ(permissions->responses()->expires, Duration::from_seconds(120));
}

TEST(Permissions, MalformedEntriesLimitButMatchNothing) {
  auto permissions = for_subscribing(List{"a..b", "foo bar baz", "", "ok q..q"}, std::nullopt);
  EXPECT_EQ(permissions->may_subscribe("ok", "q"), SubscribeDecision::denied);
  EXPECT_EQ(permissions->may_subscribe("foo", ""), SubscribeDecision::denied);
  EXPECT_FALSE(for_publishing(List{"a..b"}, std::nullopt)->may_publish("a"));
}

TEST(ReservedSubjects, AreTheReferences) {
  for (const char* subject : {"_GR_.x", "$GR.x", "$NRG.x", "$NRG."})
    EXPECT_TRUE(is_reserved_for_publish(subject, false)) << subject;
  for (const char* subject : {"_GR_.", "_GR_", "_GR_x.a", "$GR.", "$GR", "$GRx", "$NRG", "$NRGx", "_R_.x",
                              "$JS.ACK.x", "$SYS.x", ">", "", "foo"})
    EXPECT_FALSE(is_reserved_for_publish(subject, false)) << subject;
  EXPECT_FALSE(is_reserved_for_publish("$NRG.x", true));
  EXPECT_TRUE(is_reserved_for_publish("_GR_.x", true));
  for (const char* reply : {"_R_.x", "_R_.", "_GR_.x", "$GR.x", "$JS.ACK.x"})
    EXPECT_TRUE(is_reserved_reply(reply)) << reply;
  for (const char* reply :
       {"_R_", "_R_a", "_GR_.", "_GR_", "$GR.", "$GR", "$JS.ACK.", "$JS.ACK", "$JS.ACKx", "", "ok"})
    EXPECT_FALSE(is_reserved_reply(reply)) << reply;
}

}  // namespace
}  // namespace nats::auth
