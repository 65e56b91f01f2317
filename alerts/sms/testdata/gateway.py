"""An SMS gateway of Python's standard library: says what it was asked as one line of JSON.

usage: gateway.py   (prints its port, then a line a request)
"""
import http.server
import json
import urllib.parse


class Gateway(http.server.BaseHTTPRequestHandler):
    def asked(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "strict")
        kind = self.headers.get_content_type() if body else ""
        print(json.dumps({
            "method": self.command,
            "path": urllib.parse.unquote(url.path, errors="strict"),
            "query": urllib.parse.parse_qs(url.query, keep_blank_values=True, strict_parsing=bool(url.query), errors="strict"),
            "form": urllib.parse.parse_qs(body, keep_blank_values=True, errors="strict") if kind == "application/x-www-form-urlencoded" else None,
            "json": json.loads(body) if kind == "application/json" else None,
            "headers": {k.lower(): v for k, v in self.headers.items()},
        }), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = asked

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
print(server.server_port, flush=True)
server.serve_forever()
