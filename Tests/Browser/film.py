"""A film of two people: the portraits that `deploy/setup` fetched, drawn by the browser itself over a plain room, swaying from side to side. Where
their faces are in the portraits was read off the pictures by hand, so that nothing here rests on what the detector says."""

import base64
import pathlib

WIDTH, HEIGHT, FRAMES, RATE = 1280, 720, 96, 12

# In pixels of the portrait: what of it is shown (others stand behind), the face from hairline to chin, and points that any box of it must hold.
PEOPLE = {
    "obama2.jpg": {"face": (205, 230, 275, 410), "points": [(253, 370), (371, 380), (300, 530)], "shown": (150, 400), "scale": 0.6, "left": 180, "top": 40},
    "biden.jpg": {"face": (422, 155, 302, 407), "points": [(531, 323), (654, 344), (576, 464)], "shown": (200, 700), "scale": 0.45, "left": 700, "top": 60},
}
# A square of a colour that nothing else in the film has, so many pixels from the first portrait's left edge: it says where the portraits are.
MARK = {"size": 14, "left": 20, "top": 12}

DRAW = """async ({pictures, people, mark, width, height, frames}) => {
  const images = {};
  for (const [name, data] of Object.entries(pictures)) {
    images[name] = new Image();
    images[name].src = data;
    await images[name].decode();
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const paper = canvas.getContext("2d");
  const made = [];
  for (let number = 0; number < frames; number++) {
    const sway = Math.round(40 * Math.sin(2 * Math.PI * number / frames));
    const room = paper.createLinearGradient(0, 0, width, height);
    room.addColorStop(0, "#6d7a86");
    room.addColorStop(1, "#39424b");
    paper.fillStyle = room;
    paper.fillRect(0, 0, width, height);
    for (const [name, {shown: [from, wide], scale, left, top}] of Object.entries(people)) {
      const tall = images[name].naturalHeight;
      paper.drawImage(images[name], from, 0, wide, tall, left + sway + from * scale, top, wide * scale, tall * scale);
    }
    const first = Object.values(people)[0];
    paper.fillStyle = "#ff00ff";
    paper.fillRect(first.left + sway + mark.left, mark.top, mark.size, mark.size);
    made.push(canvas.toDataURL("image/jpeg", 0.9).split(",")[1]);
  }
  return made;
}"""

# Where the mark is in the picture the page shows, and the boxes it draws over it, in pixels of the film, at the same moment.
SEEN = """({width, height}) => {
  const picture = document.getElementById("picture");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const paper = canvas.getContext("2d");
  paper.drawImage(picture, 0, 0, width, height);
  const bytes = paper.getImageData(0, 0, width, 40).data;
  let [count, sum] = [0, 0];
  for (let at = 0; at < bytes.length; at += 4)
    if (bytes[at] > 200 && bytes[at + 1] < 90 && bytes[at + 2] > 200) { count++; sum += (at / 4) % width; }
  const frame = picture.getBoundingClientRect();
  const scale = Math.min(frame.width / width, frame.height / height);
  const [left, top] = [frame.left + (frame.width - width * scale) / 2, frame.top + (frame.height - height * scale) / 2];
  const boxes = [...document.querySelectorAll("#boxes .face")].map((face) => {
    const box = face.getBoundingClientRect();
    return {kind: face.className, text: face.innerText, x: (box.left - left) / scale, y: (box.top - top) / scale, width: box.width / scale, height: box.height / scale};
  });
  return {mark: count > 60 ? sum / count : null, size: [picture.naturalWidth, picture.naturalHeight], boxes};
}"""


def make(page, demo):
    """- Returns: the film's frames, JPEGs."""
    pictures = {name: "data:image/jpeg;base64," + base64.b64encode(pathlib.Path(demo, name).read_bytes()).decode() for name in PEOPLE}
    page.goto("about:blank")
    made = page.evaluate(DRAW, {"pictures": pictures, "people": PEOPLE, "mark": MARK, "width": WIDTH, "height": HEIGHT, "frames": FRAMES})
    return [base64.b64decode(one) for one in made]


def faults(seen):
    """What is wrong with the boxes that the page draws; nothing when each lies on its face."""
    if seen["mark"] is None:
        return ["the film's mark is not in the picture"]
    first = next(iter(PEOPLE.values()))
    sway = seen["mark"] - MARK["size"] / 2 - MARK["left"] - first["left"]
    found = []
    if len(seen["boxes"]) != len(PEOPLE):
        found.append(f"{len(seen['boxes'])} boxes for {len(PEOPLE)} people")
    for name, one in PEOPLE.items():
        def placed(x, y):
            return one["left"] + sway + x * one["scale"], one["top"] + y * one["scale"]

        x, y = placed(*one["face"][:2])
        width, height = one["face"][2] * one["scale"], one["face"][3] * one["scale"]
        points = [placed(*point) for point in one["points"]]

        def lies(box):
            holds = all(box["x"] < px < box["x"] + box["width"] and box["y"] < py < box["y"] + box["height"] for px, py in points)
            across = max(0, min(x + width, box["x"] + box["width"]) - max(x, box["x"]))
            down = max(0, min(y + height, box["y"] + box["height"]) - max(y, box["y"]))
            return holds and across * down > 0.5 * (width * height + box["width"] * box["height"] - across * down)

        if not any(lies(box) for box in seen["boxes"]):
            found.append(f"no box lies on the face of {name}, at {x:.0f},{y:.0f} and {width:.0f} x {height:.0f} large")
    return found
