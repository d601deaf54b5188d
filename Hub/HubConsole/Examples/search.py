import json
import os
import urllib.error
import urllib.request

with open(os.environ["VULTUS_PICTURE"], "rb") as picture:
    request = urllib.request.Request(
        f"{os.environ['VULTUS_URL']}/v1/galleries/{os.environ['VULTUS_GALLERY']}/search?limit=3",
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
    if face["outcome"] == "match":
        print(f"match: {face['candidates'][0]['label']}, score {face['score']:.3f}, threshold {face['threshold']:.3f}")
    elif face["outcome"] == "unknown":
        print("unknown: nobody of this gallery")
    else:
        print("undecided: " + ", ".join(face["refusals"]))
