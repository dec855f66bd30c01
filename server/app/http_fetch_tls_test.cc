// HttpFetch to https://, on the real ground.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "server/app/http_fetch.h"
#include "server/sys/real/real_ground.h"
#include "server/sys/real/tls/made_certificates_for_test.h"

namespace nats::app {
namespace {

// Answers whatever it is asked over TLS, once.
class HttpsServer final : public sys::AcceptHandler, private sys::StreamHandler {
 public:
  HttpsServer(sys::Ground& ground, const sys::TlsPair& pair) : ground_(ground) {
    context_ = *ground.tls()->server_context({.pairs = {pair}});
    listener_ = std::move(*ground.listen({"127.0.0.1", 0}, ground.loop(0), *this));
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(listener_->local().port) + "/x"; }

 private:
  sys::Loop& pick_loop() override { return ground_.loop(0); }
  void on_accept(std::unique_ptr<sys::Stream> stream) override {
    stream_ = ground_.tls()->server_stream(std::move(stream), context_);
    stream_->start(*this);
    stream_->start_tls({});
  }
  void on_accept_error(const Error& error) override { ADD_FAILURE() << error.detail; }
  void on_bytes(Bytes in) override {
    if (!in.ends_with("\r\n\r\n")) return;
    std::array<Bytes, 1> answer{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsafe"};
    EXPECT_EQ(stream_->write(answer).value_or(0), answer[0].size());
  }
  void on_writable() override {}
  void on_end(const Error&) override {}

  sys::Ground& ground_;
  std::shared_ptr<const sys::TlsContext> context_;
  std::unique_ptr<sys::Listener> listener_;
  std::unique_ptr<sys::TlsStream> stream_;
};

// What comes of asking a server whose certificate `issuer` signed, where `trusted` is whom the system trusts.
std::string outcome(const sys::MadeCertificate& issuer, const sys::MadeCertificate& trusted) {
  std::string roots =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".pem";
  std::ofstream(roots) << trusted.certificate;
  ::setenv("SSL_CERT_FILE", roots.c_str(), 1);
  auto ground = std::move(*sys::RealGround::open({.loops = 1}));
  sys::MadeCertificate own = sys::make_certificate({.alternative_names = "IP:127.0.0.1"}, &issuer);
  auto server = std::make_unique<HttpsServer>(*ground, own.pair());
  std::unique_ptr<HttpFetch> fetch;
  std::string said;
  ground->loop(0).post([&] {
    fetch = HttpFetch::start(*ground, ground->loop(0), {.url = server->url()}, Duration::from_seconds(10),
                             [&](Result<HttpReply> reply) {
                               said = reply ? std::to_string(reply->status) + " " + reply->body
                                            : reply.error().detail;
                               ground->stop();
                             });
  });
  ground->run();
  fetch.reset();
  server.reset();
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(roots);
  return said;
}

TEST(HttpFetchTls, AsksWhomTheSystemTrusts) {
  sys::MadeCertificate root = sys::make_certificate({.subject = {"CN=root"}, .authority = true});
  EXPECT_EQ(outcome(root, root), "200 safe");
}

TEST(HttpFetchTls, AsksNobodyElse) {
  sys::MadeCertificate root = sys::make_certificate({.subject = {"CN=root"}, .authority = true});
  sys::MadeCertificate other = sys::make_certificate({.subject = {"CN=other"}, .authority = true});
  std::string said = outcome(root, other);
  EXPECT_TRUE(
      said.ends_with(": tls: failed to verify certificate: x509: certificate signed by unknown authority"))
      << said;
}

}  // namespace
}  // namespace nats::app
