"""Checks a notice's signature the way a receiver would, with Python's standard library alone.

usage: verify.py SECRET SIGNATURE_HEADER < body
"""
import hashlib
import hmac
import json
import sys

secret, header = sys.argv[1].encode(), sys.argv[2]
body = sys.stdin.buffer.read()
parts = dict(p.split("=", 1) for p in header.split(","))
want = hmac.new(secret, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
if not hmac.compare_digest(want, parts["v1"]):
    sys.exit("the signature does not match")
json.loads(body)
print("ok")
