#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/base/error.h"
#include "server/sys/message_sender.h"
#include "server/sys/real/descriptor.h"

namespace nats::sys {

class RealMessageSender final : public MessageSender {
 public:
  // Blocks until there is a connection, for some seconds. `address` is a path, or "host:port". The error's
  // detail is Go's.
  static Result<std::unique_ptr<MessageSender>> connect(MessageTransport transport,
                                                        const std::string& address);
  ~RealMessageSender() override;

  void send(std::string message) override;
  std::string local_address() const override { return local_address_; }

 private:
  static constexpr std::size_t waiting_octets_max = 1 << 20;

  RealMessageSender(MessageTransport transport, std::string address, Descriptor socket);

  void run();
  void send_now(const std::string& message);

  const MessageTransport transport_;
  const std::string address_;
  Descriptor socket_;  // of the thread
  std::string local_address_;

  std::mutex mutex_;  // guards:
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::size_t waiting_octets_ = 0;
  bool ending_ = false;

  std::thread thread_;
};

}  // namespace nats::sys
