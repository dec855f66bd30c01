// What every ground must do, as one suite that the tests of both grounds instantiate.
//
// A Driver has: explicit Driver(int loops); Ground& server(); Ground& client(); std::string
// server_host(); std::string directory(), an empty one; bool run_until(done), which runs both grounds and
// evaluates `done` on loop 0 of the client until it holds (false: it never did). One run per driver.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "server/sys/ground.h"

namespace nats::sys {

// One end of a connection, as tests want it.
struct ContractPeer final : StreamHandler {
  std::unique_ptr<Stream> stream;
  std::string received;
  std::string pending;
  std::size_t sent = 0;
  std::vector<Error> ends;
  int writable_count = 0;
  std::move_only_function<void()> after_bytes;
  std::move_only_function<void()> after_writable;
  std::move_only_function<void()> after_end;

  void begin(std::unique_ptr<Stream> with) {
    stream = std::move(with);
    stream->start(*this);
  }
  // Writes `text` to the end, however often it takes.
  void send(std::string_view text) {
    pending += text;
    flush();
  }
  void flush() {
    if (pending.empty()) return;
    Bytes pieces[] = {Bytes(pending).substr(0, pending.size() / 2),
                      Bytes(pending).substr(pending.size() / 2)};
    auto count = stream->write(pieces);
    ASSERT_TRUE(count) << count.error().detail;
    sent += *count;
    pending.erase(0, *count);
    if (!pending.empty()) stream->want_writable();
  }
  void on_bytes(Bytes in) override {
    received += in;
    if (after_bytes) after_bytes();
  }
  void on_writable() override {
    ++writable_count;
    if (after_writable) return after_writable();
    flush();
  }
  void on_end(const Error& reason) override {
    ends.push_back(reason);
    if (after_end) after_end();
  }
};

struct ContractAcceptor final : AcceptHandler {
  explicit ContractAcceptor(Ground& on) : ground(on) {}
  Ground& ground;
  int pick = 0;  // the loop that takes the next stream
  std::move_only_function<void(std::unique_ptr<Stream>)> accepted;
  std::vector<Error> errors;

  Loop& pick_loop() override { return ground.loop(pick); }
  void on_accept(std::unique_ptr<Stream> stream) override { accepted(std::move(stream)); }
  void on_accept_error(const Error& error) override { errors.push_back(error); }
};

template <class Driver>
class GroundContract : public ::testing::Test {
 protected:
  // A server peer and a client peer, connected when the run begins.
  struct Pair {
    Driver driver;
    ContractPeer server;
    ContractPeer client;
    ContractAcceptor acceptor;
    std::unique_ptr<Listener> listener;
    bool connected = false;
    std::move_only_function<void()> on_connected;

    explicit Pair(int loops = 1) : driver(loops), acceptor(driver.server()) {
      acceptor.accepted = [this](std::unique_ptr<Stream> stream) { server.begin(std::move(stream)); };
      auto made =
          driver.server().listen(Endpoint{driver.server_host(), 0}, driver.server().loop(0), acceptor);
      EXPECT_TRUE(made) << made.error().detail;
      listener = std::move(*made);
      driver.client().connect(listener->local(), driver.client().loop(0), Duration::from_seconds(5),
                              [this](Result<std::unique_ptr<Stream>> stream) {
                                ASSERT_TRUE(stream) << stream.error().detail;
                                client.begin(std::move(*stream));
                                connected = true;
                                if (on_connected) on_connected();
                              });
    }
  };

  struct Note final : Timer {
    std::string name;
    std::vector<std::string>& log;
    Note(std::string called, std::vector<std::string>& into) : name(std::move(called)), log(into) {}
    void on_timer(Instant) override { log.push_back(name); }
  };

  static std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return text;
  }
};

TYPED_TEST_SUITE_P(GroundContract);

TYPED_TEST_P(GroundContract, BytesGoBothWaysAndTheEndsKnowEachOther) {
  typename TestFixture::Pair pair;
  pair.on_connected = [&] { pair.client.send("PING\r\n"); };
  pair.server.after_bytes = [&] { pair.server.send("PONG\r\n"); };
  ASSERT_TRUE(pair.driver.run_until([&] { return pair.client.received.size() >= 6; }));
  EXPECT_EQ(pair.client.stream->remote(), pair.listener->local());
  EXPECT_EQ(pair.client.stream->local(), pair.server.stream->remote());
  EXPECT_EQ(pair.server.stream->local(), pair.client.stream->remote());
}

