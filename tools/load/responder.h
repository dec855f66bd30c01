// Answers each request with the request's own payload.
#pragma once

#include <string>
#include <string_view>

#include "tools/load/connection.h"

namespace natstwin::load {

class Responder : public Client {
 public:
  static constexpr std::string_view subject = "bench.service";
  static constexpr std::string_view inbox = "_INBOX.Qx7mB2kPzR4tYw8nLcVdHs.";

  void subscribe(Connection& connection);
  void on_message(Connection& connection, const Frame& frame) override;

 private:
  std::string reply_;
};

}  // namespace natstwin::load
