"""An ntfy server as its documentation describes it, with Python's standard library alone: publishing as
JSON, access tokens, polling, health. It is stricter than ntfy where a sender could go wrong unseen.

usage: server.py TOKEN     prints its port; TOKEN may write to every topic but "forbidden"
"""
import json
import re
import secrets
import string
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

NAME = re.compile(r"^[-_A-Za-z0-9]{1,64}$")
RESERVED = {"docs", "static", "file", "app", "metrics", "account", "settings", "signup", "login", "v1"}
FIELDS = {"topic", "title", "message", "priority", "tags", "click", "icon", "actions", "attach", "filename",
          "email", "delay", "markdown", "call", "sequence_id"}
TOKEN = sys.argv[1]
messages = []


class Refused(Exception):
    def __init__(self, code, http, error):
        super().__init__(error)
        self.answer = {"code": code, "http": http, "error": error}


def published(m):
    if not isinstance(m, dict) or not isinstance(m.get("topic"), str):
        raise Refused(40017, 400, "invalid request: request body must be message JSON")
    if unknown := set(m) - FIELDS:
        raise Refused(40024, 400, f"not a field of ntfy: {sorted(unknown)}")
    if not NAME.match(m["topic"]):
        raise Refused(40009, 400, "invalid request: topic invalid")
    if m["topic"] in RESERVED:
        raise Refused(40010, 400, "invalid request: topic name is not allowed")
    priority = m.get("priority", 3)
    if not isinstance(priority, int) or not 1 <= priority <= 5:
        raise Refused(40007, 400, "invalid priority parameter")
    if "sequence_id" in m and not NAME.match(m["sequence_id"]):
        raise Refused(40049, 400, "invalid request: sequence ID invalid")
    if len(m.get("message", "").encode()) > 4096:
        raise Refused(41301, 413, "the message would become an attachment")
    if any(not isinstance(t, str) or "," in t for t in m.get("tags", [])):
        raise Refused(40024, 400, "tags are words")
    alphabet = string.ascii_letters + string.digits
    out = {"id": "".join(secrets.choice(alphabet) for _ in range(12)), "time": int(time.time()),
           "expires": int(time.time()) + 12 * 3600, "event": "message"}
    out.update({k: v for k, v in m.items() if v})
    return out


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, lines):
        body = "".join(json.dumps(x) + "\n" for x in lines).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.path != "/":
                raise Refused(40401, 404, "page not found")
            if self.headers.get("Authorization") != "Bearer " + TOKEN:
                raise Refused(40101, 401, "unauthorized")
            try:
                m = json.loads(body)
            except ValueError:
                raise Refused(40024, 400, "invalid request: request body must be valid JSON")
            out = published(m)
            if out["topic"] == "forbidden":
                raise Refused(40301, 403, "forbidden")
        except Refused as e:
            return self.answer(e.answer["http"], [e.answer])
        messages.append(out)
        self.answer(200, [out])

    def do_GET(self):
        url = urlparse(self.path)
        if url.path == "/v1/health":
            return self.answer(200, [{"healthy": True}])
        topic = url.path.removeprefix("/").removesuffix("/json")
        if parse_qs(url.query).get("poll") != ["1"]:
            return self.answer(404, [{"code": 40401, "http": 404, "error": "page not found"}])
        self.answer(200, [m for m in messages if m["topic"] == topic])

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
