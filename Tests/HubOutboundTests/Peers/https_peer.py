"""An HTTPS server on a loopback port, which it prints first. Appends the path of each request to --record."""

import argparse
import http.server
import ssl

parser = argparse.ArgumentParser()
parser.add_argument("--record", required=True)
parser.add_argument("--certificate", required=True, help="file with certificate and key")
parser.add_argument("--answer", required=True, choices=["proof", "redirect", "full", "large", "missing", "binary"])
options = parser.parse_args()

ANSWERS = {
    "proof": (200, "vultus-domain=证明\n".encode()),
    "redirect": (302, b""),
    "full": (200, b"x" * 4096),
    "large": (200, b"x" * 4097),
    "missing": (404, b"vultus-domain=from-an-error-page"),
    "binary": (200, b"\x89PNG\x00\xff"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(options.record, "a") as file:
            print(self.path, file=file)
        status, body = ANSWERS[options.answer]
        if self.path == "/elsewhere":
            status, body = 200, b"vultus-domain=from-elsewhere"
        elif self.path != "/.well-known/vultus-domain.txt":
            status, body = 400, b""
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
