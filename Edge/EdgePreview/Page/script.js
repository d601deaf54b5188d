"use strict";
// Shows what the agent sends: /picture is the moving picture, /events says what is in it. Nothing is sent back.
const words = JSON.parse(document.getElementById("words").textContent);
const at = (id) => document.getElementById(id);
const [picture, boxes, stage, notice, source] = ["picture", "boxes", "stage", "notice", "source"].map(at);
const fill = (text, values) => (text || "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const three = (value) => (value == null ? "–" : value.toFixed(3));
const scenes = new Map();
let state = null;
let isPaused = false;
let areBoxesShown = true;
let isConnected = false;

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

const kindOf = (face) => face.outcome ?? "looking";
const nameOf = (face) => fill(words.outcomes[kindOf(face)], { name: face.label ?? "?" });
const scoreOf = (face) => (face.score == null ? "" : fill(words.phrases.score, { score: three(face.score), threshold: three(face.threshold) }));
const reasonsOf = (face) => (face.refusals ?? []).map((code) => words.reasons[code] ?? code).join(", ");

// Where the picture is inside its element: `contain` leaves bars.
function placeBoxes(view) {
  const scale = Math.min(picture.clientWidth / view.width, picture.clientHeight / view.height);
  const [width, height] = [view.width * scale, view.height * scale];
  boxes.style.width = `${width}px`;
  boxes.style.height = `${height}px`;
  boxes.style.left = `${picture.offsetLeft + (picture.clientWidth - width) / 2}px`;
  boxes.style.top = `${picture.offsetTop + (picture.clientHeight - height) / 2}px`;
}

function showBoxes(view) {
  // Before the first picture there is nothing to lay them on.
  if (!view.width || !picture.naturalWidth || picture.hidden || !areBoxesShown) return boxes.replaceChildren();
  placeBoxes(view);
  const share = (value, whole) => `${(100 * value) / whole}%`;
  boxes.replaceChildren(...view.faces.map((face) => {
    const name = element("b", nameOf(face));
    if (face.score != null) name.append(element("i", ` ${three(face.score)}`));
    const box = element("div", "", element("span", "", name));
    box.className = `face ${kindOf(face)}`;
    box.classList.toggle("low", face.box.y < view.height * 0.08);
    box.classList.toggle("right", face.box.x + face.box.width / 2 > view.width / 2);
    box.style.left = share(face.box.x, view.width);
    box.style.top = share(face.box.y, view.height);
    box.style.width = share(face.box.width, view.width);
    box.style.height = share(face.box.height, view.height);
    return box;
  }));
}

function showPeople(view) {
  at("people").replaceChildren(...view.faces.map((face) => {
    const line = element("li", "", element("b", nameOf(face)));
    line.className = kindOf(face);
    for (const text of [scoreOf(face), reasonsOf(face)]) if (text) line.append(element("small", text));
    return line;
  }));
  at("nobody").hidden = view.faces.length > 0;
  picture.alt = `${at("stage-name").textContent}: ${fill(words.phrases.faces, { n: view.faces.length })}`;
}

function showFigures(scene) {
  const { timings } = scene.view;
  const milliseconds = (value) => (value == null ? "–" : fill(words.phrases.latency, { n: value }));
  at("rate").textContent = scene.rate ? scene.rate.toFixed(1) : "–";
  at("looked").textContent = scene.lookedRate ? scene.lookedRate.toFixed(1) : "–";
  at("answer").textContent = milliseconds(timings?.answer);
  at("decision").textContent = milliseconds(timings?.decision);
  const stages = timings && [timings.decode, timings.detect, timings.align, timings.embed].join(" · ");
  at("stages").textContent = stages ? fill(words.phrases.latency, { n: stages }) : "–";
}

function showScene() {
  const scene = scenes.get(source.value);
  if (!scene || isPaused) return;
  picture.hidden = false;
  showBoxes(scene.view);
  showPeople(scene.view);
  showFigures(scene);
}

function say(what, how, isStrip) {
  notice.hidden = !what;
  notice.classList.toggle("strip", Boolean(isStrip));
  const [first, second] = notice.children;
  // Written only when it changes: screen readers read out what is written.
  if (first.textContent !== (what ?? "")) first.textContent = what ?? "";
  if (second.textContent !== (how ?? "")) second.textContent = how ?? "";
}

function showNotice() {
  const mine = state?.sources.find((one) => one.name === source.value);
  const has = scenes.has(source.value);
  if (!isConnected) return say(words.empty.gone, words.empty.goneHow, has);
  const fault = mine?.camera?.problem;
  if (fault) return say(words.empty.camera, words.cameras[fault.code] ?? fault.title, has);
  if (isPaused) return say(words.empty.stopped, "", true);
  if (!has) return say(words.empty.waiting, words.empty.waitingHow, false);
  if (state?.isPaused) return say(words.empty.paused, stateWords(state).join(" · "), true);
  const isFilm = source.value !== "pictures";
  if (isFilm && mine?.age > 4000) return say(fill(words.empty.stale, { n: Math.round(mine.age / 1000) }), "", true);
  say(null);
}

const stateWords = (state) => state.states.map((one) => (words.states[one.state] ?? one.meaning) + (one.apis.length ? ` (${one.apis.join(", ")})` : ""));

// What the hub's operator says here; written only when it changes, because screen readers read out what is written.
let announced = "";
function showAnnouncements(items) {
  const text = JSON.stringify(items);
  if (text === announced) return;
  announced = text;
  const language = document.documentElement.lang.slice(0, 2);
  at("announcements").hidden = !items.length;
  at("announcements").replaceChildren(...items.map((one) => {
    const words = one.texts[language] ?? one.texts.en ?? Object.values(one.texts)[0];
    return element("div", "", element("h2", words.title), ...words.body.split("\n").filter(Boolean).map((line) => element("p", line)));
  }));
}

function showState() {
  showAnnouncements(state.announcements ?? []);
  const mine = state.sources.find((one) => one.name === source.value);
  const camera = mine?.camera;
  at("camera").textContent = camera
    ? camera.problem
      ? (words.cameras[camera.problem.code] ?? camera.problem.title)
      : [camera.card, camera.mode && `${camera.mode.format} ${camera.mode.size}`, fill(words.phrases.lost, camera.counters)].filter(Boolean).join(" · ")
    : (words.sources[mine?.name] ?? words.phrases.notCamera);
  at("camera").classList.toggle("bad", Boolean(camera?.problem));
  at("states").replaceChildren(...stateWords(state).map((text, index) => {
    const line = element("li", text);
    const one = state.states[index];
    if (one.state === "fresh") return line;
    line.className = "bad";
    line.append(element("small", words.phrases.next + (words.remedies[one.state] ?? one.remedy)));
    return line;
  }));
  const when = state.contact && new Date(state.contact).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "medium" });
  at("sync").textContent = [
    when ? fill(words.phrases.contact, { when }) : words.phrases.never,
    state.waiting ? fill(words.phrases.waiting, { n: state.waiting }) : words.phrases.inStep,
  ].join(" · ");
  at("hook").hidden = !state.hook;
  if (state.hook) at("hook").textContent = fill(words.phrases.hook, state.hook);
}

