/* Ours. Every page works without it; it makes what is there nicer. The content security policy forbids inline script and
   style attributes in the page; sizes are set from here. htmx may swap parts of a page, so everything can be started again. */
(function () {
  "use strict";

  function start(root) {
    root.querySelectorAll("figure.chart").forEach(drawChart);
    root.querySelectorAll("figure.map").forEach(arrowKeys);
    root.querySelectorAll("form[data-upload]").forEach(upload);
    root.querySelectorAll("table[data-sortable]").forEach(sortable);
  }

  /* ---- Charts: figure.chart with a script.chart-data of {kind, unit, option}. Texts stand ready-made in the data. */

  function danish(value, unit) {
    const scaled = unit === "percent" ? value * 100 : value;
    const [whole, decimals] = String(Math.round(Math.abs(scaled) * 10) / 10).split(".");
    return (scaled < 0 ? "-" : "") + whole.replace(/\B(?=(\d{3})+$)/g, ".") + (decimals ? "," + decimals : "") + (unit === "percent" ? " %" : "");
  }

  function drawChart(figure) {
    const canvas = figure.querySelector(".chart-canvas");
    const data = figure.querySelector("script.chart-data");
    if (!window.echarts || !canvas || !data || figure.classList.contains("chart-drawn")) return;
    const chart = JSON.parse(data.textContent);
    const least = { bars: 480, grid: 480, parts: 640 }[chart.kind] || 0;
    if (figure.clientWidth < least) return; // the plain one has whole names and longer bars
    const option = chart.option;
    const height = Number(canvas.dataset.height) || 320;
    option.animation = false; // figures that grow say nothing more
    option.tooltip.formatter = function (p) { return p.name + "\n" + p.data.text; };
    option.series.forEach(function (series) {
      if (series.label) series.label.formatter = function (p) { return p.data.short === undefined ? p.data.text : p.data.short; };
    });
    [option.xAxis, option.yAxis].forEach(function (axis) {
      if (axis.type === "value") axis.axisLabel.formatter = function (v) { return danish(v, chart.unit); };
    });
    if (option.legend) {
      option.legend.formatter = function (name) {
        const series = option.series.find(function (s) { return s.name === name; });
        return series ? name + " " + series.data[0].text : name;
      };
    }
    figure.classList.add("chart-drawn");
    canvas.style.height = height + "px";
    const drawing = window.echarts.init(canvas, null, { renderer: "svg" });
    fit(option, chart.kind, canvas.clientWidth);
    drawing.setOption(option);
    let width = canvas.clientWidth;
    new ResizeObserver(function () {
      if (!canvas.isConnected) return drawing.dispose();
      if (canvas.clientWidth === width || canvas.clientWidth === 0) return; // print hides it
      width = canvas.clientWidth;
      fit(option, chart.kind, width);
      drawing.setOption(option);
      drawing.resize();
    }).observe(canvas);
  }

  /* Names of bars get at most two fifths of the width, and are broken over lines or cut; the table has them whole. */
  function fit(option, kind, width) {
    if (kind === "bars" || kind === "grid") {
      Object.assign(option.yAxis.axisLabel, { width: Math.min(300, Math.round(width * 0.38)), overflow: "truncate" });
    }
    if (kind === "columns" || kind === "line") {
      const each = width / Math.max(1, option.xAxis.data.length);
      option.xAxis.axisLabel.rotate = each < 64 ? 60 : 0;
      option.xAxis.axisLabel.interval = Math.max(0, Math.ceil(22 / each) - 1);
      option.series[0].label.show = each > 44;
    }
  }

  /* ---- The map: one stop for the tab key; arrow keys go to the nearest municipality that way. */

  function arrowKeys(figure) {
    const own = figure.querySelector(".map-own"), frame = figure.querySelector(".map-scroll");
    if (own && frame && frame.scrollWidth > frame.clientWidth) { // a phone shows a part of the map: the own part
      const at = own.getBoundingClientRect(), seen = frame.getBoundingClientRect();
      frame.scrollLeft += at.left + at.width / 2 - seen.left - seen.width / 2;
    }
    const links = Array.from(figure.querySelectorAll(".map-area a"));
    if (links.length === 0 || figure.dataset.started) return;
    figure.dataset.started = "yes";
    const places = links.map(function (a) { return { x: Number(a.dataset.x), y: Number(a.dataset.y) }; });
    let current = Math.max(0, links.findIndex(function (a) { return a.parentNode.classList.contains("map-own"); }));
    links.forEach(function (a, i) { a.setAttribute("tabindex", i === current ? "0" : "-1"); });
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    figure.addEventListener("keydown", function (event) {
      const way = ways[event.key], from = links.indexOf(document.activeElement);
      if (!way || from < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
      let best = -1, least = Infinity;
      places.forEach(function (p, i) {
        const x = p.x - places[from].x, y = p.y - places[from].y;
        const along = x * way[0] + y * way[1], aside = Math.abs(x * way[1]) + Math.abs(y * way[0]);
        const far = along + 2 * aside;
        if (along > 0 && along >= aside && far < least) { best = i; least = far; }
      });
      event.preventDefault();
      if (best >= 0) links[best].focus();
    });
    figure.addEventListener("focusin", function (event) {
      const i = links.indexOf(event.target);
      if (i < 0) return;
      links[current].setAttribute("tabindex", "-1");
      links[current = i].setAttribute("tabindex", "0");
    });
  }

  /* ---- Uploads: form[data-upload] with [data-drop], input[type=file], .upload-progress. The server answers as it does
          without script: with a page that we go to, or with one that says what is wrong. */

  function upload(form) {
    if (form.dataset.started) return;
    form.dataset.started = "yes";
    const input = form.querySelector("input[type=file]");
    const zone = form.querySelector("[data-drop]");
    const progress = form.querySelector(".upload-progress");
    const button = form.querySelector("button[type=submit]");
    const status = document.createElement("p");
    status.className = "upload-status";
    status.setAttribute("role", "status");
    form.append(status);
    const chosen = document.createElement("ul");
    chosen.className = "upload-files";
    input.after(chosen);

    function size(bytes) { return danish(bytes / 1e6 < 0.1 ? 0.1 : bytes / 1e6) + " MB"; }
    function list() {
      chosen.replaceChildren(...Array.from(input.files).map(function (file) {
        const line = document.createElement("li");
        line.textContent = file.name + " (" + size(file.size) + ")";
        return line;
      }));
    }
    input.addEventListener("change", list);
    list();

    if (zone) {
      zone.classList.add("drop-ready");
      let inside = 0;
      zone.addEventListener("dragenter", function (event) { event.preventDefault(); inside++; zone.classList.add("dropping"); });
      zone.addEventListener("dragover", function (event) { event.preventDefault(); });
      zone.addEventListener("dragleave", function () { if (--inside <= 0) { inside = 0; zone.classList.remove("dropping"); } });
      zone.addEventListener("drop", function (event) {
        event.preventDefault();
        inside = 0;
        zone.classList.remove("dropping");
        if (event.dataTransfer.files.length === 0) return;
        input.files = event.dataTransfer.files;
        list();
        status.textContent = input.files.length === 1 ? "1 fil er valgt." : input.files.length + " filer er valgt.";
      });
    }

    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const request = new XMLHttpRequest();
      const total = Array.from(input.files).reduce(function (sum, file) { return sum + file.size; }, 0);
      let said = -1;
      request.open("POST", form.action);
      request.setRequestHeader("Komhen-Script", "upload"); // what is said once is kept for the page we go to
      request.upload.addEventListener("progress", function (sent) {
        if (!sent.lengthComputable) return;
        const percent = Math.floor(100 * sent.loaded / sent.total);
        if (progress) progress.value = percent;
        if (percent >= said + 10 || percent === 100) { // a screen reader should not hear every percent
          said = percent;
          status.textContent = percent < 100 ? percent + " % af " + size(total) + " er sendt." : "Alt er sendt. Vi tjekker filen.";
        }
      });
      request.addEventListener("load", function () {
        if (request.status < 400 && request.responseURL && request.responseURL !== form.action) return window.location.assign(request.responseURL);
        if (request.status < 400) return window.location.reload();
        again();
        show(request.responseText);
      });
      request.addEventListener("error", function () {
        again();
        status.textContent = "Forbindelsen blev afbrudt, og intet er indlæst. Prøv igen.";
      });
      if (progress) { progress.hidden = false; progress.value = 0; }
      button.disabled = true;
      status.textContent = "Vi sender " + (input.files.length === 1 ? "filen." : input.files.length + " filer.");
      request.send(new FormData(form));
      function again() {
        button.disabled = false;
        if (progress) progress.hidden = true;
        status.textContent = "";
      }
    });
  }

  /* Puts the main part of a page that says what is wrong where ours is. */
  function show(html) {
    const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    if (!main) return;
    document.querySelector("main").replaceWith(main);
    start(main);
    if (window.htmx) window.htmx.process(main);
    main.focus();
    window.scrollTo(0, 0);
  }

  /* ---- Tables: table[data-sortable] is sorted by its headers. A cell's data-value goes before its text. tfoot stays. */

  function sortable(table) {
    if (table.dataset.started) return;
    table.dataset.started = "yes";
    const body = table.tBodies[0];
    if (!body || body.rows.length < 3) return;
    table.addEventListener("focusin", function (event) { // the browser is content with a sliver of it
      event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    const heads = Array.from(table.tHead ? table.tHead.rows[table.tHead.rows.length - 1].cells : []);
    heads.forEach(function (head, column) {
      if (head.dataset.sort === "none" || head.colSpan > 1 || !head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort-button";
      button.append(...head.childNodes);
      head.append(button);
      head.classList.add("sort-head");
      button.addEventListener("click", function () {
        const numeric = head.dataset.sort === "number" || head.classList.contains("numeric");
        const before = head.getAttribute("aria-sort");
        const down = before === null ? numeric : before === "ascending"; // figures: largest first
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = Array.from(body.rows).map(function (row) { return { row: row, value: valueOf(row.cells[column]) }; });
        rows.sort(function (a, b) {
          if (a.value === null || b.value === null) return (a.value === null) - (b.value === null); // missing last
          const order = typeof a.value === "number" && typeof b.value === "number" ? a.value - b.value : String(a.value).localeCompare(String(b.value), "da");
          return down ? -order : order;
        });
        body.append(...rows.map(function (r) { return r.row; }));
      });
    });
  }

  /* What a cell is sorted by: 1.234,5 and 12-03-2013 16:05 as people write them here. */
  function valueOf(cell) {
    if (!cell) return null;
    const text = (cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent).trim();
    if (text === "" || text === "–" || text === "-") return null;
    if (cell.dataset.value !== undefined && !isNaN(Number(text))) return Number(text);
    const day = /^(\d{2})-(\d{2})-(\d{4})(?: (\d{2}):(\d{2}))?/.exec(text);
    if (day) return Number(day[3] + day[2] + day[1] + (day[4] || "00") + (day[5] || "00"));
    if (/^[+-]?[\d.]+(,\d+)?( ?%)?\*?$/.test(text)) return Number(text.replace(/[.%*\s]/g, "").replace(",", "."));
    return text;
  }

  document.addEventListener("DOMContentLoaded", function () { start(document); });
  document.addEventListener("htmx:load", function (event) { if (event.target !== document.body) start(event.target); });
})();