TYPED_TEST_P(GroundContract, DestroyingAStreamEndsThePeerOnceAfterItsBytes) {
  typename TestFixture::Pair pair;
  pair.on_connected = [&] {
    pair.client.send("last words");
    pair.client.after_writable = [&] {
      pair.client.flush();
      if (pair.client.pending.empty()) pair.client.stream.reset();
    };
    if (pair.client.pending.empty()) pair.client.stream.reset();
  };
  ASSERT_TRUE(pair.driver.run_until([&] { return !pair.server.ends.empty(); }));
  ASSERT_EQ(pair.server.ends.size(), 1u);
  EXPECT_EQ(pair.server.ends[0].code, ErrorCode::end_of_stream);
  EXPECT_EQ(pair.server.received, "last words");
}

TYPED_TEST_P(GroundContract, LeavingBytesUnreadResetsThePeer) {
  typename TestFixture::Pair pair;
  bool sent = false;
  pair.acceptor.accepted = [&](std::unique_ptr<Stream> stream) { pair.server.stream = std::move(stream); };
  pair.on_connected = [&] {
    pair.client.send("never read");
    sent = true;
  };
  std::vector<std::string> log;
  typename TestFixture::Note late("late", log);
  bool closed = false;
  ASSERT_TRUE(pair.driver.run_until([&] {
    Loop& loop = pair.driver.client().loop(0);
    if (sent && pair.server.stream && !late.armed() && log.empty())
      loop.arm(late, loop.now() + Duration::from_ms(20));
    if (!log.empty() && !std::exchange(closed, true)) pair.server.stream.reset();
    return !pair.client.ends.empty();
  }));
  EXPECT_EQ(pair.client.ends[0].code, ErrorCode::connection_reset);
  EXPECT_NE(pair.client.ends[0].detail.find("read: connection reset by peer"), std::string::npos);
}

TYPED_TEST_P(GroundContract, AStreamMayBeDestroyedInOnBytes) {
  typename TestFixture::Pair pair;
  pair.on_connected = [&] { pair.client.send("x"); };
  pair.server.after_bytes = [&] { pair.server.stream.reset(); };
  ASSERT_TRUE(pair.driver.run_until([&] { return !pair.client.ends.empty(); }));
  EXPECT_EQ(pair.server.received, "x");
}

TYPED_TEST_P(GroundContract, AStreamMayBeDestroyedInOnWritable) {
  typename TestFixture::Pair pair;
  pair.on_connected = [&] { pair.client.stream->want_writable(); };
  pair.client.after_writable = [&] { pair.client.stream.reset(); };
  ASSERT_TRUE(pair.driver.run_until([&] { return !pair.server.ends.empty(); }));
  EXPECT_EQ(pair.client.writable_count, 1);
}

TYPED_TEST_P(GroundContract, AStreamMayBeDestroyedInOnEnd) {
  typename TestFixture::Pair pair;
  pair.on_connected = [&] { pair.client.stream.reset(); };
  pair.server.after_end = [&] { pair.server.stream.reset(); };
  ASSERT_TRUE(pair.driver.run_until([&] { return !pair.server.ends.empty(); }));
}

TYPED_TEST_P(GroundContract, AStreamThatIsPausedGivesNothingUntilItIsResumed) {
  typename TestFixture::Pair pair;
  std::vector<std::string> log;
  typename TestFixture::Note resume("resume", log);
  std::size_t received_while_paused = 0;
  pair.on_connected = [&] { pair.client.send("one"); };
  pair.server.after_bytes = [&] {
    if (pair.server.received.size() < 3 || !log.empty() || resume.armed()) return;
    pair.server.stream->pause_reading();
    pair.client.send("two");
    Loop& loop = pair.driver.client().loop(0);
    loop.arm(resume, loop.now() + Duration::from_ms(20));
  };
  bool resumed = false;
  ASSERT_TRUE(pair.driver.run_until([&] {
    if (!log.empty() && !std::exchange(resumed, true)) {
      received_while_paused = pair.server.received.size();
      pair.server.stream->resume_reading();
    }
    return pair.server.received == "onetwo";
  }));
  EXPECT_EQ(received_while_paused, 3u);
}

