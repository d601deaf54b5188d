// What helps where scripts run; every page does its work without.
"use strict";

// A mailed token comes behind the #, which browsers send to nobody; it goes into the form's field and out of the address.
const token = document.querySelector("input[name=token]");
if (token && location.hash.startsWith("#vmt_")) {
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = button.dataset.copied;
  });
}

// A form that is under way is not sent twice, and says that it works.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    if (button) setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); });
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) { button.disabled = false; button.removeAttribute("aria-busy"); }
});

// Figures that are live are read again every ten seconds while somebody looks.
const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      if (answer.ok && found) live.innerHTML = found.innerHTML;
    } catch { /* The next time. */ }
  }, 10000);
}

// What is followed is renewed as the hub tells of it (server-sent events), while somebody looks; not under somebody's hands.
for (const region of document.querySelectorAll("[data-follow]")) {
  let source = null, waiting = null;
  const show = (html) => {
    if (region.contains(document.activeElement)) { waiting = html; return; }
    waiting = null;
    region.innerHTML = html;
  };
  const follow = () => {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source) return;
    source = new EventSource(region.dataset.follow);
    source.addEventListener("state", (event) => show(event.data));
    // An answer that is no stream (signed out, too many) ends it; the page stays as it is until it is reloaded.
    source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) source = null; });
  };
  region.addEventListener("focusout", () => setTimeout(() => { if (waiting !== null) show(waiting); }));
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => { source?.close(); source = null; });
  follow();
}
