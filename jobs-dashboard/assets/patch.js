// Makes a part of the page like a newer one. Elements that are in both stay, and with them the focus,
// what is scrolled, selected, unfolded and written into fields.
"use strict";

const patch = (() => {
  // What is not for the server to say: what visitors have unfolded, and what scripts have drawn.
  const kept = (element, name) => name === "open" && element.localName === "details";

  function attributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !kept(old, name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (kept(old, name) || old.getAttribute(name) === value) continue;
      // A box that stands for something else now is not what was chosen.
      if (name === "value" && old.type === "checkbox") old.checked = false;
      old.setAttribute(name, value);
    }
  }

  // Rows have ids; what has none is known by its place.
  function children(old, fresh) {
    const wanted = new Set([...fresh.children].map((child) => child.id));
    const named = new Map();
    for (const child of [...old.children]) {
      if (!child.id) continue;
      if (wanted.has(child.id)) named.set(child.id, child);
      else child.remove();
    }
    let here = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const same = next.id ? named.get(next.id) : here;
      if (!same || same.nodeName !== next.nodeName || same.id !== next.id) {
        old.insertBefore(next, here);
        continue;
      }
      if (same === here) here = here.nextSibling;
      else old.insertBefore(same, here);
      node(same, next);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  function node(old, fresh) {
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE || old.hasAttribute("data-drawn")) return;
    attributes(old, fresh);
    children(old, fresh);
  }

  return node;
})();
