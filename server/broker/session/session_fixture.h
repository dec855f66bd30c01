// A broker and sessions without streams, for tests: what a client says goes in, what it gets comes out.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/log.h"
#include "server/broker/broker.h"
#include "server/broker/session/client_session.h"
#include "server/sys/sim/sim_world.h"

namespace nats::broker {

class RecordingLog final : public Log {
 public:
  void write(LogLevel, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

class TestClient {
 public:
  TestClient(Broker& broker, std::uint64_t id)
      : loop_(broker.loop(0)), session(broker, loop_, id, {"127.0.0.1", 4000}, loop_.loop().now()) {
    session.start(loop_.loop().now(), false);
    session.open(loop_.loop().now(), nullptr);
  }

  // How much of it was taken.
  std::size_t says(std::string_view text) {
    std::size_t taken = session.on_bytes(text, loop_.loop().now());
    session.settle();
    return taken;
  }
  // Everything since the last call.
  std::string gets() {
    std::string text;
    std::size_t written = 0;
    ClientOutlet& outlet = *session.outlet();
    while (outlet.next_front(written)) {
      std::array<Bytes, 16> pieces;
      std::size_t count = outlet.outbox().front_pieces(pieces.data(), pieces.size());
      written = 0;
      for (std::size_t i = 0; i < count; ++i) {
        text += pieces[i];
        written += pieces[i].size();
      }
      outlet.outbox().advance(written);
    }
    return text;
  }
  // The same, thrown away without a copy.
  void skips() {
    ClientOutlet& outlet = *session.outlet();
    std::size_t written = 0;
    while (outlet.next_front(written)) {
      written = outlet.outbox().front_bytes();
      outlet.outbox().advance(written);
    }
  }

 private:
  LoopBroker& loop_;

 public:
  ClientSession session;
};

// A server's broker on one simulated host.
class TestBroker {
 public:
  explicit TestBroker(config::Options options = {}) : ground_(world_.make_ground(ground_options())) {
    ServerInfo info;
    info.server_id = info.server_name = "ID";
    info.version = "2.15.1";
    broker = std::make_unique<Broker>(*ground_, log,
                                      std::make_shared<const config::Options>(std::move(options)), info);
  }

  std::unique_ptr<TestClient> client() {
    auto made = std::make_unique<TestClient>(*broker, broker->next_client_id());
    made->gets();  // INFO
    return made;
  }
  // A reload as far as the broker goes; clients are told one by one.
  void adopt(config::Options options) {
    broker->adopt(std::make_shared<const config::Options>(std::move(options)), broker->info(), [] {});
    run();
  }
  // Lets what was posted run.
  void run() { world_.run_for(Duration::from_ms(100)); }
  // One that has said CONNECT.
  std::unique_ptr<TestClient> connected(std::string_view fields = "") {
    auto made = client();
    std::string comma = fields.empty() ? "" : ",";
    made->says("CONNECT {\"verbose\":false,\"pedantic\":false" + comma + std::string(fields) + "}\r\n");
    return made;
  }
  // What a loop does behind a round and, now and then, every second: nothing of the past is kept.
  void end_round() {
    LoopBroker& loop = broker->loop(0);
    loop.on_round_end(loop.loop().now());
    loop.drop_stale_matches();
  }

 private:
  static sys::SimGroundOptions ground_options() {
    sys::SimGroundOptions options;
    options.name = "server";
    options.loops = 1;
    return options;
  }

  sys::SimWorld world_;
  std::unique_ptr<sys::SimGround> ground_;

 public:
  RecordingLog log;
  std::unique_ptr<Broker> broker;
};

}  // namespace nats::broker
