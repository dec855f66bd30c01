#include "server/config/reload_plan.h"

#include <gtest/gtest.h>

namespace nats::config {
namespace {

Options with_tls(const Tls& tls) {
  Options options;
  options.tls = std::make_shared<const Tls>(tls);
  return options;
}

// What the log says of TLS, or the refusal.
std::vector<std::string> said(const Options& current, const Options& next, bool tls_used = false) {
  Result<ReloadPlan> plan = plan_reload(current, next, tls_used);
  if (!plan) return {plan.error().detail};
  std::vector<std::string> lines;
  for (const OptionChange& change : plan->changes)
    if (change.field.starts_with("TLS")) lines.push_back(change.notice);
  return lines;
}

using Lines = std::vector<std::string>;

// As recorded in reload/tls-settings and reload/tls-pinned.
TEST(ReloadPlan, TheSameCertificatesAreOthersOnceSomebodyShookHands) {
  Tls tls;
  tls.fingerprint = "a";
  EXPECT_EQ(said(with_tls(tls), with_tls(tls)), Lines());
  EXPECT_EQ(said(with_tls(tls), with_tls(tls), true), Lines({"Reloaded: tls = enabled"}));
  Tls with_roots = tls;
  with_roots.has_roots = true;
  EXPECT_EQ(said(with_tls(with_roots), with_tls(with_roots)), Lines({"Reloaded: tls = enabled"}));
  Tls renewed = tls;
  renewed.fingerprint = "b";
  EXPECT_EQ(said(with_tls(tls), with_tls(renewed)), Lines({"Reloaded: tls = enabled"}));
}

TEST(ReloadPlan, TlsComesAndGoes) {
  Tls tls;
  tls.timeout_seconds = 3;
  tls.pinned_certs = {"0", "1"};
  EXPECT_EQ(said({}, with_tls(tls)),
            Lines({"Reloaded: tls timeout = 3", "Reloaded: tls = enabled", "Reloaded: 2 pinned_certs"}));
  EXPECT_EQ(said(with_tls(tls), {}),
            Lines({"Reloaded: tls timeout = 2", "Reloaded: tls = disabled", "Reloaded: 0 pinned_certs"}));
  EXPECT_EQ(said({}, {}, true), Lines());
}

TEST(ReloadPlan, SomeOfTlsMayNotChange) {
  Tls mapped;
  mapped.map = true;
  EXPECT_EQ(said(with_tls({}), with_tls(mapped)),
            Lines({"config reload not supported for TLSMap: old=false, new=true"}));
  Tls limited;
  limited.rate_limit = 3;
  EXPECT_EQ(said(with_tls({}), with_tls(limited)),
            Lines({"config reload not supported for TLSRateLimit: old=0, new=3"}));
}

// The reference dies where the whole block comes or goes.
TEST(ReloadPlan, ProxiesComeAndGo) {
  Options trusting;
  trusting.proxies_configured = true;
  trusting.trusted_proxies = {"UA", "UB"};
  const auto lines = [](const Options& current, const Options& next) {
    Lines out;
    const Result<ReloadPlan> plan = plan_reload(current, next, false);
    for (const OptionChange& change : plan->changes)
      if (change.notice.find("proxies") != std::string::npos) out.push_back(change.notice);
    return out;
  };
  EXPECT_EQ(lines({}, trusting), Lines({"Reloaded: proxies trusted keys [\"UA\" \"UB\"] were added"}));
  EXPECT_EQ(lines(trusting, {}), Lines({"Reloaded: proxies trusted keys [\"UA\" \"UB\"] were removed"}));
  EXPECT_EQ(lines(trusting, trusting), Lines());
}

TEST(ReloadPlan, OneRefusalIsTheWholeAnswer) {
  Options next;
  next.max_payload = 1000;
  next.max_pending = 2000;
  Result<ReloadPlan> plan = plan_reload({}, next, false);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().detail, "config reload not supported for MaxPending: old=67108864, new=2000");
}

}  // namespace
}  // namespace nats::config
