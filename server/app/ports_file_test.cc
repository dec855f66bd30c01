#include "server/app/ports_file.h"

#include <gtest/gtest.h>

#include "server/app/memory_files_for_test.h"
#include "server/app/pid_file.h"

namespace nats::app {
namespace {

TEST(PidFile, HoldsDigitsOnlyAndIsThePrivateOfItsOwner) {
  MemoryFiles disk;
  disk.texts["x.pid"] = std::make_shared<std::string>("something longer than a pid");
  EXPECT_TRUE(write_pid_file(disk, "x.pid", 10262));
  EXPECT_EQ(disk.text("x.pid"), "10262");
  EXPECT_TRUE(write_pid_file(disk, "new.pid", 7));
  EXPECT_EQ(disk.text("new.pid"), "7");
  EXPECT_EQ(disk.mode_of_last_made, 0600u);
}

TEST(PidFile, FailureNamesTheFile) {
  MemoryFiles disk;
  disk.opens_fail = true;
  auto written = write_pid_file(disk, "/nonexistent/x.pid", 7);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().detail, "open /nonexistent/x.pid: no such file or directory");
}

TEST(PortsFile, IsNamedAfterProgramAndProcess) {
  EXPECT_EQ(ports_file_path(".", "nats-server", 10228), "nats-server_10228.ports");
  EXPECT_EQ(ports_file_path("/run/nats/", "nats-server", 1), "/run/nats/nats-server_1.ports");
  EXPECT_EQ(ports_file_path("a//b/../c", "x", 1), "a/c/x_1.ports");
}

TEST(PortsFile, HoldsUrlsByKindAsCompactJson) {
  MemoryFiles disk;
  PortsFile ports;
  ports.nats = {"nats://127.0.0.1:58129"};
  ports.monitoring = {"http://127.0.0.1:52327"};
  const std::string path = "/run/nats-server_5.ports";
  ASSERT_TRUE(write_ports_file(disk, path, ports));
  EXPECT_EQ(disk.text(path),
            R"({"nats":["nats://127.0.0.1:58129"],"monitoring":["http://127.0.0.1:52327"]})");
  EXPECT_EQ(disk.mode_of_last_made, 0666u);
  EXPECT_EQ(to_json({}), "{}");
}

TEST(PortsFile, ListenerOnAllAddressesHasAUrlForEach) {
  using Urls = std::vector<std::string>;
  EXPECT_EQ(listener_urls("nats", {"127.0.0.1", 4222}, {"192.0.2.2"}), (Urls{"nats://127.0.0.1:4222"}));
  EXPECT_EQ(listener_urls("nats", {"::1", 4222}, {}), (Urls{"nats://[::1]:4222"}));
  for (const char* all : {"0.0.0.0", "::", ""})
    EXPECT_EQ(listener_urls("http", {all, 1}, {"192.0.2.2", "fd00::2"}),
              (Urls{"http://127.0.0.1:1", "http://[::1]:1", "http://192.0.2.2:1", "http://[fd00::2]:1"}));
}

}  // namespace
}  // namespace nats::app
