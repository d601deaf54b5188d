"""An SMTP server (Debian's python3-aiosmtpd) on a loopback port, which it prints first.

Writes one JSON object a line to --record: each command that begins a message, and each message taken.
"""

import argparse
import asyncio
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from read_mail import read

parser = argparse.ArgumentParser()
parser.add_argument("--record", required=True)
parser.add_argument("--answer-recipient", default="")
parser.add_argument("--answer-data", default="")
parser.add_argument("--login", default="", help="user:password, required")
parser.add_argument("--certificate", default="", help="file with certificate and key")
parser.add_argument("--implicit", action="store_true", help="TLS from the first byte, instead of STARTTLS")
parser.add_argument("--ascii", action="store_true", help="do not offer SMTPUTF8")
options = parser.parse_args()


def record(**what):
    with open(options.record, "a") as file:
        print(json.dumps(what), file=file)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        record(command="MAIL", address=address, options=mail_options)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if options.answer_recipient:
            return options.answer_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if options.answer_data:
            return options.answer_data
        secure = session.ssl is not None or options.implicit
        user = session.auth_data.login.decode() if session.authenticated else None
        record(message=read(envelope.content), sender=envelope.mail_from, recipients=envelope.rcpt_tos, secure=secure, user=user)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    user, password = options.login.split(":")
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
    # aiosmtpd hands these data to the session. A refusal that is "handled" would be one the server has answered already.
    return AuthResult(success=good, handled=good, auth_data=data)


def connection():
    return SMTP(
        Handler(),
        hostname="peer.test",
        enable_SMTPUTF8=not options.ascii,
        tls_context=context if context and not options.implicit else None,
        authenticator=authenticate if options.login else None,
        auth_required=bool(options.login),
        auth_require_tls=False,
    )


async def main():
    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0, ssl=context if options.implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


context = None
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate)
asyncio.run(main())
