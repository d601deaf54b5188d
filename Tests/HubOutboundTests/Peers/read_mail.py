"""Reads a message with Python's e-mail package; as a program, from standard input, and writes JSON."""

import email
import email.policy
import json
import sys


def read(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default.clone(utf8=True))
    return {
        "subject": message["Subject"],
        "from": [str(address) for address in message["From"].addresses],
        "to": [str(address) for address in message["To"].addresses],
        "text": message.get_content(),
        "headers": {name: str(value) for name, value in message.items()},
        "defects": [repr(defect) for defect in message.defects + [d for v in message.values() for d in v.defects]],
        "longestLine": max(len(line) for line in raw.split(b"\r\n")),
        "bareLineFeeds": raw.replace(b"\r\n", b"").count(b"\n"),
    }


if __name__ == "__main__":
    print(json.dumps(read(sys.stdin.buffer.read())))
