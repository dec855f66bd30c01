// An idle connection holds what OpenSSL needs to know of it, and no buffer: plain text is made in, and
// records are gathered in, memory that all streams of a thread share.
//
// The stream that the owner holds is a handle on a counted core; a handshake's step on a worker holds
// the core too, so that the owner may destroy the stream at any moment.
#include "server/sys/real/tls/tls_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/base/ref.h"
#include "server/sys/real/real_loop.h"
#include "server/sys/real/tls/first_record.h"
#include "server/sys/real/tls/machine.h"
#include "server/sys/real/tls/sealed_alert.h"

namespace nats::sys {
namespace {

// One read's plain text, and that of a record that an earlier read began.
constexpr std::size_t plain_room = RealLoop::read_buffer_size + 2 * TlsMachine::record_max;
// Records are handed to the kernel in portions of about this size.
constexpr std::size_t portion_bytes = 128 * 1024;
constexpr std::uint8_t alert_bad_certificate = 42;
constexpr std::uint8_t alert_internal_error = 80;
constexpr std::size_t portion_records_max = portion_bytes / TlsMachine::record_max + 1;

struct Scratch {
  std::unique_ptr<char[]> plain{new char[plain_room]};
  std::unique_ptr<char[]> record{new char[TlsMachine::record_max]};
  std::string sealed;
};

Scratch& scratch() {
  thread_local Scratch memory;
  return memory;
}

// Walks over pieces in portions that fit a record.
class PieceReader {
 public:
  PieceReader(std::span<const Bytes> pieces, std::size_t skip) : pieces_(pieces) {
    while (!pieces_.empty() && skip >= pieces_.front().size()) {
      skip -= pieces_.front().size();
      pieces_ = pieces_.subspan(1);
    }
    at_ = skip;
    pass_empty();
  }

  bool done() const { return pieces_.empty(); }

  // A piece's own memory where that fills a record, else `gathered`.
  Bytes take(char* gathered) {
    Bytes rest = pieces_.front().substr(at_);
    if (rest.size() >= TlsMachine::record_max || pieces_.size() == 1) {
      rest = rest.substr(0, TlsMachine::record_max);
      advance(rest.size());
      return rest;
    }
    std::size_t size = 0;
    while (!done() && size < TlsMachine::record_max) {
      rest = pieces_.front().substr(at_, TlsMachine::record_max - size);
      std::memcpy(gathered + size, rest.data(), rest.size());
      size += rest.size();
      advance(rest.size());
    }
    return {gathered, size};
  }

 private:
  void advance(std::size_t count) {
    at_ += count;
    if (at_ < pieces_.front().size()) return;
    pieces_ = pieces_.subspan(1);
    at_ = 0;
    pass_empty();
  }
  void pass_empty() {
    while (!pieces_.empty() && pieces_.front().empty()) pieces_ = pieces_.subspan(1);
  }

  std::span<const Bytes> pieces_;
  std::size_t at_ = 0;
};

class TlsCore final : public RefCounted<TlsCore>, public StreamHandler {
 public:
  TlsCore(std::unique_ptr<Stream> stream, std::shared_ptr<const OpensslContext> context, WorkerPool& workers,
          TlsGuard* guard, std::string server_name)
      : inner_(std::move(stream)),
        context_(std::move(context)),
        server_name_(std::move(server_name)),
        workers_(workers),
        guard_(guard) {}

  void start(StreamHandler& handler);
  void pause_reading();
  void resume_reading();
  Result<std::size_t> write(std::span<const Bytes> pieces);
  void want_writable();
  void start_tls(Bytes received);
  void close();

  Stream& inner() const { return *inner_; }
  bool secured() const { return state_ == State::open; }
  // Null before start_tls().
  const TlsMachine* machine() const { return machine_.get(); }

  void on_bytes(Bytes in) override;
  void on_writable() override;
  void on_end(const Error& reason) override;

 private:
  enum class State : std::uint8_t { plain, handshaking, open };

  // What a handshake needs and an idle connection does not.
  struct Handshake {
    std::string begin;     // until the first record was looked at
    std::string incoming;  // what the machine is to be fed
    std::string outgoing;
    TlsMachine::Step result = TlsMachine::Step::more;
    bool looked_at = false;
    bool has_signed = false;                 // or is about to
    bool waits = false;                      // for a worker or the guard
    std::vector<VerifiedChain> peer_chains;  // for the guard, of a handshake that is done

