// A real listener with TLS against OpenSSL's own client on a blocking socket.
#include "server/sys/tls.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "server/base/check.h"
#include "server/sys/real/real_ground.h"
#include "server/sys/real/tls/certificates.h"
#include "server/sys/real/tls/made_certificates_for_test.h"

namespace nats::sys {
namespace {

// Echoes what a client sends, after a greeting in the clear and a handshake.
class TlsEcho final : public AcceptHandler {
 public:
  explicit TlsEcho(const TlsSettings& settings) : ground_(std::move(*RealGround::open({.loops = 1}))) {
    auto context = ground_->tls()->server_context(settings);
    EXPECT_TRUE(context) << context.error().detail;
    context_ = *context;
    listener_ = std::move(*ground_->listen({"127.0.0.1", 0}, ground_->loop(0), *this));
    thread_ = std::thread([this] { ground_->run(); });
  }
  ~TlsEcho() {
    ground_->stop();
    thread_.join();
    connections_.clear();
  }

  std::uint16_t port() const { return listener_->local().port; }
  // Why the connection ended.
  std::string wait_for_end() {
    auto future = ended_.get_future();
    if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready) return "it did not end";
    return future.get();
  }
  // On the loop's thread; read after the client got an answer.
  std::string version, suite;
  std::vector<Certificate> peers;

 private:
  struct Connection final : StreamHandler {
    Connection(TlsEcho& echo, std::unique_ptr<TlsStream> made) : owner(echo), stream(std::move(made)) {}

    void on_bytes(Bytes in) override {
      pending.append(in);
      flush();
    }
    void on_writable() override { flush(); }
    void on_secured() override {
      owner.version = stream->tls_version();
      owner.suite = stream->cipher_suite();
      if (auto shown = stream->peer_certificates()) owner.peers = *shown;
    }
    void on_end(const Error& reason) override {
      if (auto shown = stream->peer_certificates()) owner.peers = *shown;
      owner.ended_.set_value(reason.detail);
    }
    void flush() {
      // Two pieces, so that they are gathered.
      std::array<Bytes, 2> pieces{Bytes(pending).substr(0, pending.size() / 3),
                                  Bytes(pending).substr(pending.size() / 3)};
      Result<std::size_t> written = stream->write(pieces);
      if (!written) return;
      pending.erase(0, *written);
      if (!pending.empty()) stream->want_writable();
    }

    TlsEcho& owner;
    std::unique_ptr<TlsStream> stream;
    std::string pending;
  };

  Loop& pick_loop() override { return ground_->loop(0); }
  void on_accept(std::unique_ptr<Stream> stream) override {
    auto secure = ground_->tls()->server_stream(std::move(stream), context_);
    TlsStream& made = *secure;
    connections_.push_back(std::make_unique<Connection>(*this, std::move(secure)));
    made.start(*connections_.back());
    std::array<Bytes, 1> greeting{"INFO\r\n"};
    EXPECT_EQ(made.write(greeting).value_or(0), greeting[0].size());
    made.start_tls({});
  }
  void on_accept_error(const Error&) override {}

  std::unique_ptr<RealGround> ground_;
  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::promise<std::string> ended_;
  std::thread thread_;
};

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    NATS_CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
    context_ = ::SSL_CTX_new(::TLS_client_method());
    char greeting[6];
    NATS_CHECK(::recv(socket_, greeting, sizeof(greeting), MSG_WAITALL) == sizeof(greeting));
  }
  ~TlsClient() {
    ::SSL_free(ssl_);
    ::SSL_CTX_free(context_);
    ::close(socket_);
  }

  ssl_ctx_st* context() { return context_; }
  int socket() const { return socket_; }
  void show(const MadeCertificate& made) {
    LoadedPair pair = std::move(*load_pair(made.pair()));
    ::SSL_CTX_use_certificate(context_, pair.chain[0].get());
    ::SSL_CTX_use_PrivateKey(context_, pair.key.get());
  }
  void trust(const MadeCertificate& made) {
    auto roots = std::move(*load_roots(made.certificate));
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context_), roots[0].get());
    ::SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  }
  bool shake_hands() {
    ssl_ = ::SSL_new(context_);
    ::SSL_set_fd(ssl_, socket_);
    return ::SSL_connect(ssl_) == 1;
  }
  // The server's common name.
  std::string shake_hands_with(const std::string& name) {
    ssl_ = ::SSL_new(context_);
    ::SSL_set_fd(ssl_, socket_);
    if (!name.empty()) SSL_set_tlsext_host_name(ssl_, name.c_str());
    if (::SSL_connect(ssl_) != 1) return "no handshake";
    return describe(*::SSL_get0_peer_certificate(ssl_)).subject[0][0].value;
  }
  void send(const std::string& text) {
    NATS_CHECK(::SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0);
  }
  std::string receive(std::size_t size) {
    std::string text(size, '\0');
    std::size_t at = 0;
    while (at < size) {
      int got = ::SSL_read(ssl_, text.data() + at, static_cast<int>(size - at));
      if (got <= 0) return text.substr(0, at);
      at += static_cast<std::size_t>(got);
    }
    return text;
  }
  ssl_st* ssl() { return ssl_; }

 private:
  int socket_;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
};

