// Draws the charts of the overview. What they show stands in a table as well.
"use strict";

(() => {
  const charts = new Map();

  // Colours of the style sheet, as the theme has them now.
  function colour(name) {
    const probe = document.createElement("i");
    probe.className = name;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  function seriesOf(chart) {
    return JSON.parse(document.getElementById(chart.dataset.seriesOf).dataset.series);
  }

  function draw(chart) {
    const data = seriesOf(chart);
    const known = charts.get(chart);
    if (known) {
      known.setData(data);
      return;
    }
    const [time, succeeded, failed] = chart.dataset.names.split("|");
    const axis = { stroke: colour("probe-muted"), grid: { stroke: colour("probe-line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const line = (label, name) => ({
      label,
      stroke: colour(name),
      width: 1.5,
      points: { show: false },
      value: (_, value) => (value == null ? "–" : value.toLocaleString(document.documentElement.lang)),
    });
    const locale = document.documentElement.lang;
    const clock = new Intl.DateTimeFormat(locale, chart.dataset.chart === "live" ? { timeStyle: "medium" } : { dateStyle: "short", timeStyle: "short" });
    const short = new Intl.DateTimeFormat(locale, chart.dataset.chart === "live" ? { timeStyle: "medium" } : { hour: "2-digit", minute: "2-digit" });
    const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
    const spread = (times) => times[times.length - 1] - times[0] > 172800;
    const options = {
      width: chart.clientWidth - 26,
      height: 190,
      cursor: { y: false },
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 4)] } },
      axes: [
        { ...axis, space: 80, size: 28, values: (_, times) => times.map((at) => (spread(data[0]) ? day : short).format(at * 1000)) },
        { ...axis, size: 54, values: (_, counts) => counts.map((count) => (Number.isInteger(count) ? count.toLocaleString(locale) : "")) },
      ],
      series: [{ label: time, value: (_, at) => (at == null ? "–" : clock.format(at * 1000)) }, line(succeeded, "state-succeeded probe"), line(failed, "state-failed probe")],
    };
    const plot = new uPlot(options, data, chart);
    charts.set(chart, plot);
    new ResizeObserver(() => plot.setSize({ width: chart.clientWidth - 26, height: 190 })).observe(chart);
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  function redraw() {
    charts.forEach((plot) => plot.destroy());
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