    void run(TlsMachine& machine, bool guards_peers) {
      Bytes in = incoming;
      result = machine.handshake(in, outgoing);
      incoming.erase(0, incoming.size() - in.size());
      if (guards_peers && result == TlsMachine::Step::done) peer_chains = machine.peer_chains();
    }
  };

  void on_handshake_bytes(Bytes in);
  void ask_guard_about_hello();
  void on_hello_decided(const Result<void>& decision);
  void run_step();
  void on_step();
  void on_peer_decided(const Result<void>& decision);
  void go_on_after_step();
  void on_secured_now();
  void decrypt(Bytes in);
  bool send(Bytes sealed);
  bool flush_unsent();
  void end(const Error& reason);

  std::unique_ptr<Stream> inner_;  // null after close()
  std::shared_ptr<const OpensslContext> context_;
  std::string server_name_;  // a client's, until it begins
  WorkerPool& workers_;
  TlsGuard* const guard_;             // null: nobody has a say
  StreamHandler* handler_ = nullptr;  // null before start(), after on_end and after close()
  std::unique_ptr<TlsMachine> machine_;
  std::unique_ptr<Handshake> handshake_;
  std::string unsent_;    // sealed records that the kernel has not taken
  std::size_t owed_ = 0;  // octets of plain text in `unsent_` that write() has not yet owned up to
  State state_ = State::plain;
  bool paused_ = false;  // by the owner
  bool wants_writable_ = false;
};

void TlsCore::start(StreamHandler& handler) {
  NATS_CHECK(!handler_);
  handler_ = &handler;
  inner_->start(*this);
}

void TlsCore::pause_reading() {
  paused_ = true;
  inner_->pause_reading();
}

void TlsCore::resume_reading() {
  paused_ = false;
  if (!handshake_ || !handshake_->waits) inner_->resume_reading();
}

void TlsCore::start_tls(Bytes received) {
  NATS_CHECK(handler_ && state_ == State::plain);
  Ref self(this);
  state_ = State::handshaking;
  machine_ = std::make_unique<TlsMachine>(context_, std::move(server_name_));
  handshake_ = std::make_unique<Handshake>();
  if (context_->side() == TlsSide::client) {
    handshake_->begin = received;
    return run_step();
  }
  if (!received.empty()) on_handshake_bytes(received);
}

void TlsCore::on_bytes(Bytes in) {
  if (!handler_) return;
  Ref self(this);
  switch (state_) {
    case State::plain:
      return handler_->on_bytes(in);
    case State::handshaking:
      return on_handshake_bytes(in);
    case State::open:
      return decrypt(in);
  }
}

void TlsCore::on_handshake_bytes(Bytes in) {
  Handshake& handshake = *handshake_;
  if (handshake.looked_at) {
    handshake.incoming.append(in);
    return run_step();
  }
  handshake.begin.append(in);
  FirstRecord first = look_at_first_record(handshake.begin);
  if (!first.complete) return;
  if (first.error) {
    bool http = context_->side() == TlsSide::client && handshake.begin.starts_with("HTTP/");
    if (http) first.error->code = ErrorCode::tls_http_spoken;
    send(first.alert);
    return end(*first.error);
  }
  handshake.looked_at = true;
  handshake.incoming = std::exchange(handshake.begin, {});
  if (guard_) return ask_guard_about_hello();
  run_step();
}

void TlsCore::ask_guard_about_hello() {
  handshake_->waits = true;
  inner_->pause_reading();
  guard_->on_hello(*context_, inner_->loop(),
                   [self = Ref(this)](Result<void> decision) { self->on_hello_decided(decision); });
}

void TlsCore::on_hello_decided(const Result<void>& decision) {
  if (!inner_ || !handler_) return;
  Ref self(this);
  handshake_->waits = false;
  if (!decision) {
    send(plain_alert(alert_internal_error));
    return end(Error{ErrorCode::tls_failed, decision.error().detail});
  }
  if (!paused_) inner_->resume_reading();
  run_step();
}

// The first step signs and a client's certificate is verified: on a worker. What is left is short.
void TlsCore::run_step() {
  bool short_step = std::exchange(handshake_->has_signed, true) && !context_->verifies();
  if (short_step) {
    handshake_->run(*machine_, false);
    return on_step();
  }
  handshake_->waits = true;
  inner_->pause_reading();
  auto work = [self = Ref(this)] {
    self->handshake_->run(*self->machine_, self->guard_ && self->context_->guards_peers());
  };
  workers_.run(std::move(work), inner_->loop(), [self = Ref(this)] { self->on_step(); });
}

void TlsCore::on_step() {
  if (!inner_) return;
  if (!handler_) return;
  Ref self(this);
  // Whoever is refused is not told that hands were shaken: what was made for that stays here.
  bool asks = guard_ && context_->guards_peers() && handshake_->result == TlsMachine::Step::done;
  if (!asks) return go_on_after_step();
  auto done = [self](Result<void> decision) { self->on_peer_decided(decision); };
  guard_->on_peer(std::move(handshake_->peer_chains), inner_->loop(), std::move(done));
}

void TlsCore::on_peer_decided(const Result<void>& decision) {
  if (!inner_ || !handler_) return;
  Ref self(this);
  if (decision) return go_on_after_step();
  send(machine_->refuse_peer(alert_bad_certificate));
  end(Error{ErrorCode::tls_failed, decision.error().detail});
}

void TlsCore::go_on_after_step() {
  handshake_->waits = false;
  bool sent = send(std::exchange(handshake_->outgoing, {}));
  if (handshake_->result == TlsMachine::Step::failed) return end(machine_->failure());
  if (!sent) return;
  if (!paused_) inner_->resume_reading();
  if (handshake_->result == TlsMachine::Step::done) on_secured_now();
}

void TlsCore::on_secured_now() {
  machine_->forget_handshake();
  std::string rest = std::move(handshake_->incoming);
  handshake_.reset();
  state_ = State::open;
  handler_->on_secured();
  if (handler_ && !rest.empty()) decrypt(rest);
  if (handler_ && wants_writable_ && unsent_.empty()) {
    wants_writable_ = false;
    handler_->on_writable();
  }
}

void TlsCore::decrypt(Bytes in) {
  std::span<char> room(scratch().plain.get(), plain_room);
  std::string out;  // hardly ever: answers to key updates, alerts
  TlsMachine::Read read = machine_->read(in, room, out);
  if (!out.empty() && !send(out)) return;
  if (read.count > 0) handler_->on_bytes(Bytes(room.data(), read.count));
  if (!handler_) return;
  if (read.state == TlsMachine::Reading::closed) return end(Error{ErrorCode::end_of_stream, "EOF"});
  if (read.state == TlsMachine::Reading::failed) return end(read.error);
  NATS_CHECK(in.empty());
}

// Of the machine's own accord. False: the stream is broken, and its end was told.
bool TlsCore::send(Bytes sealed) {
  if (sealed.empty()) return true;
  if (!unsent_.empty()) {
    unsent_.append(sealed);
    return true;
  }
  std::array<Bytes, 1> pieces{sealed};
  Result<std::size_t> sent = inner_->write(pieces);
  if (!sent) {
    end(sent.error());
    return false;
  }
  if (*sent < sealed.size()) {
    unsent_ = sealed.substr(*sent);
    inner_->want_writable();
  }
  return true;
}

// False: something is left, or the stream is broken.
bool TlsCore::flush_unsent() {
  if (unsent_.empty()) return true;
  std::array<Bytes, 1> pieces{unsent_};
  Result<std::size_t> sent = inner_->write(pieces);
  if (!sent) return false;
  if (*sent < unsent_.size()) {
    unsent_.erase(0, *sent);
    return false;
  }
  unsent_ = {};
  return true;
}

// What was sealed but not sent is not owned up to: the owner offers it again, and it is passed over.
Result<std::size_t> TlsCore::write(std::span<const Bytes> pieces) {
  if (state_ == State::plain) return inner_->write(pieces);
  if (state_ == State::handshaking) return 0;
  if (!unsent_.empty()) {
    std::array<Bytes, 1> rest{unsent_};
    std::size_t sent = NATS_TRY(inner_->write(rest));
    unsent_.erase(0, sent);
    if (!unsent_.empty()) return 0;
    unsent_ = {};
  }
  std::size_t total = std::exchange(owed_, 0);
  PieceReader reader(pieces, total);
  Scratch& memory = scratch();
  while (!reader.done()) {
    struct Record {
      std::size_t plain;
      std::size_t end;  // in `sealed`
    };
    std::array<Record, portion_records_max> records;
    std::size_t count = 0;
    memory.sealed.clear();
    while (!reader.done() && count < records.size() && memory.sealed.size() < portion_bytes) {
      Bytes plain = reader.take(memory.record.get());
      NATS_TRY_VOID(machine_->write(plain, memory.sealed));
      records[count++] = {plain.size(), memory.sealed.size()};
    }
    std::array<Bytes, 1> out{memory.sealed};
    Result<std::size_t> sent = inner_->write(out);
    if (!sent) return total > 0 ? Result<std::size_t>(total) : sent;  // the next write meets it again
    for (std::size_t i = 0; i < count; ++i) (records[i].end <= *sent ? total : owed_) += records[i].plain;
    if (*sent < memory.sealed.size()) {
      unsent_ = memory.sealed.substr(*sent);
      return total;
    }
  }
  return total;
}

void TlsCore::want_writable() {
  wants_writable_ = true;
  if (state_ != State::handshaking) inner_->want_writable();
}

void TlsCore::on_writable() {
  if (!handler_) return;
  Ref self(this);
  std::size_t before = unsent_.size();
  if (!flush_unsent() && unsent_.size() < before) return inner_->want_writable();
  if (!unsent_.empty() && !wants_writable_) return inner_->want_writable();
  if (wants_writable_ && state_ != State::handshaking) {
    wants_writable_ = false;
    handler_->on_writable();
  }
}

void TlsCore::on_end(const Error& reason) {
  if (!handler_) return;
  Ref self(this);
  bool torn = false;
  if (reason.code == ErrorCode::end_of_stream && machine_) {
    torn = machine_->in_mid_record();
    if (handshake_) torn = torn || !handshake_->begin.empty();
  }
  end(torn ? Error{ErrorCode::tls_failed, "unexpected EOF"} : reason);
}

void TlsCore::end(const Error& reason) {
  if (StreamHandler* handler = std::exchange(handler_, nullptr)) handler->on_end(reason);
}

void TlsCore::close() {
  handler_ = nullptr;
  if (state_ == State::open && unsent_.empty()) {
    std::string out;
    machine_->close(out);
    std::array<Bytes, 1> pieces{out};
    // The peer may be gone: it is told out of courtesy.
    if (!out.empty()) static_cast<void>(inner_->write(pieces));
  }
  inner_.reset();
}

class OpensslStream final : public TlsStream {
 public:
  explicit OpensslStream(Ref<TlsCore> core) : core_(std::move(core)) {}
  ~OpensslStream() override { core_->close(); }