struct TlsStreams : ::testing::Test {
  MadeCertificate root = make_certificate({.subject = {"CN=root"}, .authority = true});
  MadeCertificate server = make_certificate({}, &root);

  TlsSettings open_settings() const { return {.pairs = {server.pair()}}; }
  TlsSettings verifying() const {
    return {.pairs = {server.pair()}, .roots = root.certificate, .verify_peer = true};
  }
};

TEST_F(TlsStreams, CarryWhatIsWritten) {
  TlsEcho echo(open_settings());
  TlsClient client(echo.port());
  client.trust(root);
  ASSERT_TRUE(client.shake_hands());
  client.send("hello");
  EXPECT_EQ(client.receive(5), "hello");
  EXPECT_EQ(echo.version, "1.3");
  EXPECT_EQ(echo.suite, "TLS_AES_128_GCM_SHA256");
  EXPECT_TRUE(echo.peers.empty());
  ::SSL_shutdown(client.ssl());
  EXPECT_EQ(echo.wait_for_end(), "EOF");
}

// Far more than the kernel takes at once, while nobody reads.
TEST_F(TlsStreams, CarryMuchThroughAFullSocket) {
  TlsEcho echo(open_settings());
  TlsClient client(echo.port());
  ASSERT_TRUE(client.shake_hands());
  std::string text(20 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 1000);
  std::thread sender([&] {
    for (std::size_t at = 0; at < text.size(); at += 100'000) client.send(text.substr(at, 100'000));
  });
  sender.join();
  EXPECT_TRUE(client.receive(text.size()) == text);
}

