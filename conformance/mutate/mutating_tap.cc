#include "conformance/mutate/mutating_tap.h"

#include <chrono>
#include <optional>
#include <utility>

namespace natstwin::mutate {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds swap_patience{300};

class MutatingTap final : public runner::ByteTap {
 public:
  explicit MutatingTap(std::shared_ptr<Mutation> mutation) : mutation_(std::move(mutation)) {}

  std::string on_client(std::string_view bytes) override {
    // HEAD answers have no body to wait for; anything else over HTTP is taken whole.
    if (!spoken_)
      http_ = bytes.starts_with("GET ") || bytes.starts_with("POST ") || bytes.starts_with("PUT ");
    // Binary greetings are of TLS or MQTT.
    const bool letter = !bytes.empty() && bytes[0] >= 'A' && bytes[0] <= 'z';
    if (!spoken_) opaque_ = bytes.starts_with("HEAD ") || !letter;
    spoken_ = true;
    if (mutation_->mutant().fate == FrameFate::delay) due_ = true;
    return std::string(bytes);
  }

  std::string on_server(std::string_view bytes) override {
    if (!spoken_ && !bytes.starts_with('I')) opaque_ = true;  // an INFO, else not ours
    spoken_ = true;
    if (opaque_) return std::string(bytes);
    if (silent_) return {};
    return http_ ? on_http(bytes, false) : on_frames(bytes);
  }

  std::string on_idle() override {
    const bool swapping = mutation_->mutant().fate == FrameFate::swap;
    if (!held_ || (swapping ? Clock::now() < held_until_ : !due_)) return {};
    if (swapping) mutation_->withdraw();  // there was no next frame
    return *std::exchange(held_, std::nullopt);
  }

  std::string on_server_end() override {
    if (opaque_ || silent_) return {};
    std::string out = http_ ? on_http({}, true) : std::string();
    if (held_ && mutation_->mutant().fate == FrameFate::swap) mutation_->withdraw();
    if (held_) out += *std::exchange(held_, std::nullopt);
    return out + cutter_.take_rest() + std::exchange(http_bytes_, {});
  }

  bool closes() const override { return closes_; }

  bool hides_end() override {
    return mutation_->mutant().fate == FrameFate::no_close && !http_ && mutation_->claim(true);
  }

 private:
  std::string on_frames(std::string_view bytes) {
    cutter_.feed(bytes);
    std::string out;
    while (auto frame = cutter_.next()) {
      if (silent_ || closes_) return out;
      // What a swap holds back comes behind the frame after it.
      const bool swapping = mutation_->mutant().fate == FrameFate::swap;
      auto waiting = swapping ? std::exchange(held_, std::nullopt) : std::nullopt;
      if (waiting == frame->bytes) mutation_->withdraw();
      out += mutated(*frame);
      if (waiting) out += *waiting;
    }
    return out;
  }

  bool concerns(const RawFrame& frame) {
    const std::string_view on = mutation_->mutant().on;
    const bool greeting = frame.kind == "INFO" && !greeted_;
    if (frame.kind == "INFO") greeted_ = true;
    return on == "*" ? !greeting && !frame.kind.empty() : on == frame.kind;
  }

  std::string mutated(const RawFrame& frame) {
    const Mutant& mutant = mutation_->mutant();
    if (!concerns(frame) || mutant.fate == FrameFate::no_close) return frame.bytes;
    if (mutant.fate == FrameFate::change) {
      const Edit changed =
          mutant.change == nullptr ? Edit{} : mutant.change(frame.bytes, mutation_->choice());
      const bool fits = changed && *changed != frame.bytes;
      return mutation_->claim(fits) ? *changed : frame.bytes;
    }
    // Behind most errors the server closes itself.
    const bool fits = mutant.fate != FrameFate::early_close || frame.kind != "-ERR";
    if (!mutation_->claim(fits)) return frame.bytes;
    switch (mutant.fate) {
      case FrameFate::drop:
        return {};
      case FrameFate::repeat:
        return frame.bytes + frame.bytes;
      case FrameFate::swap:
      case FrameFate::delay:
        held_ = frame.bytes;
        held_until_ = Clock::now() + swap_patience;
        due_ = false;
        return {};
      case FrameFate::silence:
        silent_ = true;
        return {};
      case FrameFate::early_close:
        closes_ = true;
        return frame.bytes;
      case FrameFate::change:
      case FrameFate::no_close:
        break;
    }
    return frame.bytes;
  }

  std::string on_http(std::string_view bytes, bool ended) {
    const Mutant& mutant = mutation_->mutant();
    if (mutant.on != "HTTP") return std::string(bytes);
    http_bytes_ += bytes;
    if (http_bytes_.starts_with("HTTP/1.1 101 ")) {
      opaque_ = true;  // WebSocket from here on
      return std::exchange(http_bytes_, {});
    }
    auto answer = parse_http(http_bytes_, ended);
    if (!answer) return {};
    const std::string whole = std::exchange(http_bytes_, {});
    const bool fits = mutant.change_http(*answer, mutation_->choice());
    return mutation_->claim(fits) ? to_bytes(*answer) : whole;
  }

  std::shared_ptr<Mutation> mutation_;
  FrameCutter cutter_;
  std::string http_bytes_;
  std::optional<std::string> held_;
  Clock::time_point held_until_;
  bool spoken_ = false;
  bool http_ = false;
  bool opaque_ = false;
  bool greeted_ = false;
  bool silent_ = false;
  bool closes_ = false;
  bool due_ = false;  // the client spoke after a frame was delayed
};

}  // namespace

bool Mutation::claim(bool fits) {
  const std::lock_guard lock(mutex_);
  if (!fits || applied_) return false;
  if (skip_ > 0) {
    --skip_;
    return false;
  }
  applied_ = true;
  return true;
}

void Mutation::withdraw() {
  const std::lock_guard lock(mutex_);
  withdrawn_ = true;
}

bool Mutation::applied() const {
  const std::lock_guard lock(mutex_);
  return applied_ && !withdrawn_;
}

runner::TapFactory mutating_taps(std::shared_ptr<Mutation> mutation) {
  return [mutation](std::string_view) { return std::make_unique<MutatingTap>(mutation); };
}

}  // namespace natstwin::mutate
