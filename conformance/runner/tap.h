// What may sit between a connection of the runner and the server: a mutating proxy, a capture. A
// tap sees the bytes of one connection and gives back those that go on; it may keep some for later.
//
// Order of calls: on_server / on_client as bytes come, on_idle between them, then destruction. All
// on the thread of the scenario.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace natstwin::runner {

class ByteTap {
 public:
  virtual ~ByteTap() = default;
  virtual std::string on_client(std::string_view bytes) { return std::string(bytes); }
  virtual std::string on_server(std::string_view bytes) { return std::string(bytes); }
  // Bytes kept back that go to the client now.
  virtual std::string on_idle() { return {}; }
  // The server closed: the last bytes for the client.
  virtual std::string on_server_end() { return {}; }
  // True: the connection ends here, whatever the server does.
  virtual bool closes() const { return false; }
  // Asked once, when the server closes. True: the client does not get to know.
  virtual bool hides_end() { return false; }
};

// `actor` is the client's name, or the server's for monitoring requests.
using TapFactory = std::function<std::unique_ptr<ByteTap>(std::string_view actor)>;

}  // namespace natstwin::runner