function addDecision(one) {
  if (!one.outcome) return;
  const text = fill(one.outcome === "match" ? words.phrases.known : words.phrases[one.outcome], { name: one.label ?? one.person });
  const time = new Date(one.time).toLocaleTimeString(document.documentElement.lang);
  const about = [time, scoreOf(one), reasonsOf(one), words.kinds[one.kind], one.entry ? fill(words.phrases.entry, { n: one.entry }).replaceAll(" ", "\u00a0") : ""];
  const line = element("li", "", element("b", text), element("small", about.filter(Boolean).join(" · ")));
  at("decisions").prepend(line);
  while (at("decisions").children.length > 8) at("decisions").lastChild.remove();
  at("no-decisions").hidden = true;
}

function watch() {
  picture.src = isPaused ? "" : `/picture?source=${encodeURIComponent(source.value)}&at=${Date.now()}`;
}

function follow() {
  const events = new EventSource("/events");
  events.addEventListener("open", () => {
    // What was seen of an agent that has ended is not of this one.
    if (!isConnected) watch();
    isConnected = true;
    at("decisions").replaceChildren();
    at("no-decisions").hidden = false;
    showNotice();
  });
  events.addEventListener("error", () => {
    isConnected = false;
    showNotice();
    // A browser gives up after an answer that is none, such as 401: the page is loaded again, which says why.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
  });
  events.addEventListener("scene", (event) => {
    const scene = JSON.parse(event.data);
    scenes.set(scene.source, scene);
    if (scene.source === source.value) showScene();
    showNotice();
  });
  events.addEventListener("decision", (event) => addDecision(JSON.parse(event.data)));
  events.addEventListener("state", (event) => {
    state = JSON.parse(event.data);
    showState();
    showNotice();
  });
}

function pause() {
  isPaused = !isPaused;
  at("pause").setAttribute("aria-pressed", String(isPaused));
  at("pause").textContent = isPaused ? words.phrases.resume : words.phrases.pause;
  if (isPaused) freeze(); else { picture.style.backgroundImage = ""; watch(); showScene(); }
  showNotice();
}

// The last picture stays: drawn once, because an img without a source shows nothing.
function freeze() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth || 1, picture.naturalHeight || 1];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.toBlob((blob) => { if (blob && isPaused) picture.src = URL.createObjectURL(blob); });
}

function toggleBoxes() {
  areBoxesShown = !areBoxesShown;
  at("boxes-button").setAttribute("aria-pressed", String(areBoxesShown));
  showScene();
  if (!areBoxesShown) boxes.replaceChildren();
}

at("pause").addEventListener("click", pause);
at("boxes-button").addEventListener("click", toggleBoxes);
source.addEventListener("change", () => { picture.hidden = true; boxes.replaceChildren(); watch(); showScene(); if (state) showState(); showNotice(); });
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || /^(BUTTON|SELECT|A)$/.test(event.target.tagName)) return;
  if (event.key === " ") { event.preventDefault(); pause(); }
  if (event.key === "b" || event.key === "B") toggleBoxes();
});
new ResizeObserver(() => { const scene = scenes.get(source.value); if (scene) showBoxes(scene.view); }).observe(picture);
picture.addEventListener("load", () => { const scene = scenes.get(source.value); if (scene && !isPaused) showBoxes(scene.view); });
follow();
