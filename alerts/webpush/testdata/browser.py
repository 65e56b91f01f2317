"""A browser and its push service, without any of our code: http_ece for the encryption (RFC 8188, 8291),
PyJWT and cryptography for the server's signature (RFC 8292).

usage: browser.py subscribe        prints a new subscription's keys as JSON
       browser.py open < message   reads {private, auth, body, authorization, audience, key} as JSON and
                                   prints {payload, claims}, or says why it refuses
"""
import base64
import json
import os
import sys

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def subscribe():
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    number = private.private_numbers().private_value.to_bytes(32, "big")
    return {"private": b64(number), "p256dh": b64(point), "auth": b64(os.urandom(16))}


def open_message(m):
    scheme, _, fields = m["authorization"].partition(" ")
    if scheme != "vapid":
        sys.exit("the authorization is not vapid")
    fields = dict(f.strip().split("=", 1) for f in fields.split(","))
    if fields["k"] != m["key"]:
        sys.exit("the message is signed by another key than the subscription was made for")
    server = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(fields["k"]))
    claims = jwt.decode(fields["t"], server, algorithms=["ES256"], audience=m["audience"],
                        options={"require": ["aud", "exp", "sub"]})
    private = ec.derive_private_key(int.from_bytes(unb64(m["private"]), "big"), ec.SECP256R1())
    body = base64.b64decode(m["body"])
    payload = http_ece.decrypt(body, private_key=private, auth_secret=unb64(m["auth"]), version="aes128gcm")
    return {"payload": payload.decode(), "claims": claims}


if sys.argv[1] == "subscribe":
    print(json.dumps(subscribe()))
else:
    print(json.dumps(open_message(json.load(sys.stdin))))
