#include "tools/load/responder.h"

#include <fmt/core.h>

#include <iterator>

#include "tools/load/failure.h"

namespace natstwin::load {

void Responder::subscribe(Connection& connection) { connection.send(fmt::format("SUB {} 1\r\n", subject)); }

void Responder::on_message(Connection& connection, const Frame& frame) {
  if (frame.reply.empty()) throw Failure("a request without a reply subject");
  reply_.clear();
  fmt::format_to(std::back_inserter(reply_), "PUB {} {}\r\n{}\r\n", frame.reply, frame.payload.size(),
                 frame.payload);
  connection.send(reply_);
}

}  // namespace natstwin::load
