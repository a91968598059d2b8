// What pages do by themselves: parts marked `data-live` are fetched again while the page is looked
// at, times grow older, and all rows can be chosen at once. Everything works without this as well.
"use strict";

(() => {
  const EVERY = 2000;
  const SLOWEST = 30000;
  const connection = document.getElementById("connection");
  // What each part was last replaced by: scripts may have changed it since.
  const latest = new WeakMap();
  let wait = EVERY;
  let timer = 0;

  // Parts that somebody is busy with are left alone until the next time.
  function isBusy(part) {
    const focus = document.activeElement;
    const typing = focus && part.contains(focus) && focus.matches("input:not([type=checkbox]), textarea, select");
    const open = part.querySelector("details.menu[open]");
    const selecting = !getSelection().isCollapsed && part.contains(getSelection().anchorNode);
    return Boolean(typing || open || selecting);
  }

  function replace(part, fresh) {
    const drawn = fresh.outerHTML;
    if (latest.get(part) === drawn || isBusy(part)) return;
    latest.set(part, drawn);
    const open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
    const chosen = new Set([...part.querySelectorAll("[data-choose]:checked")].map((box) => box.value));
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const place = focused && where(part, focused);
    const scrolled = [...part.querySelectorAll(".log")].map((log) => [log.scrollTop, log.scrollTop + log.clientHeight >= log.scrollHeight - 4]);
    part.replaceChildren(...fresh.childNodes);
    for (const name of ["data-series", "aria-label"]) {
      if (fresh.hasAttribute(name)) part.setAttribute(name, fresh.getAttribute(name));
    }
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    part.querySelectorAll("[data-choose]").forEach((box) => { box.checked = chosen.has(box.value); });
    part.querySelectorAll(".log").forEach((log, index) => {
      const [top, atEnd] = scrolled[index] || [0, true];
      log.scrollTop = atEnd ? log.scrollHeight : top;
    });
    if (place) (part.querySelector(place) || part).focus({ preventScroll: true });
    prepare(part);
    part.dispatchEvent(new CustomEvent("jobs:fresh", { bubbles: true }));
  }

  // A part that was not there before, such as the first attempt of a job, comes before what it stands
  // before.
  function insert(fresh) {
    const next = fresh.nextElementSibling && document.getElementById(fresh.nextElementSibling.id);
    if (!next) return;
    next.before(fresh);
    prepare(fresh);
  }

  // A selector by which the focused element is found again in what replaces it.
  function where(part, element) {
    if (element.id) return "#" + CSS.escape(element.id);
    for (const name of ["href", "value"]) {
      const value = element.getAttribute(name);
      if (value) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
    }
    return element.localName;
  }

  async function refresh() {
    const answer = await fetch(location.href, { headers: { "x-jobs-refresh": "1" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const part = document.getElementById(fresh.id);
      if (part) replace(part, fresh);
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

  // Boxes that choose all rows; without scripts there are none.
  function prepare(root) {
    root.querySelectorAll("[data-choose-all], [data-choose-all-label]").forEach((part) => { part.hidden = false; });
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose-all]")) return;
    document.querySelectorAll("[data-choose]").forEach((box) => { box.checked = event.target.checked; });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wait = EVERY;
    clearTimeout(timer);
    timer = 0;
    turn();
  });

  prepare(document);
  document.querySelectorAll(".log").forEach((log) => { log.scrollTop = log.scrollHeight; });
  if (document.querySelector("[data-live]")) next();
})();
