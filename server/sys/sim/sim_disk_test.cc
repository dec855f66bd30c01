// What the simulated disk keeps and loses, and how it fails.
#include "server/sys/sim/sim_disk.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "server/sys/sim/sim_world.h"

namespace nats::sys {
namespace {

struct DiskTest {
  explicit DiskTest(std::uint64_t seed = 1) : world(SimOptions{.seed = seed}) {
    ground = world.make_ground({.name = "host"});
  }
  SimDisk& disk() { return ground->disk(); }
  std::unique_ptr<File> open(std::string_view path, OpenMode how = OpenMode::create) {
    auto file = disk().open(path, how, 0640);
    EXPECT_TRUE(file) << file.error().detail;
    return std::move(*file);
  }
  void write_synced(std::string_view path, Bytes data) {
    auto file = open(path);
    EXPECT_TRUE(file->write_at(0, data));
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(disk().sync_directory("/"));
  }
  // The content, or "-" when there is no such file.
  std::string content(std::string_view path) {
    auto text = read_file(disk(), path);
    return text ? *text : "-";
  }

  SimWorld world;
  std::unique_ptr<SimGround> ground;
};

// After `change` and a power cut, under many seeds: exactly these states of /f and /g are seen.
void expect_outcomes(const char* name, std::function<void(DiskTest&)> change,
                     std::set<std::string> outcomes) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    DiskTest test(seed);
    test.write_synced("/f", "old");
    change(test);
    test.disk().power_cut();
    seen.insert(test.content("/f") + " " + test.content("/g"));
  }
  EXPECT_EQ(seen, outcomes) << name;
}

TEST(SimDisk, APowerCutKeepsWhatWasSyncedAndAnyPartOfTheRest) {
  struct Case {
    const char* name;
    std::function<void(DiskTest&)> change;
    std::set<std::string> outcomes;
  };
  const Case cases[] = {
      {"nothing happened", [](DiskTest&) {}, {"old -"}},
      {"written and synced",
       [](DiskTest& test) {
         auto file = test.open("/f");
         ASSERT_TRUE(file->write_at(0, "new"));
         ASSERT_TRUE(file->sync());
       },
       {"new -"}},
      {"written, not synced",
       [](DiskTest& test) { ASSERT_TRUE(test.open("/f")->write_at(0, "new")); },
       {"old -", "new -"}},
      {"removed, directory synced",
       [](DiskTest& test) {
         ASSERT_TRUE(test.disk().remove("/f"));
         ASSERT_TRUE(test.disk().sync_directory("/"));
       },
       {"- -"}},
      {"removed, directory not synced",
       [](DiskTest& test) { ASSERT_TRUE(test.disk().remove("/f")); },
       {"- -", "old -"}},
      {"a new file synced, its directory not",
       [](DiskTest& test) {
         auto file = test.open("/g");
         ASSERT_TRUE(file->write_at(0, "g"));
         ASSERT_TRUE(file->sync());
       },
       {"old -", "old g"}},
      {"a new file synced, and its directory",
       [](DiskTest& test) {
         auto file = test.open("/g");
         ASSERT_TRUE(file->write_at(0, "g"));
         ASSERT_TRUE(file->sync());
         ASSERT_TRUE(test.disk().sync_directory("/"));
       },
       {"old g"}},
      {"the safe replacement",
       [](DiskTest& test) {
         auto file = test.open("/g");
         ASSERT_TRUE(file->write_at(0, "new"));
         ASSERT_TRUE(file->sync());
         ASSERT_TRUE(test.disk().rename("/g", "/f"));
         ASSERT_TRUE(test.disk().sync_directory("/"));
       },
       {"new -"}},
      {"a rename not synced is there or not, never half",
       [](DiskTest& test) { ASSERT_TRUE(test.disk().rename("/f", "/g")); },
       {"old -", "- old"}},
      {"truncated, not synced",
       [](DiskTest& test) { ASSERT_TRUE(test.open("/f")->truncate(0)); },
       {"old -", " -"}},
      {"truncated and synced",
       [](DiskTest& test) {
         auto file = test.open("/f");
         ASSERT_TRUE(file->truncate(1));
         ASSERT_TRUE(file->sync());
       },
       {"o -"}},
  };
  for (const Case& test : cases) expect_outcomes(test.name, test.change, test.outcomes);
}

TEST(SimDisk, AnUnsyncedTailMayBeShortOrZeroOrTorn) {
  const std::string page(4096, 'n');
  bool short_tail = false, zeros = false, torn = false, whole = false;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    DiskTest test(seed);
    test.write_synced("/f", "head");
    ASSERT_TRUE(test.open("/f")->append(page + page + page));
    test.disk().power_cut();
    std::string left = test.content("/f");
    ASSERT_EQ(left.substr(0, 4), "head");
    std::string tail = left.substr(4);
    whole = whole || tail == page + page + page;
    short_tail = short_tail || tail.size() < 3 * page.size();
    zeros = zeros || (!tail.empty() && tail.find('n') == std::string::npos);
    torn = torn || (tail.find('n') != std::string::npos && tail.find('\0') != std::string::npos);
  }
  EXPECT_TRUE(short_tail && zeros && torn && whole);
}