  void start(StreamHandler& handler) override { core_->start(handler); }
  void pause_reading() override { core_->pause_reading(); }
  void resume_reading() override { core_->resume_reading(); }
  Result<std::size_t> write(std::span<const Bytes> pieces) override { return core_->write(pieces); }
  void want_writable() override { core_->want_writable(); }
  Endpoint local() const override { return core_->inner().local(); }
  Endpoint remote() const override { return core_->inner().remote(); }
  Loop& loop() const override { return core_->inner().loop(); }

  void start_tls(Bytes received) override { core_->start_tls(received); }
  bool secured() const override { return core_->secured(); }
  std::string_view tls_version() const override { return secured() ? core_->machine()->version() : ""; }
  std::string_view cipher_suite() const override { return secured() ? core_->machine()->cipher_suite() : ""; }
  std::shared_ptr<const std::vector<Certificate>> peer_certificates() const override {
    return core_->machine() ? core_->machine()->peer_certificates() : nullptr;
  }

 private:
  Ref<TlsCore> core_;
};

}  // namespace

std::unique_ptr<TlsStream> make_tls_stream(std::unique_ptr<Stream> stream,
                                           std::shared_ptr<const OpensslContext> context, WorkerPool& workers,
                                           TlsGuard* guard, std::string server_name) {
  return std::make_unique<OpensslStream>(Ref<TlsCore>(
      new TlsCore(std::move(stream), std::move(context), workers, guard, std::move(server_name))));
}

}  // namespace nats::sys
