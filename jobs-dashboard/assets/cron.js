// Says expressions in words, and checks the one that is typed.
"use strict";

(() => {
  const language = document.documentElement.lang;

  function say(place) {
    const words = place.dataset.words || inWords(place.dataset.cron);
    place.textContent = words;
    place.hidden = !words;
  }

  // What neither the server nor the library puts in words stays as it is written.
  function inWords(expression) {
    try {
      return cronstrue.toString(expression, { locale: language, use24HourTimeFormat: true, throwExceptionOnParseError: true });
    } catch {
      return "";
    }
  }

  function sayAll() {
    document.querySelectorAll("[data-cron]").forEach(say);
  }

  sayAll();
  document.addEventListener("jobs:fresh", sayAll);

  const form = document.getElementById("schedule");
  if (!form) return;
  const problem = document.getElementById("problem");
  const list = document.getElementById("fire-list");
  const words = form.querySelector("[data-cron]");
  document.getElementById("check").hidden = true;
  let asked = 0;
  let timer = 0;

  async function check() {
    const turn = ++asked;
    const query = new URLSearchParams({ cron: form.elements.cron.value, tz: form.elements.tz.value });
    const answer = await fetch(`${form.dataset.check}?${query}`, { credentials: "same-origin" });
    if (!answer.ok || turn !== asked) return;
    const { fires = [], problem: wrong = "", words: said } = await answer.json();
    problem.textContent = wrong;
    problem.hidden = !wrong;
    form.elements.cron.setAttribute("aria-invalid", String(Boolean(wrong)));
    list.replaceChildren(...fires.map((fire) => {
      const line = document.createElement("li");
      line.textContent = fire.text;
      return line;
    }));
    words.dataset.cron = form.elements.cron.value;
    words.dataset.words = said || "";
    say(words);
  }

  form.addEventListener("input", (event) => {
    if (!["cron", "tz"].includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(() => {}), 200);
  });
})();
