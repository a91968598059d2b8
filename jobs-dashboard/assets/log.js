// Adds to the log of a job what it writes while its page is looked at: only the lines behind the
// last one are asked for.
"use strict";

(() => {
  const EVERY = 1000;
  const SLOWEST = 30000;
  const log = document.getElementById("log-lines");
  const empty = document.getElementById("log-empty");
  let wait = EVERY;
  let timer = 0;

  async function more() {
    const after = log.lastElementChild ? log.lastElementChild.dataset.key : "0";
    const answer = await fetch(`${log.dataset.lines}?after=${after}`, { headers: { "x-jobs-refresh": "1" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const lines = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("li");
    if (!lines.length) return;
    const atEnd = log.hidden || log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    log.append(...lines);
    log.hidden = false;
    empty.hidden = true;
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  async function turn() {
    timer = 0;
    try {
      await more();
      wait = EVERY;
    } catch {
      // That the server does not answer is said by the refresh of the page.
      wait = Math.min(wait * 2, SLOWEST);
    }
    next();
  }

  function next() {
    if (!timer && !document.hidden) timer = setTimeout(turn, wait);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    timer = 0;
    wait = EVERY;
    if (!document.hidden) turn();
  });

  log.scrollTop = log.scrollHeight;
  next();
})();
