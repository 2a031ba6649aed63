# SPDX-License-Identifier: MIT
"""A terminal with a shell in it: tmux holds it, types, and tells what is on its screen.

    with terminal.Terminal(columns=100, rows=30) as screen:
        screen.type("tinyweb -v")
        screen.wait_for("tinyweb 0.1")
        screen.keep("version")

What is kept is an artefact: terminal-NAME.txt as it is read, terminal-NAME.ansi with its colours.

Where it may be, the terminal has a network of its own, so that ports are those which the
documentation names, and its folder is /srv; in_network() puts a command there.
"""

import os
import shlex
import shutil
import subprocess
import tempfile

import support

PROMPT = "$ "


def apart(folder, command):
    """@command in a network of its own, and with @folder as /srv."""
    return ["unshare", "--net", "--mount", "--", "sh", "-c",
            'ip link set lo up && mount --bind "$0" /srv && cd /srv && exec "$@"', folder] + command


def may_be_apart(folder):
    if not all(shutil.which(name) for name in ("unshare", "nsenter", "ip", "mount")):
        return False
    return subprocess.run(apart(folder, ["true"]), stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


class Terminal:
    """Each has a tmux of its own, which knows nothing of the user's."""

    def __init__(self, columns=100, rows=40, folder=None):
        self.columns, self.rows = columns, rows
        self.dir = tempfile.mkdtemp(prefix="tinyweb-terminal-")
        os.chmod(self.dir, 0o755)
        self.folder = folder or self.dir
        self.has_network = may_be_apart(self.folder)

    def __enter__(self):
        environment = {
            "HOME": self.dir, "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": self.dir,
            "PATH": os.pathsep.join([os.path.dirname(os.path.abspath(support.PROGRAM)),
                                     os.environ["PATH"]])}
        shell = ["env", "PS1=" + PROMPT, "bash", "--norc", "--noprofile", "+o", "history"]
        self.env = dict({name: value for name, value in support.clean_environment().items()
                         if name not in ("TMUX", "NO_COLOR")}, **environment)
        self.tmux("new-session", "-d", "-x", str(self.columns), "-y", str(self.rows),
                  "-c", self.folder,
                  shlex.join(apart(self.folder, shell) if self.has_network else shell))
        support.wait_for("a prompt", lambda: self.text() == PROMPT.strip(), 20)
        return self

    def __exit__(self, *exc):
        self.tmux("kill-server")
        shutil.rmtree(self.dir, ignore_errors=True)

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-u", "-f", "/dev/null"] + list(arguments), env=self.env,
                              timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError("tmux %s: %s" % (arguments[0], done.stderr))
        return done.stdout

    def type(self, line):
        """A command, and the Enter key."""
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def press(self, key):
        """As tmux names it: "C-c"."""
        self.tmux("send-keys", key)

    def text(self):
        """The screen as it is read, a line that is too wide for it in one piece."""
        lines = self.tmux("capture-pane", "-p", "-J").splitlines()
        return "\n".join(line.rstrip() for line in lines).rstrip()

    def wait_for(self, text, seconds=20):
        def is_there():
            return text in self.text()
        try:
            support.wait_for(repr(text), is_there, seconds)
        except AssertionError as error:
            raise AssertionError("%s; the screen is\n%s" % (error, self.text())) from None

    def wait_for_prompt(self, count, seconds=20):
        """Until @count lines begin with a prompt, the last of them without a command."""
        def is_there():
            lines = self.text().split("\n")
            return (sum(line.startswith(PROMPT.strip()) for line in lines) == count and
                    lines[-1] == PROMPT.strip())
        support.wait_for("the prompt", is_there, seconds)

    def in_network(self, command):
        """@command, for subprocess, where the server in this terminal listens."""
        if not self.has_network:
            return command
        pane = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        return ["nsenter", "--net=/proc/%s/ns/net" % pane] + command

    def keep(self, name):
        """The screen, for those who want to look at it later. Returns its text."""
        text = self.text()
        with open(support.artefact("terminal-%s.txt" % name), "w") as file:
            file.write(text + "\n")
        with open(support.artefact("terminal-%s.ansi" % name), "w") as file:
            file.write(self.tmux("capture-pane", "-p", "-e"))
        return text
