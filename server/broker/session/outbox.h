// What a connection has still to write: small ops copied back to back, large payloads shared.
//
// Two buffers take turns: any loop appends to the back one under the owner's lock, the connection's
// loop writes the front one without it.
#pragma once

#include <cstdint>
#include <vector>

#include "server/base/byte_buffer.h"
#include "server/base/bytes.h"
#include "server/base/ref.h"
#include "server/broker/delivery/shared_payload.h"

namespace nats::broker {

class Outbox {
 public:
  // Under the owner's lock. Pointers are good until the next call.
  char* extend(std::size_t count) {
    pending_bytes_ += static_cast<std::int64_t>(count);
    return back_.bytes.extend(count);
  }
  void append(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }
  void share(Ref<SharedPayload> payload);
  // Octets appended and not yet written.
  std::int64_t pending_bytes() const { return pending_bytes_; }
  // Makes what was appended the front, if the front is written; false when there is nothing new.
  bool turn();
  // `count` octets of the front are on their way.
  void written(std::size_t count) { pending_bytes_ -= static_cast<std::int64_t>(count); }
  // Memory of an idle connection.
  void free_idle_memory();
  void clear();

  // On the connection's loop. At most `max` pieces of the front's rest.
  std::size_t front_pieces(Bytes* pieces, std::size_t max) const;
  std::size_t front_bytes() const { return front_.size - front_written_; }
  void advance(std::size_t count);

 private:
  struct Shared {
    std::size_t at;  // octets of `bytes` that precede it
    Ref<SharedPayload> payload;
  };
  struct Side {
    ByteBuffer bytes;
    std::vector<Shared> shared;
    std::size_t size = 0;  // of the front: bytes and payloads together

    void clear();
  };

  Side front_;
  Side back_;
  std::size_t front_written_ = 0;
  std::int64_t pending_bytes_ = 0;
};

}  // namespace nats::broker