TYPED_TEST_P(GroundContract, AWriterWaitsForASlowReaderAndLosesNothing) {
  typename TestFixture::Pair pair;
  const std::string text = TestFixture::pattern(16 << 20);
  bool stuck = false;
  pair.acceptor.accepted = [&](std::unique_ptr<Stream> stream) {
    pair.server.begin(std::move(stream));
    pair.server.stream->pause_reading();
  };
  pair.on_connected = [&] { pair.client.send(text); };
  std::size_t sent_before = 0;
  ASSERT_TRUE(pair.driver.run_until([&] {
    if (!stuck && pair.server.stream && pair.client.sent > 0 && pair.client.sent == sent_before) {
      stuck = true;
      pair.server.stream->resume_reading();
    }
    sent_before = pair.client.sent;
    return pair.server.received.size() == text.size();
  }));
  EXPECT_TRUE(pair.server.received == text);
  EXPECT_GT(pair.client.writable_count, 0);
}

TYPED_TEST_P(GroundContract, TimersFireByDeadlineAndThenByOrderOfArming) {
  TypeParam driver(1);
  Loop& loop = driver.client().loop(0);
  std::vector<std::string> log;
  typename TestFixture::Note a("a", log), b("b", log), c("c", log), d("d", log), gone("gone", log);
  Instant begin = loop.now();
  loop.arm(c, begin + Duration::from_ms(9));
  loop.arm(a, begin + Duration::from_ms(3));
  loop.arm(gone, begin + Duration::from_ms(4));
  loop.arm(b, begin + Duration::from_ms(3));
  loop.arm(d, begin + Duration::from_ms(1));
  loop.arm(d, begin + Duration::from_ms(20));
  loop.disarm(gone);
  ASSERT_TRUE(driver.run_until([&] { return log.size() == 4; }));
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_GE(loop.now(), begin + Duration::from_ms(20));
}

TYPED_TEST_P(GroundContract, PostedTasksOfOnePosterKeepTheirOrderOnAnotherLoop) {
  TypeParam driver(2);
  Loop& here = driver.client().loop(0);
  Loop& there = driver.client().loop(1);
  std::vector<int> order;
  std::atomic<bool> strayed = false;
  std::atomic<int> count = 0;
  here.post([&] {
    for (int i = 0; i < 100; ++i) {
      there.post([&, i] {
        if (!there.on_this_loop() || here.on_this_loop()) strayed = true;
        order.push_back(i);
        ++count;
      });
    }
  });
  ASSERT_TRUE(driver.run_until([&] { return count == 100; }));
  EXPECT_FALSE(strayed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

struct ContractHook final : RoundHook {
  std::atomic<int> rounds = 0;
  void on_round_end(Instant) override { ++rounds; }
};

TYPED_TEST_P(GroundContract, AWakeMakesARoundOnAnotherLoopAndEndsWithItsHook) {
  TypeParam driver(2);
  ContractHook hook;
  driver.client().loop(1).set_round_hook(&hook);
  int before = -1;
  ASSERT_TRUE(driver.run_until([&] {
    if (before < 0) {
      before = hook.rounds;
      driver.client().loop(1).wake();
    }
    return hook.rounds > before;
  }));
}

TYPED_TEST_P(GroundContract, AStreamLivesOnTheLoopThatWasPicked) {
  typename TestFixture::Pair pair(2);
  pair.acceptor.pick = 1;
  std::atomic<bool> right = false;
  std::atomic<bool> heard = false;
  pair.acceptor.accepted = [&](std::unique_ptr<Stream> stream) {
    Loop& home = pair.driver.server().loop(1);
    right = home.on_this_loop() && &stream->loop() == &home;
    pair.server.begin(std::move(stream));
  };
  pair.server.after_bytes = [&] { heard = pair.driver.server().loop(1).on_this_loop(); };
  pair.on_connected = [&] { pair.client.send("hello"); };
  ASSERT_TRUE(pair.driver.run_until([&] { return heard.load(); }));
  EXPECT_TRUE(right);
}

TYPED_TEST_P(GroundContract, ListeningAndConnectingFailAsGoSaysIt) {
  TypeParam driver(1);
  ContractAcceptor acceptor(driver.server());
  auto first = driver.server().listen(Endpoint{driver.server_host(), 0}, driver.server().loop(0), acceptor);
  ASSERT_TRUE(first) << first.error().detail;
  Endpoint taken = (*first)->local();
  std::string at = taken.host + ":" + std::to_string(taken.port);
  auto second = driver.server().listen(taken, driver.server().loop(0), acceptor);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::address_in_use);
  EXPECT_EQ(second.error().detail, "listen tcp " + at + ": bind: address already in use");
  auto foreign = driver.server().listen(Endpoint{"192.0.2.1", 4222}, driver.server().loop(0), acceptor);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().detail, "listen tcp 192.0.2.1:4222: bind: cannot assign requested address");

  first->reset();
  std::vector<Error> errors;
  driver.client().connect(taken, driver.client().loop(0), Duration::from_seconds(5),
                          [&](Result<std::unique_ptr<Stream>> stream) { errors.push_back(stream.error()); });
  ASSERT_TRUE(driver.run_until([&] { return errors.size() == 1; }));
  EXPECT_EQ(errors[0].code, ErrorCode::connection_refused);
  EXPECT_EQ(errors[0].detail, "dial tcp " + at + ": connect: connection refused");
}

