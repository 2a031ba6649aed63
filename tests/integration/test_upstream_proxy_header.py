# SPDX-License-Identifier: MIT
"""Servers are told by a PROXY header for whom a connection is."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import unittest

import rawhttp
import support
from rawhttp import request
from support import wait_for
from test_proxies import SIGNATURE

HAPROXY = """
defaults
    mode http
    timeout connect 30s
    timeout client 30s
    timeout server 30s
listen front
    bind unix@%s accept-proxy mode 777
    http-request return status 200 content-type text/plain lf-string "%%[src] %%[dst] %%[dst_port]"
"""


class Told(rawhttp.HttpTest):
    def front(self, name, **settings):
        return self.serve(workers=1, sections={
            "upstream app": dict({"servers": name, "proxy_protocol": "v2"}, **settings),
            "location all": {"prefix": "/", "proxy": "app"}})

    def ask(self, server, count=1, source="127.0.0.77"):
        """The answers to requests on one connection, and the port that it comes from."""
        with socket.create_connection((server.address, server.port), 20, (source, 0)) as sock:
            answers = []
            for _ in range(count):
                sock.sendall(request("/"))
                answers.append(self.read(sock))
            return answers, sock.getsockname()[1]

    def read(self, sock):
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.more(sock)
        head, _, body = data.partition(b"\r\n\r\n")
        length, = [int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")]
        while len(body) < length:
            body += self.more(sock)
        return head.split(b" ")[1], body

    def more(self, sock):
        piece = sock.recv(4096)
        self.assertTrue(piece)
        return piece

    def test_each_request_has_a_connection_that_begins_with_its_client(self):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(60)
        self.addCleanup(listener.close)
        seen = []

        def serve():
            for _ in range(3):
                conn, _ = listener.accept()
                with conn:
                    conn.settimeout(60)
                    data = b""
                    while b"\r\n\r\n" not in data[len(SIGNATURE):]:
                        data += conn.recv(4096)
                    seen.append(data)
                    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        server = self.front("127.0.0.1:%d" % listener.getsockname()[1])
        answers, port = self.ask(server, 3)
        self.assertEqual(answers, [(b"200", b"ok")] * 3)
        thread.join(60)
        expected = (SIGNATURE + b"\x21\x11\0\x0c" + socket.inet_aton("127.0.0.77") +
                    socket.inet_aton("127.0.0.1") + struct.pack(">HH", port, server.port))
        self.assertEqual([data[:28] for data in seen], [expected] * 3)
        for data in seen:
            self.assertTrue(data[28:].startswith(b"GET / HTTP/1.1\r\n"), data)
            self.assertIn(b"\r\nConnection: close\r\n", data)

    def test_tinyweb_behind_it_knows_the_client(self):
        back = self.make(trusted_proxy="127.0.0.0/8", workers=1)
        back.configure(listen="127.0.0.1:%d proxy_protocol" % back.port)
        back.start()
        server = self.front("127.0.0.1:%d" % back.port)
        answers, _ = self.ask(server, 2)
        self.assertEqual(answers, [(b"200", b"hello\n")] * 2)
        wait_for("two lines", lambda: len(back.access_lines()) == 2)
        self.assertEqual([line.split(" ")[0] for line in back.access_lines()], ["127.0.0.77"] * 2)

    @unittest.skipUnless(shutil.which("haproxy") or os.path.exists("/usr/sbin/haproxy"), "needs haproxy")
    def test_haproxy_behind_it_knows_the_client(self):
        folder = self.make().dir
        os.chmod(folder, 0o755)
        path, conf = os.path.join(folder, "haproxy.sock"), os.path.join(folder, "haproxy.cfg")
        with open(conf, "w") as file:
            file.write(HAPROXY % path)
        process = subprocess.Popen([shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", conf],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)

        def end():
            process.kill()
            process.wait()
        self.addCleanup(end)

        def accepts():
            self.assertIsNone(process.poll())
            with socket.socket(socket.AF_UNIX) as sock:
                return sock.connect_ex(path) == 0
        wait_for("haproxy", accepts, 20)
        server = self.front("unix:" + path)
        (answer,), _ = self.ask(server)
        self.assertEqual(answer, (b"200", b"127.0.0.77 127.0.0.1 %d" % server.port))


if __name__ == "__main__":
    unittest.main()
