#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the integration tests: every tests/integration/test_*.py, one test after the other.

usage: run.py [PATTERN...]     only tests whose full name contains one of the patterns

TINYWEB names the program under test (build/src/tinyweb if unset). The last line is
"N passed, N failed[, N skipped][, N unsteady]"; the exit status is 1 if anything failed.

TESTS_SECOND_TRY=N: when no more than N tests fail, they run once more, alone, at the end. One that passes
then is unsteady: it is shown with what went wrong at first, and counted apart, as neither passed nor failed.
"""

import os
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
TEST_LIMIT_SECONDS = 3600 if os.environ.get("TESTS_LONG") == "1" else 600


class TooSlow(Exception):
    """A test ran into its time limit."""


def on_alarm(_signum, _frame):
    raise TooSlow("no end after %d s" % TEST_LIMIT_SECONDS)


class Result(unittest.TestResult):
    """One line a test as it ends; what went wrong follows at once."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = 0
        self.skipped_count = 0
        self.unsteady = 0
        self.to_repeat = []
        self.outcome = None
        self.began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "ok"
        self.details = []
        self.began = time.monotonic()
        signal.alarm(TEST_LIMIT_SECONDS)

    def note(self, outcome, detail):
        self.outcome = outcome
        self.details.append(detail)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note("FAIL", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        if self.outcome is None:  # setUpClass or an import: no startTest came before
            self.failed += 1
            print("FAIL %s\n%s" % (test.id(), self.errors[-1][1]), flush=True)
        else:
            self.note("FAIL", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            known = self.failures if issubclass(err[0], test.failureException) else self.errors
            self.note("FAIL", "%s\n%s" % (subtest, known[-1][1]))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if self.outcome is None:
            self.skipped_count += 1
            print("skip %s: %s" % (test.id(), reason), flush=True)
        elif self.outcome == "ok":
            self.note("skip", reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note("FAIL", "succeeded, though marked as an expected failure")

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)
        took = time.monotonic() - self.began
        line = "%-4s %6.2fs %s" % (self.outcome, took, test.id())
        if self.outcome == "ok":
            self.passed += 1
        elif self.outcome == "skip":
            self.skipped_count += 1
            line += ": " + self.details[0]
        else:
            self.failed += 1
            self.to_repeat.append(test)
            line += "\n" + "\n".join(self.details)
        print(line, flush=True)
        self.outcome = None


def chosen(suite, patterns):
    """The tests of @suite whose name contains one of @patterns, in suites of the same class."""
    kept = unittest.TestSuite()
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            kept.addTest(chosen(item, patterns))
        elif any(pattern in item.id() for pattern in patterns):
            kept.addTest(item)
    return kept


def try_again(result, at_most):
    """Whatever failed in @result runs once more if it is not too much, and is unsteady if it passes."""
    if not 0 < result.failed <= at_most:
        return
    for test in result.to_repeat:
        print("once more: %s" % test.id(), flush=True)
        second = Result()
        unittest.TestSuite([type(test)(test.id().rpartition(".")[2])]).run(second)
        if second.passed == 1 and second.failed == 0:
            print("UNSTEADY %s: it failed, see above, and passed when it ran alone" % test.id())
            result.failed -= 1
            result.unsteady += 1


def main():
    sys.path.insert(0, HERE)
    os.environ.setdefault(
        "TINYWEB", os.path.join(HERE, os.pardir, os.pardir, "build", "src", "tinyweb"))
    os.environ["TINYWEB"] = os.path.abspath(os.environ["TINYWEB"])
    if not os.access(os.environ["TINYWEB"], os.X_OK):
        print("no program at %s (TINYWEB)" % os.environ["TINYWEB"])
        print("0 passed, 1 failed")
        return 1

    suite = unittest.TestLoader().discover(HERE, pattern="test_*.py", top_level_dir=HERE)
    if sys.argv[1:]:
        suite = chosen(suite, sys.argv[1:])
    signal.signal(signal.SIGALRM, on_alarm)
    result = Result()
    suite.run(result)
    try_again(result, int(os.environ.get("TESTS_SECOND_TRY", "0")))

    if result.passed + result.failed + result.skipped_count + result.unsteady == 0:
        print("no test matches")
        result.failed = 1
    skipped = ", %d skipped" % result.skipped_count if result.skipped_count else ""
    unsteady = ", %d unsteady" % result.unsteady if result.unsteady else ""
    print("%d passed, %d failed%s%s" % (result.passed, result.failed, skipped, unsteady))
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
