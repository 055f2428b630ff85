#!/usr/bin/env python3
"""A receiver of webhooks that fails in every way that it is told to, and verifies signatures by itself.

Prints its port, then a line of JSON for each POST. Each line on its standard input is the name of a mode, which changes
how the next ones are answered, and is printed back as "mode NAME"; it ends with its input. The secret is the first
argument, the address that it listens on the second.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

mode = "ok"
mode_changed = threading.Condition()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        id_ = self.headers.get("webhook-id", "")
        timestamp = self.headers.get("webhook-timestamp", "")
        key = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest())
        verified = hmac.compare_digest(b"v1," + wanted, self.headers.get("webhook-signature", "").encode())
        now = mode
        print(json.dumps({"path": self.path, "id": id_, "verified": verified, "mode": now,
                          "type": self.headers.get("Content-Type"), "body": json.loads(body)}), flush=True)
        self.close_connection = True
        try:
            self.answer(now)
        except OSError:
            pass  # the sender has had enough

    def answer(self, now):
        if now == "ok":
            self.status(204, b"")
        elif now == "fail":
            self.status(503, b"later")
        elif now == "redirect":
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif now == "garbage":
            self.wfile.write(b"\x00\x01\x02 this is not HTTP \xff\xfe\r\n\r\n")
        elif now == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
        elif now == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 60000 + b"\r\nX-More: " + b"y" * 60000 + b"\r\n\r\n")
        elif now == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                self.wfile.write(b"x" * 65536)
        elif now == "hang":
            with mode_changed:
                mode_changed.wait_for(lambda: mode != "hang")
        elif now == "slow":
            time.sleep(0.5)
            self.status(204, b"")

    def status(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server((sys.argv[2], 0), Receiver)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in sys.stdin:
    with mode_changed:
        mode = line.strip()
        mode_changed.notify_all()
    print("mode " + mode, flush=True)
os._exit(0)
