"""A receiver of notices in Python's standard library alone: checks who sent them, and knows a repeat.

usage: receiver.py SECRET   (prints its port, then a line for each notice that it was sent)
"""
import hashlib
import hmac
import http.server
import json
import sys
import time

SECRET = sys.argv[1].encode()
TOO_OLD = 300  # seconds: what somebody recorded and replays later is refused
known = set()


def genuine(header, body):
    parts = dict(p.split("=", 1) for p in header.split(","))
    if abs(time.time() - int(parts["t"])) > TOO_OLD:
        return False
    want = hmac.new(SECRET, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(want, parts["v1"])


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not genuine(self.headers.get("Wardwatch-Signature", "t=0,v1="), body):
            self.answer(401, "forged")
            return
        notice = json.loads(body)["notice"]
        repeat = notice in known or self.headers["Idempotency-Key"] != notice
        known.add(notice)
        self.answer(204, ("repeat " if repeat else "new ") + notice)

    def answer(self, code, line):
        print(line, flush=True)
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
