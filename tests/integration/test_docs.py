# SPDX-License-Identifier: MIT
"""What the documentation says to type is typed, and what it says comes of it is compared.

Fenced blocks, by the words behind their fence:
    sh            commands, run in their order by one shell a page
    sh server     a server in the foreground: it runs until the page ends
    sh server in-clone  the same, in the clone that the tests are of
    sh by-hand    not run: needs another machine, or rights that a test has not; or is the tests
    ini NAME      a file of that name, in the page's working folder
    text          what the commands above it print; "..." stands for anything, in a line or for lines
Each page has a network of its own, so the ports are those that are written there.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import support

TOP = os.path.abspath(os.path.join(support.HERE, os.pardir, os.pardir))
PAGES = [os.path.join(TOP, "README.md")] + sorted(
    glob.glob(os.path.join(TOP, "docs", "**", "*.md"), recursive=True))
IMAGE = re.compile(r'!\[[^\]]+\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"')
KINDS = ("sh", "sh server", "sh server in-clone", "sh by-hand", "text", "yaml", "")
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
SECONDS = 240.0
# Why a block is not run, by its page and first line; who adds one says it here.
BY_HAND = {
    ("README.md", "script/test"): "it runs these tests",
    ("docs/performance.md", "script/bench"): "minutes of load, on a machine with nothing else to do",
    ("docs/reliability.md", "script/chaos --long"): "many minutes; script/test has the short form",
    ("docs/recipes/fleet.md", "tinyweb -s drain"): "a balancer and other machines belong to it",
    ("docs/recipes/fleet.md", "sysctl -w net.ipv4.ip_nonlocal_bind=1"): "keepalived on two machines",
    ("docs/recipes/systemd.md", "make install sysconfdir=/etc localstatedir=/var prefix=/usr"):
        "changes the system; script/unit does it in a systemd of its own",
    ("docs/recipes/systemd.md", "systemd-analyze security --offline=true deploy/tinyweb.service"):
        "where there is a systemd, tests/check_deploy.sh runs it",
}
IN_CLONE = re.compile(r"(?m)(?:^|\s)((?:script|deploy|conf)/[\w./-]+)")
IN_A_NETWORK = ["unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def may_have_networks():
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run(IN_A_NETWORK + ["true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def pattern_of(text):
    """"..." alone in a line stands for lines, elsewhere for a part of one."""
    parts = []
    for line in text.splitlines():
        if line == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.split("...")) + r"\n")
    return re.compile("".join(parts) + r"\Z")


def in_clone(command):
    """Where another build is tested than that of the scripts, what script/server would start."""
    is_theirs = os.path.realpath(support.PROGRAM) == os.path.join(TOP, "build", "src", "tinyweb")
    assert command == "script/server"
    return "cd '%s'; exec %s" % (TOP, command if is_theirs else "tinyweb -c conf/tinyweb.conf -f")


class Page:
    """One shell that runs the blocks of a page, and a server or two in the foreground."""

    def __init__(self, path):
        with open(path) as file:
            self.blocks = FENCE.findall(file.read())
        self.dir = tempfile.mkdtemp(prefix="tinyweb-docs-")
        os.chmod(self.dir, 0o755)
        self.env = dict(os.environ, HOME=self.dir, LC_ALL="C.UTF-8", PATH=os.pathsep.join(
            [os.path.dirname(os.path.abspath(support.PROGRAM)), os.environ["PATH"]]))
        self.ran = 0

    def script(self):
        """The whole page for one shell: each block's output goes to a file of its own."""
        lines = ["set -e", "cd '%s'" % self.dir]
        for number, (kind, text) in enumerate(self.blocks):
            words = kind.split()
            if words[:1] == ["ini"] and len(words) == 2:
                with open(os.path.join(self.dir, words[1]), "w") as file:
                    file.write(text)
            elif words == ["sh"]:
                # In this very shell: a variable that is set is there in the next block, too.
                lines.append("{\n%s} >'%s.%d' 2>&1" % (text, self.dir, number))
                self.ran += 1
            elif words[:2] == ["sh", "server"]:
                command = "exec " + text.strip()
                if "in-clone" in words:
                    command = in_clone(text.strip())
                lines.append("{ %s; } >'%s.%d' 2>&1 &" % (command, self.dir, number))
                lines.append("for i in $(seq 1200); do grep -qE '^Serving |has started' '%s.%d' && break; "
                             "sleep 0.05; done" % (self.dir, number))
                self.ran += 1
        return "\n".join(lines) + "\nkill $(jobs -p) 2>/dev/null || true\nwait\n"

    def output(self, number):
        try:
            with open("%s.%d" % (self.dir, number), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def run(self):
        """What went wrong; "" if nothing did."""
        shell = subprocess.Popen(IN_A_NETWORK + ["bash", "-c", self.script()], env=self.env,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        try:
            said = shell.communicate(timeout=SECONDS)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            return "it has not ended:\n" + "".join(map(self.output, range(len(self.blocks))))
        if shell.returncode != 0:
            last = [self.output(i) for i in range(len(self.blocks))]
            return "status %d:\n%s%s" % (shell.returncode, said, "\n".join(filter(None, last)))
        return "\n".join(self.differences())

    def differences(self):
        shown = ""
        for number, (kind, text) in enumerate(self.blocks):
            if kind.split() == ["sh"]:
                shown = self.output(number)
            elif kind == "text" and not pattern_of(text).match(shown):
                yield "the page says:\n%s\nbut it was:\n%s" % (text, shown)

    def destroy(self):
        for path in glob.glob(self.dir + "*"):
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)


@unittest.skipUnless(may_have_networks(), "no network namespaces")
class Documentation(unittest.TestCase):
    maxDiff = None

    def test_commands_do_what_the_pages_say(self):
        for path in PAGES:
            with self.subTest(os.path.relpath(path, TOP)):
                page = Page(path)
                self.addCleanup(page.destroy)
                self.assertEqual(page.run(), "")

    def test_there_are_commands_to_run(self):
        self.assertGreaterEqual(sum(self.count(path, "sh") for path in PAGES), 10)

    def test_each_block_is_of_a_kind_that_is_known_here(self):
        """A word that is misspelled would be a command that is never run."""
        for path in PAGES:
            with open(path) as file:
                kinds = {kind for kind, _ in FENCE.findall(file.read())}
            for kind in kinds:
                with self.subTest(page=os.path.relpath(path, TOP), kind=kind):
                    self.assertTrue(kind in KINDS or re.match(r"ini \S+\Z", kind))

    def test_what_is_left_to_hands_has_a_reason_and_names_what_is_there(self):
        found = set()
        for path in PAGES:
            with open(path) as file:
                texts = [text for kind, text in FENCE.findall(file.read()) if kind == "sh by-hand"]
            for text in texts:
                found.add((os.path.relpath(path, TOP), text.split("\n")[0].split("#")[0].strip()))
                for name in IN_CLONE.findall(text):
                    self.assertTrue(os.path.exists(os.path.join(TOP, name)), name)
        self.assertEqual(found, set(BY_HAND))

    def count(self, path, kind):
        with open(path) as file:
            return sum(found == kind for found, _ in FENCE.findall(file.read()))


class Images(unittest.TestCase):
    """What is shown was made by script/screenshots or script/bench, and the former is small."""

    def test_pages_show_all_of_them_and_no_others(self):
        folder, bench = (os.path.join(TOP, "docs", name) for name in ("images", "bench"))
        shown = set()
        for path in PAGES:
            with open(path) as file:
                found = [markdown or html for markdown, html in IMAGE.findall(file.read())]
            shown |= {os.path.normpath(os.path.join(os.path.dirname(path), name))
                      for name in found}
        there = {os.path.join(folder, name) for name in os.listdir(folder)}
        self.assertEqual({path for path in shown if os.path.dirname(path) != bench}, there)
        self.assertLess(sum(map(os.path.getsize, there)), 300 * 1024)


class Links(unittest.TestCase):
    def test_links_within_the_repository_lead_somewhere(self):
        for path in PAGES + [os.path.join(TOP, "CONTRIBUTING.md")]:
            with open(path) as file:
                targets = LINK.findall(file.read())
            for target in targets:
                with self.subTest(page=os.path.relpath(path, TOP), target=target):
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), target)))
