// Draws the charts of the overview. What they show stands in a table as well.
"use strict";

(() => {
  const HEIGHT = 190;
  const TWO_DAYS = 172800;
  const language = document.documentElement.lang;
  const charts = new Map();

  // A colour of the style sheet, as the theme has it now.
  function colour(value) {
    const probe = document.createElement("i");
    probe.style.color = value;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  // Times are those of the pages: UTC, with 24 hours.
  function clock(options) {
    const format = new Intl.DateTimeFormat(language, { timeZone: "UTC", hourCycle: "h23", ...options });
    return (at) => format.format(at * 1000);
  }

  const minutes = { hour: "2-digit", minute: "2-digit" };
  const day = clock({ day: "numeric", month: "short" });
  const clocks = {
    live: { axis: clock({ ...minutes, second: "2-digit" }), exact: clock({ ...minutes, second: "2-digit" }) },
    past: { axis: clock(minutes), exact: clock({ day: "numeric", month: "short", ...minutes }) },
  };

  function number(count) {
    return count.toLocaleString(language);
  }

  function seriesOf(chart) {
    return JSON.parse(document.getElementById(chart.dataset.seriesOf).dataset.series);
  }

  // What stands where one points, in the corner.
  function readout(chart, names, times) {
    const place = document.createElement("p");
    place.className = "readout";
    place.hidden = true;
    chart.append(place);
    return (plot) => {
      const { idx } = plot.cursor;
      place.hidden = idx == null;
      if (place.hidden) return;
      const [at, ...counts] = plot.data.map((values) => values[idx]);
      const parts = counts.map((count, index) => {
        const part = document.createElement("span");
        part.className = `state ${names[index].state}`;
        part.textContent = `${names[index].label} ${number(count)}`;
        return part;
      });
      const time = document.createElement("span");
      time.textContent = `${times.exact(at)} UTC`;
      place.replaceChildren(time, ...parts);
    };
  }

  function draw(chart) {
    const data = seriesOf(chart);
    const known = charts.get(chart);
    if (known) {
      known.setData(data);
      return;
    }
    const [succeeded, failed] = chart.dataset.names.split("|");
    const times = clocks[chart.dataset.chart];
    const names = [{ label: succeeded, state: "state-succeeded" }, { label: failed, state: "state-failed" }];
    const line = (name) => ({
      stroke: colour(`var(--${name})`),
      fill: colour(`color-mix(in srgb, var(--${name}) 10%, transparent)`),
      width: 1.5,
      points: { show: false },
    });
    const axis = { stroke: colour("var(--muted)"), ticks: { show: false }, font: `11px ${getComputedStyle(chart).fontFamily}` };
    const plot = new uPlot({
      width: chart.clientWidth,
      height: HEIGHT,
      padding: [18, 28, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 4)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 72, size: 24, values: (_, ticks) => ticks.map(data[0].at(-1) - data[0][0] > TWO_DAYS ? day : times.axis) },
        { ...axis, grid: { stroke: colour("var(--line)"), width: 1 }, space: 40, size: 44, values: (_, counts) => counts.map((count) => (Number.isInteger(count) ? number(count) : "")) },
      ],
      series: [{}, line("succeeded"), line("failed")],
      hooks: { setCursor: [readout(chart, names, times)] },
    }, data, chart);
    charts.set(chart, plot);
    new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: HEIGHT })).observe(chart);
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  function redraw() {
    charts.forEach((plot, chart) => {
      plot.destroy();
      chart.replaceChildren();
    });
    charts.clear();
    drawAll();
  }

  drawAll();
  document.addEventListener("jobs:fresh", (event) => {
    document.querySelectorAll("[data-chart]").forEach((chart) => {
      if (chart.dataset.seriesOf === event.target.id) draw(chart);
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
})();
