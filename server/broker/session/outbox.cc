#include "server/broker/session/outbox.h"

#include <utility>

namespace nats::broker {
namespace {

// More than this is given back once it is written.
constexpr std::size_t kept_bytes_max = 1024 * 1024;

}  // namespace

void Outbox::Side::clear() {
  bytes.clear();
  if (bytes.capacity() > kept_bytes_max) bytes.free_memory();
  shared.clear();
  size = 0;
}

void Outbox::share(Ref<SharedPayload> payload) {
  pending_bytes_ += static_cast<std::int64_t>(payload->view().size());
  back_.shared.push_back({back_.bytes.size(), std::move(payload)});
}

bool Outbox::turn() {
  if (front_bytes() > 0) return true;
  if (back_.bytes.empty() && back_.shared.empty()) return false;
  front_.clear();
  std::swap(front_, back_);
  front_written_ = 0;
  front_.size = front_.bytes.size();
  for (const Shared& shared : front_.shared) front_.size += shared.payload->view().size();
  return true;
}

std::size_t Outbox::front_pieces(Bytes* pieces, std::size_t max) const {
  std::size_t skip = front_written_;
  std::size_t count = 0;
  std::size_t at = 0;
  auto add = [&](Bytes piece) {
    if (skip >= piece.size()) {
      skip -= piece.size();
      return;
    }
    pieces[count++] = piece.substr(skip);
    skip = 0;
  };
  for (const Shared& shared : front_.shared) {
    if (count + 2 > max) return count;
    add(front_.bytes.view().substr(at, shared.at - at));
    at = shared.at;
    if (count < max) add(shared.payload->view());
  }
  if (count < max) add(front_.bytes.view().substr(at));
  return count;
}

void Outbox::advance(std::size_t count) {
  front_written_ += count;
  if (front_bytes() == 0) {
    front_.clear();
    front_written_ = 0;
  }
}

void Outbox::free_idle_memory() {
  if (pending_bytes_ > 0) return;
  front_.bytes.free_memory();
  back_.bytes.free_memory();
  front_.shared.shrink_to_fit();
  back_.shared.shrink_to_fit();
}

void Outbox::clear() {
  front_.clear();
  back_.clear();
  front_written_ = 0;
  pending_bytes_ = 0;
}

}  // namespace nats::broker
