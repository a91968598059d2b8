// Keeps the parts marked `data-live` up to date while somebody looks at the page. After each that has
// changed, it says so by the event `jobs:fresh`.
"use strict";

(() => {
  const EVERY = 2000;
  const SLOWEST = 30000;
  const connection = document.getElementById("connection");
  // What each part was last made of, so that nothing is done where nothing has changed.
  const latest = new WeakMap();
  let wait = EVERY;
  let timer = 0;

  // Text that is being marked would be marked no longer.
  function isMarked(part) {
    const selection = getSelection();
    return !selection.isCollapsed && part.contains(selection.anchorNode);
  }

  function renew(part, fresh) {
    const drawn = fresh.outerHTML;
    if (latest.get(part) === drawn || isMarked(part)) return;
    latest.set(part, drawn);
    patch(part, fresh);
    part.dispatchEvent(new CustomEvent("jobs:fresh", { bubbles: true }));
  }

  // A part that was not there before, such as the first attempt of a job, comes before what it stands
  // before.
  function insert(fresh) {
    const next = fresh.nextElementSibling && document.getElementById(fresh.nextElementSibling.id);
    if (!next) return;
    next.before(fresh);
    fresh.dispatchEvent(new CustomEvent("jobs:fresh", { bubbles: true }));
  }

  async function refresh() {
    const answer = await fetch(location.href, { headers: { "x-jobs-refresh": "1" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      if (!page.getElementById(part.id)) part.remove();
    }
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const part = document.getElementById(fresh.id);
      if (part) renew(part, fresh);
      else insert(fresh);
    }
  }

  async function turn() {
    timer = 0;
    if (document.hidden) return;
    try {
      await refresh();
      if (wait !== EVERY) say(document.body.dataset.back, false);
      wait = EVERY;
    } catch {
      say(document.body.dataset.lost, true);
      wait = Math.min(wait * 2, SLOWEST);
    }
    next();
  }

  function next() {
    if (!timer && !document.hidden) timer = setTimeout(turn, wait);
  }

  function say(text, stays) {
    connection.textContent = text;
    connection.hidden = false;
    if (!stays) setTimeout(() => { if (wait === EVERY) connection.hidden = true; }, 3000);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wait = EVERY;
    clearTimeout(timer);
    timer = 0;
    turn();
  });

  if (document.querySelector("[data-live]")) next();
})();
