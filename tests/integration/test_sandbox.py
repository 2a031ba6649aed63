# SPDX-License-Identifier: MIT
"""What the kernel says of workers, and what starts where it cannot confine them.

What nobody can do in the sandbox is shown by tests/os/test_sandbox.c, and that a worker needs no
more by every other test: they all run with `sandbox = auto`.
"""

import errno
import os
import re
import signal
import unittest

import support
from support import SYS_LANDLOCK_CREATE_RULESET, SYS_SECCOMP


def status(pid, task=None):
    """{field: value} of /proc/PID/status."""
    path = "/proc/%d/task/%d/status" % (pid, task) if task else "/proc/%d/status" % pid
    with open(path) as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class Sandbox(support.ServerTest):
    def setUp(self):
        super().setUp()
        if support.is_sanitized():
            self.skipTest("there is no sandbox with sanitizers")

    def line(self, server):
        return re.findall(r"process: (sandbox: .*)", server.log())

    def needs_both_parts(self, server):
        if self.line(server) != ["sandbox: Landlock (ABI %d) and seccomp" % self.abi(server)]:
            self.skipTest("not everything is there: %s" % self.line(server))

    def abi(self, server):
        found = re.search(r"sandbox: Landlock \(ABI (\d+)", server.log())
        return int(found.group(1)) if found else 0

    def test_workers_can_gain_nothing(self):
        server = self.serve(workers=2)
        self.needs_both_parts(server)
        self.assertEqual(server.get().status, 200)
        self.assertEqual(len(server.workers()), 2)
        for pid in server.workers():
            for task in map(int, os.listdir("/proc/%d/task" % pid)):
                fields = status(pid, task)
                self.assertEqual(fields["NoNewPrivs"], "1")
                self.assertEqual(fields["Seccomp"], "2")
                for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    self.assertEqual(int(fields[name], 16), 0, name)
                if os.geteuid() == 0:  # only root can empty it
                    self.assertEqual(int(fields["CapBnd"], 16), 0)
                    self.assertNotIn("0", fields["Uid"].split())
                    self.assertNotIn("0", fields["Gid"].split() + fields["Groups"].split())

    def test_the_master_is_as_it_was(self):
        """It has to open logs, and to start another program at an upgrade."""
        server = self.serve()
        fields = status(server.pid)
        own = status(os.getpid())
        self.assertEqual((fields["NoNewPrivs"], fields["Seccomp"], fields["CapEff"]),
                         (own["NoNewPrivs"], own["Seccomp"], own["CapEff"]))

    def test_off(self):
        server = self.serve(sandbox="off")
        self.assertEqual(self.line(server), ["sandbox: off"])
        for pid in server.workers():
            self.assertEqual(status(pid)["Seccomp"], status(os.getpid())["Seccomp"])
            self.assertEqual(status(pid)["NoNewPrivs"], "1")
        self.assertEqual(server.get().status, 200)

    def test_a_reload_brings_another_root(self):
        """Which was out of reach for the workers before."""
        server = self.serve(workers=1)
        other = os.path.join(server.dir, "other")
        os.mkdir(other)
        with open(os.path.join(other, "index.html"), "w") as file:
            file.write("other\n")
        server.configure(root="other")
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        support.wait_for("the new root", lambda: server.get().body == b"other\n")

    def test_a_worker_that_comes_later_is_confined_too(self):
        server = self.serve(workers=1)
        self.needs_both_parts(server)
        (first,) = server.workers()
        server.allow_error("killed by signal 9")
        os.kill(first, signal.SIGKILL)
        server.wait_for_log("is ready", 2)
        (second,) = server.workers()
        self.assertNotEqual(first, second)
        self.assertEqual(status(second)["Seccomp"], "2")
        self.assertEqual(server.get().status, 200)

    # --- where the kernel cannot, or somebody forbids it

    def test_auto_starts_without_landlock(self):
        support.forbid_calls(self, {SYS_LANDLOCK_CREATE_RULESET: errno.EOPNOTSUPP})
        server = self.serve()
        self.assertEqual(server.get().status, 200)
        if "built without libseccomp" in server.log():
            self.skipTest("built without libseccomp")
        self.assertEqual(self.line(server),
                         ["sandbox: seccomp; no Landlock: this kernel was started without"])
        self.assertIn("[warn] process: sandbox: ", server.log())

    def test_auto_starts_where_all_is_forbidden(self):
        support.forbid_calls(self, {SYS_LANDLOCK_CREATE_RULESET: errno.EPERM,
                                    SYS_SECCOMP: errno.EPERM})
        server = self.serve()
        self.assertEqual(server.get().status, 200)
        if "built without libseccomp" in server.log():
            self.skipTest("built without libseccomp")
        self.assertEqual(self.line(server), ["sandbox: no Landlock: it is forbidden here; "
                                             "no seccomp: it is forbidden here"])
        self.assertEqual(status(server.workers()[0])["NoNewPrivs"], "1")

    def test_require_starts_with_both_parts(self):
        server = self.serve()
        self.needs_both_parts(server)
        server = self.serve(sandbox="require")
        self.needs_both_parts(server)
        self.assertEqual(server.get().status, 200)

    def test_require_does_not_start_without_landlock(self):
        support.forbid_calls(self, {SYS_LANDLOCK_CREATE_RULESET: errno.ENOSYS})
        server = self.make(sandbox="require")
        server.exit_status = 1
        server.start(wait=False)
        self.assertEqual(server.wait(), 1)
        self.assertRegex(server.all_output(), r"tinyweb: sandbox = require, but there is only: .*"
                                              r"no Landlock: this kernel has none")
        server.allow_error("sandbox = require")

    def test_a_reload_that_requires_what_is_missing_is_refused(self):
        support.forbid_calls(self, {SYS_LANDLOCK_CREATE_RULESET: errno.ENOSYS})
        server = self.serve()
        server.configure(sandbox="require")
        server.allow_error("sandbox = require")
        server.allow_error("reload failed")
        server.kill(signal.SIGHUP)
        server.wait_for_log("sandbox = require, but there is only")
        self.assertEqual(server.get().status, 200)


if __name__ == "__main__":
    unittest.main()