TEST_F(TlsStreams, SpeakTheOlderVersion) {
  TlsEcho echo(open_settings());
  TlsClient client(echo.port());
  ::SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
  ASSERT_TRUE(client.shake_hands());
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
  EXPECT_EQ(echo.version, "1.2");
  EXPECT_EQ(echo.suite, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
}

TEST_F(TlsStreams, ShowTheClientsCertificate) {
  TlsEcho echo(verifying());
  TlsClient client(echo.port());
  client.show(make_certificate({.subject = {"O=Twin", "CN=bob"}, .usage = "clientAuth"}, &root));
  ASSERT_TRUE(client.shake_hands());
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
  ASSERT_EQ(echo.peers.size(), 1u);
  EXPECT_EQ(echo.peers[0].subject[1][0].value, "bob");
}

TEST_F(TlsStreams, EndWithGosWordsWhereACertificateIsRefused) {
  MadeCertificate other = make_certificate({.subject = {"CN=other"}, .authority = true});
  constexpr char verify[] = "tls: failed to verify certificate: x509: ";
  struct {
    std::optional<MadeCertificate> shown;
    std::string expected;
  } rows[] = {
      {{}, "tls: client didn't provide a certificate"},
      {make_certificate({}, &other), std::string(verify) + "certificate signed by unknown authority"},
      {make_certificate({}), std::string(verify) + "certificate signed by unknown authority"},
      {make_certificate({.usage = "serverAuth"}, &root),
       std::string(verify) + "certificate specifies an incompatible key usage"},
      {make_certificate({.begins_in_days = -9, .ends_in_days = -3}, &other),
       std::string(verify) + "certificate has expired or is not yet valid: current time "},
      {make_certificate({.begins_in_days = 3}, &root),
       std::string(verify) + "certificate has expired or is not yet valid: current time "},
  };
  for (const auto& row : rows) {
    TlsEcho echo(verifying());
    TlsClient client(echo.port());
    if (row.shown) client.show(*row.shown);
    client.shake_hands();
    std::string reason = echo.wait_for_end();
    EXPECT_TRUE(reason.starts_with(row.expected)) << reason;
    EXPECT_EQ(echo.peers.size(), row.shown ? 1u : 0u);
  }
}

TEST_F(TlsStreams, EndWithGosWordsWhereNothingIsShared) {
  struct {
    int version;
    const char* suites;
    std::string expected;
  } rows[] = {
      {TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256",
       "tls: no cipher suite supported by both client and server; client offered: [9e ff]"},
      {TLS1_1_VERSION, "ALL:@SECLEVEL=0", "tls: client offered only unsupported versions: [302 301]"},
  };
  for (const auto& row : rows) {
    TlsEcho echo(open_settings());
    TlsClient client(echo.port());
    ::SSL_CTX_set_min_proto_version(client.context(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(client.context(), row.version);
    ::SSL_CTX_set_cipher_list(client.context(), row.suites);
    EXPECT_FALSE(client.shake_hands());
    EXPECT_EQ(echo.wait_for_end(), row.expected);
  }
}

TEST_F(TlsStreams, SayWhatTheClientRefused) {
  MadeCertificate other = make_certificate({.subject = {"CN=other"}, .authority = true});
  struct {
    int version;
    std::string expected;
  } rows[] = {
      // In the clear where Go expects it sealed.
      {TLS1_3_VERSION, "local error: tls: bad record MAC"},
      {TLS1_2_VERSION, "remote error: tls: unknown certificate authority"},
  };
  for (const auto& row : rows) {
    TlsEcho echo(open_settings());
    TlsClient client(echo.port());
    ::SSL_CTX_set_max_proto_version(client.context(), row.version);
    client.trust(other);
    EXPECT_FALSE(client.shake_hands());
    EXPECT_EQ(echo.wait_for_end(), row.expected);
  }
}

TEST_F(TlsStreams, EndWhereTheClientIsNone) {
  struct {
    std::string sent;
    std::string expected;
  } rows[] = {
      {"CONNECT {}\r\n", "tls: first record does not look like a TLS handshake"},
      {"", "EOF"},
      {"abc", "unexpected EOF"},
      {{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9}, "unexpected EOF"},
  };
  for (const auto& row : rows) {
    TlsEcho echo(open_settings());
    TlsClient client(echo.port());
    if (!row.sent.empty()) ::send(client.socket(), row.sent.data(), row.sent.size(), 0);
    ::shutdown(client.socket(), SHUT_WR);
    EXPECT_EQ(echo.wait_for_end(), row.expected);
  }
}

TEST_F(TlsStreams, TellATornRecordFromAnEnd) {
  TlsEcho echo(open_settings());
  TlsClient client(echo.port());
  ASSERT_TRUE(client.shake_hands());
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
  std::string torn("\x17\x03\x03\x00\x20half", 9);
  ::send(client.socket(), torn.data(), torn.size(), 0);
  ::shutdown(client.socket(), SHUT_WR);
  EXPECT_EQ(echo.wait_for_end(), "unexpected EOF");
}

TEST_F(TlsStreams, ChooseTheCertificateByTheNameThatIsAskedFor) {
  TlsSettings settings{
      .pairs = {make_certificate({.subject = {"CN=first"}, .alternative_names = "DNS:a.b"}).pair(),
                make_certificate({.subject = {"CN=second"}, .alternative_names = "DNS:c.d"}).pair()}};
  for (auto [asked, expected] :
       {std::pair{"a.b", "first"}, {"c.d", "second"}, {"e.f", "first"}, {"", "first"}}) {
    TlsEcho echo(settings);
    TlsClient client(echo.port());
    EXPECT_EQ(client.shake_hands_with(asked), expected);
  }
}

TEST_F(TlsStreams, NeedACurveThatIsThere) {
  std::unique_ptr<RealGround> ground = std::move(*RealGround::open({.loops = 1}));
  TlsSettings settings = open_settings();
  settings.curves = {"X25519MLKEM768"};
  EXPECT_EQ(ground->tls()->server_context(settings).error().code, ErrorCode::unsupported);
  settings.curves.emplace_back("CurveP256");
  EXPECT_TRUE(ground->tls()->server_context(settings));
}

// Connects our own client streams to an echo, on a ground of their own.
class ClientStreamTest : public testing::Test {
 protected:
  struct Owner final : StreamHandler {
    void on_bytes(Bytes in) override {
      got.append(in);
      if (!asked && got.starts_with("INFO\r\n")) {
        asked = true;
        stream->start_tls({});
      } else if (got.ends_with("hello")) {
        over.set_value("echoed over " + std::string(stream->tls_version()));
      }
    }
    void on_writable() override {}
    void on_secured() override {
      std::array<Bytes, 1> text{"hello"};
      EXPECT_EQ(stream->write(text).value_or(0), 5u);
    }
    void on_end(const Error& reason) override {
      over.set_value((reason.code == ErrorCode::tls_certificate_refused ? "refused: " : "ended: ") +
                     reason.detail);
    }
    std::unique_ptr<TlsStream> stream;
    std::string got;
    bool asked = false;
    std::promise<std::string> over;
  };

  // What becomes of a connection to `port` that is to be `name`'s.
  static std::string outcome(std::uint16_t port, const TlsSettings& settings, const std::string& name) {
    auto ground = std::move(*RealGround::open({.loops = 1}));
    auto context = ground->tls()->client_context(settings);
    EXPECT_TRUE(context) << context.error().detail;
    Owner owner;
    auto connected = [&](Result<std::unique_ptr<Stream>> stream) {
      ASSERT_TRUE(stream);
      owner.stream = ground->tls()->client_stream(std::move(*stream), *context, name);
      owner.stream->start(owner);
    };
    auto over = owner.over.get_future();
    ground->loop(0).post([&] {
      ground->connect({"127.0.0.1", port}, ground->loop(0), Duration::from_seconds(5), connected);
    });
    std::thread thread([&] { ground->run(); });
    bool ended = over.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    ground->stop();
    thread.join();
    owner.stream.reset();
    return ended ? over.get() : "nothing";
  }

  MadeCertificate root = make_certificate({.subject = {"CN=root"}, .authority = true});
  MadeCertificate server =
      make_certificate({.subject = {"CN=s"}, .alternative_names = "DNS:localhost,IP:127.0.0.1"}, &root);
};

TEST_F(ClientStreamTest, SpeaksToWhomItTrusts) {
  TlsEcho echo({.pairs = {server.pair()}});
  EXPECT_EQ(outcome(echo.port(), {.roots = root.certificate, .verify_peer = true}, "localhost"),
            "echoed over 1.3");
}

TEST_F(ClientStreamTest, RefusesWhomItDoesNotTrust) {
  {
    TlsEcho echo({.pairs = {server.pair()}});
    EXPECT_EQ(outcome(echo.port(), {.verify_peer = true}, "localhost"),
              "refused: tls: failed to verify certificate: x509: certificate signed by unknown authority");
    EXPECT_EQ(echo.wait_for_end(), "remote error: tls: bad certificate");
  }
  TlsEcho echo({.pairs = {server.pair()}});
  EXPECT_EQ(outcome(echo.port(), {.roots = root.certificate, .verify_peer = true}, "elsewhere.test"),
            "refused: tls: failed to verify certificate: x509: certificate is valid for localhost, not "
            "elsewhere.test");
}

TEST_F(ClientStreamTest, AsksNobodyWhereItNeedNot) {
  TlsEcho echo({.pairs = {server.pair()}});
  EXPECT_EQ(outcome(echo.port(), {}, "elsewhere.test"), "echoed over 1.3");
}

TEST_F(ClientStreamTest, ShowsItsOwnCertificate) {
  MadeCertificate client = make_certificate({.subject = {"CN=me"}}, &root);
  TlsEcho echo({.pairs = {server.pair()}, .roots = root.certificate, .verify_peer = true});
  EXPECT_EQ(outcome(echo.port(), {.pairs = {client.pair()}, .roots = root.certificate, .verify_peer = true},
                    "127.0.0.1"),
            "echoed over 1.3");
  ASSERT_FALSE(echo.peers.empty());
  EXPECT_EQ(echo.peers[0].subject[0][0].value, "me");
}

}  // namespace
}  // namespace nats::sys
