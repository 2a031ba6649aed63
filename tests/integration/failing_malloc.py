# SPDX-License-Identifier: MIT
"""A server whose allocations fail when a test says so (failing_malloc.c), and the test that lets each
one fail in turn, alone and together with all behind it."""

import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time

import rawhttp
import support
from support import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = os.environ.get("TESTS_LONG") == "1"
FOR_GOOD = 1 << 62
FAILURES = 2000 if LONG else 250
SECONDS = 2000 if LONG else 6
AFTER_START = range(1, 2001) if LONG else range(7, 2001, 399)
SPARE = 10  # blocks that pools keep or not, as clients came one by one or at once
ROUNDS = 4


class Plan:
    """See failing_malloc.c."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(4096))
        os.chmod(path, 0o666)
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)

    def fail(self, first, last):
        self.memory[:24] = struct.pack("QQQ", 0, last, 0)
        self.memory[:8] = struct.pack("Q", first)

    def work(self):
        """No failures any more; how many calls there were."""
        self.memory[:8] = bytes(8)
        return self.calls()

    def calls(self):
        return struct.unpack("Q", self.memory[16:24])[0]

    def held(self):
        return struct.unpack("q", self.memory[24:32])[0]


class FailingMallocTest(rawhttp.HttpTest):
    """What tests have to bring: run_once(server), which asks for some of everything, and
    check_all_is_well(server). @self.runs counts the runs, from 1 on."""

    runs = 0

    WARM_RUNS = 40  # after so many all caches and pools have their size

    def environment(self):
        """For the server under test."""
        if support.is_sanitized():
            self.skipTest("sanitizers have a malloc of their own")
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            self.skipTest("no compiler")
        folder = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o755)
        library = os.path.join(folder, "failing_malloc.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library,
                        os.path.join(HERE, "failing_malloc.c")], check=True, timeout=60)
        self.plan = Plan(os.path.join(folder, "plan"))
        return {"LD_PRELOAD": library, "FAILING_MALLOC": self.plan.path}

    def once_more(self, server):
        self.runs += 1
        self.run_once(server)

    def held(self, server):
        """Blocks, when nobody is connected, and all caches and pools have their size."""
        for _ in range(self.WARM_RUNS):
            self.once_more(server)
        wait_for("their ends", lambda: rawhttp.socket_count(server.workers()[0]) <= self.sockets, 60)
        counts = [self.plan.held()]
        limit = time.monotonic() + 60
        while len(counts) < 10 or len(set(counts[-10:])) > 1:  # a closed connection goes a moment later
            self.assertLess(time.monotonic(), limit, counts[-10:])
            time.sleep(0.01)
            counts.append(self.plan.held())
        return counts[-1]

    def fail_in_turn(self, server):
        """(how many have failed, the highest number of a call that did)"""
        workers = server.workers()
        until = time.monotonic() + SECONDS
        number = highest = failures = 0
        calls = 1
        while failures < FAILURES and (time.monotonic() < until or failures <= 20):
            number = number % calls + 1 if LONG else (number + 7) % calls + 1
            highest = max(highest, number)
            for last in (number, FOR_GOOD):
                self.plan.fail(number, last)
                self.once_more(server)
                counted = self.plan.work()
                calls = max(calls, counted)
                failures += counted >= number
            self.assertEqual(server.workers(), workers)
            if number % 10 == 0:
                self.check_all_is_well(server)
        self.check_all_is_well(server)
        return failures, highest

    def let_each_call_fail(self, server):
        """What pools keep grows when more come at once than ever before, and that ends; a leak does not."""
        workers = server.workers()
        self.sockets = rawhttp.socket_count(workers[0])
        after = self.held(server)
        for _ in range(ROUNDS):
            before = after
            failures, highest = self.fail_in_turn(server)
            after = self.held(server)
            print("     %d failures, up to call %d of a run; %d blocks held before, %d after" %
                  (failures, highest, before, after))
            if after <= before + SPARE:
                break
        self.assertLessEqual(after, before + SPARE)
        self.assertEqual(server.workers(), workers)
        self.assertGreater(failures, 20)

    def let_calls_of_a_new_worker_fail(self, server):
        """The Nth after it is ready, whose pools are empty yet."""
        for number in AFTER_START:
            subprocess.run([server.program, "-q", "-c", server.conf, "-s", "reload"], check=True,
                           timeout=60)
            (worker,) = wait_for("the former worker's end", lambda: len(server.workers()) == 1 and
                                 server.workers(), 60)
            self.plan.fail(number, number)
            for _ in range(50):
                self.once_more(server)
                if self.plan.calls() >= number:
                    break
            self.assertGreaterEqual(self.plan.work(), number)
            self.check_all_is_well(server)
            self.assertEqual(server.workers(), [worker])
