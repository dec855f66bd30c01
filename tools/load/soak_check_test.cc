#include "tools/load/soak_check.h"

#include <gtest/gtest.h>

namespace natstwin::load {
namespace {

// Two publishers, three subjects; the subscription is to subjects 0 and 1.
class SoakCheck : public testing::Test {
 protected:
  Stamp publish(std::uint32_t publisher, std::uint32_t subject) {
    return published.next(publisher, subject, 40);
  }
  SubscriptionCheck subscribe(Expectation expectation) {
    return SubscriptionCheck("s", expectation, {true, true, false}, published, violations);
  }

  Published published{2, 3};
  Violations violations;
};

TEST_F(SoakCheck, APayloadComesBackAndADamagedOneDoesNot) {
  const Stamp stamp{.publisher = 3, .subject = 9, .subject_sequence = 1000, .order = 70'000, .size = 300};
  const std::string payload = to_payload(stamp);
  ASSERT_EQ(payload.size(), 300U);
  EXPECT_EQ(from_payload(payload), stamp);
  EXPECT_EQ(from_payload(payload.substr(0, 299)), std::nullopt);
  EXPECT_EQ(from_payload(""), std::nullopt);
  for (const std::size_t at : {std::size_t{0}, stamp_size, payload.size() - 1}) {
    std::string damaged = payload;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_EQ(from_payload(damaged), std::nullopt) << at;
  }
}

TEST_F(SoakCheck, EverythingInOrderIsRight) {
  SubscriptionCheck check = subscribe(Expectation::everything);
  for (int round = 0; round < 5; ++round)
    for (const std::uint32_t publisher : {0U, 1U})
      for (const std::uint32_t subject : {0U, 1U}) check.on_message(publish(publisher, subject));
  publish(0, 2);
  check.finish();
  EXPECT_EQ(violations.count(), 0U) << violations.first().front();
}

TEST_F(SoakCheck, FindsAMessageThatNeverCame) {
  SubscriptionCheck check = subscribe(Expectation::everything);
  check.on_message(publish(0, 0));
  publish(0, 0);
  check.finish();
  EXPECT_EQ(violations.count(), 1U);
}

TEST_F(SoakCheck, FindsAGap) {
  SubscriptionCheck check = subscribe(Expectation::everything);
  publish(0, 0);
  check.on_message(publish(0, 0));
  EXPECT_EQ(violations.count(), 1U);
}

TEST_F(SoakCheck, FindsADuplicate) {
  SubscriptionCheck check = subscribe(Expectation::queue_member);
  const Stamp stamp = publish(0, 0);
  check.on_message(stamp);
  check.on_message(stamp);
  EXPECT_EQ(violations.count(), 1U);
}

TEST_F(SoakCheck, FindsSubjectsOfOnePublisherInTheWrongOrder) {
  SubscriptionCheck check = subscribe(Expectation::everything);
  const Stamp first = publish(0, 0);
  const Stamp second = publish(0, 1);
  check.on_message(second);
  EXPECT_EQ(violations.count(), 0U);
  check.on_message(first);
  EXPECT_EQ(violations.count(), 1U);
}

TEST_F(SoakCheck, FindsWhatWasNotSubscribedToAndWhatWasNeverPublished) {
  SubscriptionCheck check = subscribe(Expectation::everything);
  check.on_message(publish(0, 2));
  EXPECT_EQ(violations.count(), 1U);
  check.on_message({.publisher = 1, .subject = 0, .subject_sequence = 0, .order = 0, .size = 40});
  EXPECT_EQ(violations.count(), 2U);
  check.on_message({.publisher = 7, .subject = 0, .subject_sequence = 0, .order = 0, .size = 40});
  EXPECT_EQ(violations.count(), 3U);
}

TEST_F(SoakCheck, ALateSubscriptionMayMissTheBeginningButNothingAfter) {
  SubscriptionCheck check = subscribe(Expectation::no_gaps);
  publish(0, 0);
  publish(0, 0);
  check.on_message(publish(0, 0));
  check.on_message(publish(0, 0));
  EXPECT_EQ(violations.count(), 0U);
  publish(0, 0);
  check.on_message(publish(0, 0));
  EXPECT_EQ(violations.count(), 1U);
}

TEST_F(SoakCheck, AGroupGetsEachMessageOnce) {
  SubscriptionCheck member = subscribe(Expectation::queue_member);
  GroupCheck group("g", published, violations);
  group.add_member(member);
  const Stamp first = publish(0, 0);
  group.on_message(first);
  publish(1, 2);
  group.finish();
  EXPECT_EQ(violations.count(), 0U);
  group.on_message(first);
  EXPECT_EQ(violations.count(), 1U) << "twice";
  publish(0, 1);
  group.finish();
  EXPECT_EQ(violations.count(), 2U) << "never";
}

}  // namespace
}  // namespace natstwin::load
