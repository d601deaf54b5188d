"""A receiver of webhooks over HTTPS on a loopback port, which it prints first. Checks signatures as Standard Webhooks 1.0 says.

`--control` is a JSON file that every request reads anew: {"status": …, "retryAfter": seconds, "delay": seconds, "secrets": [whsec_…]}.
Appends one JSON object a line to `--record` for each message: what it said, and whose secrets signed it.
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--record", required=True)
parser.add_argument("--control", required=True)
parser.add_argument("--certificate", required=True, help="file with certificate and key")
options = parser.parse_args()
lock = threading.Lock()


def signed_by(secrets, headers, body):
    """- Returns: the places of the secrets that signed this very message."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    given = [part.split(",", 1)[1] for part in headers["webhook-signature"].split(" ") if part.startswith("v1,")]
    places = []
    for place, secret in enumerate(secrets):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(wanted, one) for one in given):
            places.append(place)
    return places


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(options.control) as file:
            control = json.load(file)
        time.sleep(control.get("delay", 0))
        said = {
            "id": self.headers["webhook-id"], "timestamp": int(self.headers["webhook-timestamp"]), "event": self.headers["vultus-event"],
            "type": self.headers["Content-Type"], "path": self.path, "body": body.decode(), "status": control["status"],
            "signedBy": signed_by(control["secrets"], self.headers, body)}
        with lock, open(options.record, "a") as file:
            print(json.dumps(said), file=file)
        self.send_response(control["status"])
        if "retryAfter" in control:
            self.send_header("Retry-After", str(control["retryAfter"]))
        if 300 <= control["status"] < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
