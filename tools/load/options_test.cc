#include "tools/load/options.h"

#include <gtest/gtest.h>

#include "tools/load/failure.h"

namespace natstwin::load {
namespace {

TEST(Options, GiveWhatWasSaidOrTheDefault) {
  Options options = Options::parse({"--port", "4222", "--seconds", "1.5", "--", "server", "-p", "1"});
  EXPECT_EQ(options.required_count("port"), 4222U);
  EXPECT_DOUBLE_EQ(options.seconds("seconds", 9), 1.5);
  EXPECT_EQ(options.count("payload", 16), 16U);
  EXPECT_EQ(options.text("pattern", "pair"), "pair");
  EXPECT_EQ(options.rest(), (std::vector<std::string>{"server", "-p", "1"}));
  EXPECT_NO_THROW(options.check_all_known());
}

TEST(Options, RefuseWhatTheyCannotRead) {
  EXPECT_THROW(Options::parse({"port"}), Failure);
  EXPECT_THROW(Options::parse({"--port"}), Failure);
  Options options = Options::parse({"--port", "x", "--rate", "-1", "--seconds", "nan", "--pause", "-2"});
  EXPECT_THROW(options.count("port", 1), Failure);
  EXPECT_THROW(options.count("rate", 1), Failure);
  EXPECT_THROW(options.seconds("seconds", 1), Failure);
  EXPECT_THROW(options.seconds("pause", 1), Failure);
  EXPECT_THROW(options.required_count("pid"), Failure);
}

TEST(Options, RefuseANameThatNobodyAskedFor) {
  Options options = Options::parse({"--payloat", "8"});
  options.count("payload", 16);
  EXPECT_THROW(options.check_all_known(), Failure);
}

}  // namespace
}  // namespace natstwin::load
