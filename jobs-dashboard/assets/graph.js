// Draws the members of a batch and what waits for what. The table below says the same.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 190;
  const HEIGHT = 46;
  const section = document.getElementById("graph");
  const frame = document.getElementById("drawing");
  if (!frame) return;

  function make(name, attributes, text) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function cut(text, length) {
    return text.length > length ? text.slice(0, length - 1) + "…" : text;
  }

  function layOut({ nodes, edges }) {
    const graph = new dagre.graphlib.Graph();
    graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 56, marginx: 16, marginy: 16 });
    graph.setDefaultEdgeLabel(() => ({}));
    const known = new Set(nodes.map((node) => node.id));
    nodes.forEach((node) => graph.setNode(node.id, { width: WIDTH, height: HEIGHT }));
    edges.filter((edge) => known.has(edge.from) && known.has(edge.to))
      .forEach((edge) => graph.setEdge(edge.from, edge.to, { label: edge.label, width: edge.label.length * 6, height: edge.label ? 16 : 0, labelpos: "c" }));
    dagre.layout(graph);
    return graph;
  }

  function drawNode(node, { x, y }) {
    const link = make("a", { href: node.href, class: `node state-${node.state}`, "aria-label": `${node.name}, ${node.label}` });
    const box = make("g", { transform: `translate(${x - WIDTH / 2} ${y - HEIGHT / 2})` });
    box.append(
      make("rect", { width: WIDTH, height: HEIGHT, rx: 6 }),
      make("rect", { class: "stripe", width: 5, height: HEIGHT - 12, x: 6, y: 6 }),
      make("text", { x: 20, y: 19 }, cut(node.name, 23)),
      make("text", { class: "sub", x: 20, y: 36 }, cut(`${node.label} · ${node.sub}`, 28)),
      make("title", {}, `${node.name} – ${node.label}`),
    );
    link.append(box);
    return link;
  }

  function drawEdge({ points, x, y }, label) {
    const path = points.map((point, index) => `${index ? "L" : "M"}${point.x} ${point.y}`).join("");
    const group = make("g", {});
    group.append(make("path", { class: "edge", d: path, "marker-end": "url(#arrow)" }));
    if (label) group.append(make("text", { class: "sub", x, y: y - 4, "text-anchor": "middle" }, label));
    return group;
  }

  function picture() {
    const data = JSON.parse(section.dataset.series);
    if (!data.edges.length) return null;
    const graph = layOut(data);
    const { width, height } = graph.graph();
    const svg = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": section.getAttribute("aria-label") });
    const marker = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" });
    marker.append(make("path", { class: "arrow", d: "M0 0L8 4L0 8z" }));
    const definitions = make("defs", {});
    definitions.append(marker);
    svg.append(definitions);
    graph.edges().forEach((edge) => svg.append(drawEdge(graph.edge(edge), graph.edge(edge).label)));
    data.nodes.forEach((node) => svg.append(drawNode(node, graph.node(node.id))));
    return svg;
  }

  // The same picture with other states keeps the focus.
  function draw() {
    const fresh = picture();
    frame.hidden = !fresh;
    if (!fresh) frame.replaceChildren();
    else if (frame.firstChild) patch(frame.firstChild, fresh);
    else frame.append(fresh);
  }

  draw();
  section.addEventListener("jobs:fresh", draw);
})();