TYPED_TEST_P(GroundContract, WorkersWorkElsewhereAndReportHome) {
  TypeParam driver(2);
  Loop& home = driver.client().loop(1);
  std::atomic<bool> worked_on_loop = false;
  std::atomic<int> done_at_home = 0;
  for (int i = 0; i < 8; ++i) {
    driver.client().workers().run([&] { worked_on_loop = worked_on_loop || home.on_this_loop(); }, home,
                                  [&] { done_at_home += home.on_this_loop() ? 1 : 100; });
  }
  ASSERT_TRUE(driver.run_until([&] { return done_at_home >= 8; }));
  EXPECT_EQ(done_at_home, 8);
  EXPECT_FALSE(worked_on_loop);
}

TYPED_TEST_P(GroundContract, EntropyDiffersEachTime) {
  TypeParam driver(1);
  EXPECT_NE(driver.client().entropy().next_u64(), driver.client().entropy().next_u64());
}

TYPED_TEST_P(GroundContract, FilesKeepWhatIsWrittenAndTellTheirSize) {
  TypeParam driver(1);
  Files& files = driver.server().files();
  std::string path = driver.directory() + "/a/b/one.blk";
  ASSERT_TRUE(files.make_directories(driver.directory() + "/a/b"));
  auto file = files.open(path, OpenMode::create_new);
  ASSERT_TRUE(file) << file.error().detail;
  ASSERT_TRUE((*file)->append("hello "));
  ASSERT_TRUE((*file)->append("world"));
  ASSERT_TRUE((*file)->write_at(0, "J"));
  ASSERT_TRUE((*file)->write_at(13, "!"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_directory(driver.directory() + "/a/b"));
  EXPECT_EQ(*(*file)->size(), 14u);
  char part[5];
  EXPECT_EQ(*(*file)->read_at(6, part), 5u);
  EXPECT_EQ(std::string(part, 5), "world");
  EXPECT_EQ(*(*file)->read_at(14, part), 0u);
  ASSERT_TRUE((*file)->truncate(5));
  EXPECT_EQ(*read_file(files, path), "Jello");
  ASSERT_TRUE(write_file(files, path, "new"));
  EXPECT_EQ(*read_file(files, path), "new");
  auto info = files.stat(path);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, "one.blk");
  EXPECT_EQ(info->size, 3u);
  EXPECT_EQ(info->mode, 0640u);
  EXPECT_FALSE(info->directory);
}

TYPED_TEST_P(GroundContract, DirectoriesListByNameAndRenameReplaces) {
  TypeParam driver(1);
  Files& files = driver.server().files();
  std::string root = driver.directory();
  ASSERT_TRUE(files.make_directories(root + "/dir"));
  for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(write_file(files, root + "/" + name, name));
  ASSERT_TRUE(files.rename(root + "/c", root + "/b"));
  ASSERT_TRUE(files.rename(root + "/a", root + "/dir/a"));
  ASSERT_TRUE(files.rename(root + "/dir", root + "/moved"));
  auto entries = files.list(root);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "b");
  EXPECT_EQ((*entries)[1].name, "moved");
  EXPECT_TRUE((*entries)[1].directory);
  EXPECT_EQ(*read_file(files, root + "/b"), "c");
  EXPECT_EQ(*read_file(files, root + "/moved/a"), "a");
  ASSERT_TRUE(files.remove(root + "/moved/a"));
  ASSERT_TRUE(files.remove(root + "/moved"));
  EXPECT_EQ(files.stat(root + "/moved").error().code, ErrorCode::not_found);
}

