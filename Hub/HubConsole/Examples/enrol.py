import datetime
import json
import os
import urllib.error
import urllib.request


def vultus(path, body, content_type="application/json"):
    request = urllib.request.Request(
        os.environ["VULTUS_URL"] + path,
        data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["VULTUS_KEY"], "Content-Type": content_type},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise SystemExit(f"{problem['code']}: {problem['title']} {problem.get('remedy', '')}")


gallery = vultus("/v1/galleries", {"name": "Side door"})["id"]
now = datetime.datetime.now(datetime.timezone.utc)
consent = {
    "reference": "form 17",
    "purpose": "entrance",
    "given": now.isoformat(timespec="seconds"),
    "expires": (now + datetime.timedelta(days=365)).isoformat(timespec="seconds"),
}
person = vultus(f"/v1/galleries/{gallery}/persons", {"label": "badge-4711", "consent": consent})["id"]
with open(os.environ["VULTUS_PICTURE"], "rb") as picture:
    template = vultus(f"/v1/galleries/{gallery}/persons/{person}/templates", picture.read(), "image/jpeg")

print(f"enrolled with {template['model']}")
print(f"VULTUS_GALLERY={gallery}")
