/* Looks at a page as one who has no mouse does. Read by keyboard_browser_test.go; no page loads it. */
window.keys = (function () {
  "use strict";
  const still = new CSSStyleSheet();
  still.replaceSync("*,*::before,*::after{transition:none!important;animation:none!important;scroll-behavior:auto!important}");
  document.adoptedStyleSheets = [still];

  const native = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]";
  const shown = e => e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && e.getClientRects().length > 0;
  const name = e => e.outerHTML.replace(/\s+/g, " ").slice(0, 140);

  function scroller(e) { // Chromium gives these the focus when nothing in them takes it
    const s = getComputedStyle(e);
    return /auto|scroll/.test(s.overflowX + s.overflowY) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
  }

  /* What Tab stops at, in the order of the page. */
  function stops() {
    const groups = new Set();
    return Array.from(document.querySelectorAll(native)).filter(function (e) {
      if (e.tabIndex < 0 || e.disabled || !shown(e)) return false;
      if (e.type !== "radio") return true;
      const group = (e.form ? Array.from(document.forms).indexOf(e.form) : "") + e.name; // a group of radio buttons is one stop
      const chosen = Array.from((e.form || document).querySelectorAll("input[type=radio]")).filter(r => r.name === e.name && r.checked);
      if (chosen.length ? chosen[0] !== e : groups.has(group)) return false;
      groups.add(group);
      return true;
    });
  }

  /* All that can show that something has the focus: itself, the label beside a box that is drawn there, and shapes of a drawing. */
  function marks(e) {
    const list = [[e, null], [e, "::before"], [e, "::after"]];
    const beside = e.matches("input[type=radio],input[type=checkbox]") && e.nextElementSibling;
    if (beside) list.push([beside, null], [beside, "::before"], [beside, "::after"]);
    e.querySelectorAll("rect,path").forEach(s => list.push([s, null]));
    return list.map(function ([el, pseudo]) {
      const s = getComputedStyle(el, pseudo);
      return [s.outlineStyle === "none" || s.outlineWidth === "0px" ? "" : s.outlineStyle + s.outlineWidth + s.outlineColor, s.boxShadow === "none" ? "" : s.boxShadow,
        el instanceof SVGElement ? s.stroke + s.strokeWidth : ""].join("|");
    });
  }

  /* Something of it must be on top where it stands. */
  function covered(e) {
    const label = e.id && document.querySelector("label[for='" + CSS.escape(e.id) + "']");
    for (const box of e.getClientRects()) {
      for (const [x, y] of [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]]) {
        const px = box.left + box.width * x, py = box.top + box.height * y;
        if (px < 0 || py < 0 || px >= innerWidth || py >= innerHeight) continue;
        const top = document.elementFromPoint(px, py);
        if (top && (e.contains(top) || label && label.contains(top) || (e.closest("label") || e).contains(top))) return "";
      }
    }
    const box = e.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return "is hidden behind " + (top ? name(top) : "the edge of the window") + ": " + name(e);
  }

  function seen(e, before) {
    const now = marks(e);
    const list = [];
    if (!now.some((m, i) => m !== before[i] && m !== "||")) list.push("has the focus and does not show it: " + name(e));
    const hidden = covered(e);
    if (hidden) list.push(hidden);
    return list;
  }

  /* After Tab was pressed once from the top. */
  function faults() {
    const list = [], first = document.activeElement;
    const wrong = document.querySelector("[autofocus]"); // there one begins at what was wrong
    if (wrong ? !wrong.contains(first) : !first.matches("a.skipnav[href='#main']")) list.push("the first stop is not the way past the menu: " + name(first));
    else list.push(...seen(first, ["||", "||", "||"]));
    if (document.getElementById("main") === null || !document.querySelector("a.skipnav[href='#main']")) list.push("there is no way past the menu");
    document.querySelectorAll("[tabindex]").forEach(function (e) { if (e.tabIndex > 0) list.push("has an order of its own: " + name(e)); });
    document.querySelectorAll("[onclick],[role=button],[role=link],[role=checkbox],[role=tab],[role=menuitem]").forEach(function (e) {
      if (!e.matches("button,a[href],input,summary")) list.push("acts as a control and is none: " + name(e));
    });
    document.querySelectorAll("body *").forEach(function (e) {
      if (getComputedStyle(e).cursor === "pointer" && shown(e) && !e.closest("a[href],button,label,select,input,summary,.chart-canvas")) list.push("looks pressable and takes no key: " + name(e));
    });
    document.querySelectorAll("main *").forEach(function (e) {
      if (shown(e) && scroller(e) && !e.matches(native) && !e.querySelector(native)) list.push("is scrolled by mouse only: " + name(e));
    });
    document.activeElement.blur();
    const all = stops(), before = all.map(marks);
    all.forEach(function (e, i) {
      e.focus();
      if (document.activeElement !== e) return list.push("does not take the focus: " + name(e));
      list.push(...seen(e, before[i]));
    });
    return list.slice(0, 12);
  }

  let walk = null;
  /* Before Tab is pressed as many times as this says. */
  function watch() {
    const all = stops();
    walk = { all: all, before: all.map(marks), list: [], next: 0 };
    document.addEventListener("focusin", function (event) {
      const e = event.target, at = walk.all.indexOf(e);
      if (at < 0 && scroller(e)) return;
      if (at !== walk.next) walk.list.push("stop " + (walk.next + 1) + " should be " + (walk.all[walk.next] ? name(walk.all[walk.next]) : "the end") + " and is " + name(e));
      if (at >= 0) walk.list.push(...seen(e, walk.before[at]));
      walk.next = at < 0 ? walk.next : at + 1;
    });
    return all.length;
  }

  function walked() {
    const list = walk.list.slice(0, 8);
    if (walk.next !== walk.all.length) list.push("Tab ended at stop " + walk.next + " of " + walk.all.length);
    return list;
  }

  return { faults, watch, walked };
})();
