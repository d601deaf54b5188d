import json
import os
import urllib.error
import urllib.request

with open(os.environ["VULTUS_PICTURE"], "rb") as picture:
    request = urllib.request.Request(
        os.environ["VULTUS_URL"] + "/v1/detect",
        data=picture.read(),
        headers={"Authorization": "Bearer " + os.environ["VULTUS_KEY"], "Content-Type": "image/jpeg"},
    )
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
        units = response.headers["Vultus-Units"]
except urllib.error.HTTPError as error:
    problem = json.load(error)
    raise SystemExit(f"{problem['code']}: {problem['title']} {problem.get('remedy', '')}")

print(f"{len(answer['faces'])} face(s), {units} unit(s) charged")
for face in answer["faces"]:
    box = face["box"]
    print(f"at {box['x']:.0f}, {box['y']:.0f}, size {box['width']:.0f} × {box['height']:.0f}")
