import json
import os
import urllib.error
import urllib.request

with open(os.environ["VULTUS_PICTURE"], "rb") as picture:
    request = urllib.request.Request(
        os.environ["VULTUS_URL"] + "/v1/quality",
        data=picture.read(),
        headers={"Authorization": "Bearer " + os.environ["VULTUS_KEY"], "Content-Type": "image/jpeg"},
    )
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
except urllib.error.HTTPError as error:
    problem = json.load(error)
    raise SystemExit(f"{problem['code']}: {problem['title']} {problem.get('remedy', '')}")

for face in answer["faces"]:
    for use in ("search", "enrolment"):
        print(f"{use}: {'accepted' if face[use]['accepted'] else 'refused'}")
        for refusal in face[use]["refusals"]:
            print(f"  {refusal['code']}: {refusal['remedy']}")
