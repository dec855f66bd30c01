// The ports file: where a server that was told to choose its ports can be reached. Written once all
// listeners are open, removed at shutdown (the reference tries to remove it even where it could not
// write it, and logs both).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/sys/stream.h"

namespace nats::sys {
class Files;
}

namespace nats::app {

// URLs by kind of listener; a kind without any is left out.
struct PortsFile {
  std::vector<std::string> nats;
  std::vector<std::string> monitoring;
  std::vector<std::string> cluster;
  std::vector<std::string> profile;
  std::vector<std::string> websocket;
};

// {executable}_{pid}.ports in `directory`, as Go joins paths.
std::string ports_file_path(std::string_view directory, std::string_view executable, int pid);

std::string to_json(const PortsFile& ports);

// "nats://127.0.0.1:4222". A listener on all addresses gives one URL for each address of the machine:
// loopback and `interface_addresses`.
std::vector<std::string> listener_urls(std::string_view scheme, const sys::Endpoint& at,
                                       const std::vector<std::string>& interface_addresses);

// The error's detail is "open PATH: ...".
Result<void> write_ports_file(sys::Files& files, const std::string& path, const PortsFile& ports);

}  // namespace nats::app