TYPED_TEST_P(GroundContract, FileErrorsAreWordedAsGoWordsThem) {
  TypeParam driver(1);
  Files& files = driver.server().files();
  std::string root = driver.directory();
  ASSERT_TRUE(files.make_directories(root + "/full"));
  ASSERT_TRUE(write_file(files, root + "/full/file", "x"));
  std::string long_name(300, 'n');

  struct Case {
    const char* name;
    std::move_only_function<Result<void>()> call;
    ErrorCode code;
    std::string detail;
  };
  auto open = [&](std::string path, OpenMode how) -> Result<void> {
    NATS_TRY(files.open(path, how));
    return {};
  };
  Case cases[] = {
      {"missing", [&] { return open(root + "/no", OpenMode::read); }, ErrorCode::not_found,
       "open " + root + "/no: no such file or directory"},
      {"missing for writing", [&] { return open(root + "/no", OpenMode::read_write); }, ErrorCode::not_found,
       "open " + root + "/no: no such file or directory"},
      {"in a missing directory", [&] { return open(root + "/no/x", OpenMode::create); }, ErrorCode::not_found,
       "open " + root + "/no/x: no such file or directory"},
      {"there already", [&] { return open(root + "/full/file", OpenMode::create_new); },
       ErrorCode::already_exists, "open " + root + "/full/file: file exists"},
      {"under a file", [&] { return open(root + "/full/file/x", OpenMode::create); },
       ErrorCode::not_a_directory, "open " + root + "/full/file/x: not a directory"},
      {"a directory as a file", [&] { return open(root + "/full", OpenMode::create); },
       ErrorCode::is_a_directory, "open " + root + "/full: is a directory"},
      {"name too long", [&] { return open(root + "/" + long_name, OpenMode::create); },
       ErrorCode::name_too_long, "open " + root + "/" + long_name + ": file name too long"},
      {"directory under a file", [&] { return files.make_directories(root + "/full/file/x"); },
       ErrorCode::not_a_directory, "mkdir " + root + "/full/file: not a directory"},
      {"rename of nothing", [&] { return files.rename(root + "/no", root + "/x"); }, ErrorCode::not_found,
       "rename " + root + "/no " + root + "/x: no such file or directory"},
      {"remove of nothing", [&] { return files.remove(root + "/no"); }, ErrorCode::not_found,
       "remove " + root + "/no: no such file or directory"},
      {"remove of a full directory", [&] { return files.remove(root + "/full"); }, ErrorCode::other,
       "remove " + root + "/full: directory not empty"},
      {"sync of no directory", [&] { return files.sync_directory(root + "/no"); }, ErrorCode::not_found,
       "open " + root + "/no: no such file or directory"},
      {"list of nothing",
       [&]() -> Result<void> {
         NATS_TRY(files.list(root + "/no"));
         return {};
       },
       ErrorCode::not_found, "open " + root + "/no: no such file or directory"},
      {"reading a directory",
       [&]() -> Result<void> {
         NATS_TRY(read_file(files, root + "/full"));
         return {};
       },
       ErrorCode::is_a_directory, "read " + root + "/full: is a directory"},
  };
  for (Case& test : cases) {
    Result<void> result = test.call();
    ASSERT_FALSE(result) << test.name;
    EXPECT_EQ(result.error().code, test.code) << test.name;
    EXPECT_EQ(result.error().detail, test.detail) << test.name;
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    GroundContract, BytesGoBothWaysAndTheEndsKnowEachOther, DestroyingAStreamEndsThePeerOnceAfterItsBytes,
    LeavingBytesUnreadResetsThePeer, AStreamMayBeDestroyedInOnBytes, AStreamMayBeDestroyedInOnWritable,
    AStreamMayBeDestroyedInOnEnd, AStreamThatIsPausedGivesNothingUntilItIsResumed,
    AWriterWaitsForASlowReaderAndLosesNothing, TimersFireByDeadlineAndThenByOrderOfArming,
    PostedTasksOfOnePosterKeepTheirOrderOnAnotherLoop, AWakeMakesARoundOnAnotherLoopAndEndsWithItsHook,
    AStreamLivesOnTheLoopThatWasPicked, ListeningAndConnectingFailAsGoSaysIt,
    WorkersWorkElsewhereAndReportHome, EntropyDiffersEachTime, FilesKeepWhatIsWrittenAndTellTheirSize,
    DirectoriesListByNameAndRenameReplaces, FileErrorsAreWordedAsGoWordsThem);

}  // namespace nats::sys