TEST(SimDisk, OpenFilesAreDeadAfterAPowerCut) {
  DiskTest test;
  auto file = test.open("/f");
  test.disk().power_cut();
  EXPECT_EQ(file->write_at(0, "x").error().code, ErrorCode::io_error);
  EXPECT_EQ(file->sync().error().code, ErrorCode::io_error);
}

TEST(SimDisk, AKilledProcessLosesNothingItWrote) {
  DiskTest test;
  ASSERT_TRUE(test.open("/f")->write_at(0, "unsynced"));
  test.ground->kill();
  test.ground.reset();
  test.ground = test.world.make_ground({.name = "host"});
  EXPECT_EQ(test.content("/f"), "unsynced");
}

TEST(SimDisk, DirectoriesNeedTheirParentSynced) {
  std::set<bool> seen;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    DiskTest test(seed);
    ASSERT_TRUE(test.disk().make_directories("/a/b", 0755));
    ASSERT_TRUE(test.disk().sync_directory("/a"));
    test.disk().power_cut();
    seen.insert(test.disk().stat("/a/b").has_value());
    if (test.disk().stat("/a")) EXPECT_TRUE(test.disk().stat("/a/b"));
  }
  EXPECT_EQ(seen, (std::set<bool>{false, true}));
}

TEST(SimDisk, AFaultHitsOnlyItsOperationPathAndTurn) {
  DiskTest test;
  auto one = test.open("/one.blk");
  auto two = test.open("/two.idx");
  test.disk().inject({.operation = DiskOperation::write, .path_contains = ".blk", .after = 1, .times = 2});
  EXPECT_TRUE(two->write_at(0, "x"));
  EXPECT_TRUE(one->write_at(0, "x"));
  EXPECT_EQ(one->write_at(0, "x").error().detail, "write /one.blk: input/output error");
  EXPECT_FALSE(one->write_at(0, "x"));
  EXPECT_TRUE(one->write_at(0, "x"));
}

TEST(SimDisk, AShortWriteLeavesAPrefix) {
  DiskTest test;
  auto file = test.open("/f");
  test.disk().inject({.operation = DiskOperation::write, .error = ErrorCode::no_space, .partial = true});
  auto result = file->write_at(0, "0123456789");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::no_space);
  std::string left = test.content("/f");
  EXPECT_LT(left.size(), 10u);
  EXPECT_EQ(left, std::string("0123456789").substr(0, left.size()));
}

TEST(SimDisk, AFullDiskTakesWhatFits) {
  DiskTest test;
  test.disk().set_capacity(6);
  auto file = test.open("/f");
  auto result = file->append("0123456789");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "write /f: no space left on device");
  EXPECT_EQ(test.content("/f"), "012345");
  EXPECT_TRUE(file->write_at(0, "x")) << "nothing grows";
}

TEST(SimDisk, WhatAFailedSyncLostALaterGoodSyncDoesNotSave) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    DiskTest test(seed);
    test.write_synced("/f", "old");
    auto file = test.open("/f");
    ASSERT_TRUE(file->write_at(0, "new"));
    test.disk().inject({.operation = DiskOperation::sync});
    ASSERT_FALSE(file->sync());
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(test.content("/f"), "new");
    test.disk().power_cut();
    EXPECT_EQ(test.content("/f"), "old");
  }
}

TEST(SimDisk, FreezingStopsTheDiskAtEachChange) {
  for (std::uint64_t changes = 0; changes <= 4; ++changes) {
    DiskTest test;
    test.disk().freeze_after(changes);
    bool done = false;
    [&] {
      auto file = test.disk().open("/f", OpenMode::create, 0640);  // 1
      if (!file || !(*file)->append("x") /* 2 */ || !(*file)->sync() /* 3 */) return;
      done = test.disk().sync_directory("/").has_value();  // 4
    }();
    EXPECT_EQ(done, changes == 4) << changes;
    EXPECT_EQ(test.disk().frozen(), changes < 4) << changes;
    test.disk().power_cut();
    EXPECT_FALSE(test.disk().frozen());
    if (changes == 4) EXPECT_EQ(test.content("/f"), "x");
  }
}

TEST(SimDisk, ABitFlipsWhereAskedOrAnywhere) {
  DiskTest test;
  test.write_synced("/f", "aaaa");
  ASSERT_TRUE(test.disk().flip_bit("/f", 9));
  EXPECT_EQ(test.content("/f"), "acaa");
  EXPECT_TRUE(test.disk().flip_random_bit("f"));
  EXPECT_NE(test.content("/f"), "acaa");
  EXPECT_FALSE(test.disk().flip_random_bit("no such file"));
}

}  // namespace
}  // namespace nats::sys
