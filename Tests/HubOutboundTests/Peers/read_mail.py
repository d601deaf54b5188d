"""Reads a message with Python's e-mail package; as a program, from standard input, and writes JSON.

`text` has the line ends of Python: on the wire they are CRLF (RFC 5321, 2.3.8), inside of an encoding too (RFC 2045, 6.8),
and whatever else is counted in `bareLineEnds`.
"""

import email
import email.policy
import json
import sys


def bare_line_ends(text):
    rest = text.replace("\r\n", "")
    return rest.count("\n") + rest.count("\r")


def read(raw):
    source = raw.decode("utf-8")
    text = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8).get_content()
    # From bytes, Python reads headers as ASCII, and what is beyond (RFC 6532) as surrogates, which JSON cannot hold.
    message = email.message_from_string(source, policy=email.policy.SMTPUTF8)
    return {
        "subject": message["Subject"],
        "from": [str(address) for address in message["From"].addresses],
        "to": [str(address) for address in message["To"].addresses],
        "text": text.replace("\r\n", "\n"),
        "headers": {name: str(value) for name, value in message.items()},
        "defects": [repr(defect) for defect in message.defects + [d for v in message.values() for d in v.defects]],
        "longestLine": max(len(line) for line in raw.split(b"\r\n")),
        "bareLineEnds": bare_line_ends(source) + bare_line_ends(text),
    }


if __name__ == "__main__":
    print(json.dumps(read(sys.stdin.buffer.read())))
