import base64
import json
import os
import urllib.error
import urllib.request
import uuid


def picture(variable):
    with open(os.environ[variable], "rb") as file:
        return base64.b64encode(file.read()).decode()


request = urllib.request.Request(
    os.environ["VULTUS_URL"] + "/v1/compare?falseMatchRate=1e-5",
    data=json.dumps({"image": picture("VULTUS_PICTURE"), "referenceImage": picture("VULTUS_REFERENCE")}).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["VULTUS_KEY"],
        "Content-Type": "application/json",
        # Sent again after a timeout, the same key gets the same answer and is charged once.
        "Idempotency-Key": str(uuid.uuid4()),
    },
)
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
except urllib.error.HTTPError as error:
    problem = json.load(error)
    raise SystemExit(f"{problem['code']}: {problem['title']} {problem.get('remedy', '')}")

print(f"{answer['outcome']}: score {answer['score']:.3f}, threshold {answer['threshold']:.3f}")
print(f"of different people, {answer['falseMatchRate']:.1e} reach that threshold")
