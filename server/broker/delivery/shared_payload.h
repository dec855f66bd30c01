// A payload too large to copy for each of its targets: they all refer to it.
#pragma once

#include "server/base/byte_buffer.h"
#include "server/base/bytes.h"
#include "server/base/ref.h"

namespace nats::broker {

class SharedPayload : public RefCounted<SharedPayload> {
 public:
  explicit SharedPayload(Bytes bytes) { data_.append(bytes); }
  Bytes view() const { return data_.view(); }

 private:
  ByteBuffer data_;
};

}  // namespace nats::broker
