// Explore: the chosen indicator's figures come as a script, for nothing else loads from a file share.
"use strict";
(function () {
  const index = window.evidenceIndex, held = {}, $ = id => document.getElementById(id);
  const form = document.querySelector(".choose");
  form.hidden = false;
  const pick = { indicator: $("indicator"), kind: $("kind"), period: $("period") };

  window.evidence = (id, told) => { held[id] = told; show(); };
  function load(id) {
    if (held[id]) return show();
    const script = document.createElement("script");
    script.src = "data/indicator-" + id + ".js";
    script.onerror = () => { $("told").textContent = "The figures of this indicator could not be read: data/indicator-" + id + ".js is missing."; };
    document.head.append(script);
  }
  const number = v => {
    const size = Math.abs(v), digits = size >= 1000 || Number.isInteger(v) ? 0 : size >= 100 ? 1 : 2;
    if (size < 0.1 && !Number.isInteger(v)) return String(Number(v.toPrecision(3)));
    return v.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  function cell(told, area, period, column, value) {
    const td = document.createElement("td");
    td.className = "num";
    const span = document.createElement("span");
    if (value === null || value === undefined) { span.className = "no"; span.textContent = column === "value" ? (told.markers[area.code + "|" + period] || "[x]") : "–"; }
    else {
      span.dataset.cell = [pick.indicator.value, area.kind, area.code, period, column].join("|");
      span.textContent = (told.unit === "£" ? "£" : "") + number(value);
      td.dataset.value = value;
    }
    td.append(span);
    const marker = column === "value" && span.dataset.cell && told.markers[area.code + "|" + period];
    if (marker) { const mark = document.createElement("span"); mark.className = "no"; mark.textContent = " " + marker; td.append(mark); }
    return td;
  }
  function show() {
    const told = held[pick.indicator.value], kind = pick.kind.value, here = told && told.kinds[kind];
    $("crimes").hidden = !(told && told.crimes);
    $("shown").hidden = !here || told.crimes;
    if (!told || told.crimes) { $("told").textContent = ""; pick.period.replaceChildren(); return; }
    if (!here) { $("told").textContent = "There is no figure of this indicator for this kind of locality."; pick.period.replaceChildren(); return; }
    const before = pick.period.value;
    pick.period.replaceChildren(...here.periods.map((p, n) => new Option(here.said[n], p)).reverse());
    pick.period.value = here.periods.includes(before) ? before : here.newest;
    draw(told, kind, here, here.periods.indexOf(pick.period.value));
    history.replaceState(null, "", "#" + [pick.indicator.value, kind, pick.period.value].map(encodeURIComponent).join("/"));
  }
  function draw(told, kind, here, n) {
    const period = here.periods[n], areas = index.areas.filter(a => a.kind === kind);
    const of = (column, a) => (here[column][a.code] || [])[n];
    const known = areas.filter(a => typeof of("value", a) === "number").sort((a, b) => of("value", b) - of("value", a));
    const rest = areas.filter(a => !known.includes(a));
    const limits = here.limits[n];
    $("maptitle").textContent = $("tabletitle").textContent = told.label + ", " + here.said[n] + " (" + told.unit + ")";
    $("told").textContent = known.length ? "Shown: " + told.label + ", " + here.said[n] + ". " + known.length + " of " + areas.length + " have a figure." : "No locality of this kind has a figure in this period.";
    $("figure").hidden = told.count; // a map of counts is a map of size
    for (const head of document.querySelectorAll("th[aria-sort]")) head.removeAttribute("aria-sort");
    for (const group of document.querySelectorAll("#map g[data-kind]")) group.style.display = group.dataset.kind === kind ? "" : "none";
    for (const path of document.querySelectorAll("#map g[data-kind='" + kind + "'] path")) {
      const v = (here.value[path.dataset.code] || [])[n];
      path.setAttribute("class", typeof v === "number" ? "c" + shade(v, limits) : "n");
      path.style.fill = typeof v === "number" ? "" : "url(#hatch)";
    }
    const groups = new Map();
    for (const a of known.slice().reverse()) { const s = shade(of("value", a), limits); groups.set(s, [...(groups.get(s) || []), a]); }
    const said = (a) => { const s = document.createElement("span"); s.dataset.cell = [pick.indicator.value, kind, a.code, period, "value"].join("|"); s.textContent = (told.unit === "£" ? "£" : "") + number(of("value", a)); return s; };
    $("legend").replaceChildren(...[...groups].map(([s, ones]) => {
      const li = document.createElement("li"), box = document.createElement("span");
      box.className = "box c" + s;
      li.append(box, said(ones[0]));
      if (ones.length > 1) li.append(" to ", said(ones[ones.length - 1]));
      return li;
    }), ...(rest.length ? [Object.assign(document.createElement("li"), { innerHTML: '<span class="box none"></span>No figure is shown' })] : []));
    $("rows").replaceChildren(...[...known, ...rest].map(a => {
      const tr = document.createElement("tr"), th = document.createElement("th"), link = document.createElement("a");
      th.scope = "row"; link.href = "locality-" + a.slug + ".html"; link.textContent = a.name; th.append(link);
      tr.append(th, cell(told, a, period, "value", of("value", a)), cell(told, a, period, "lower_ci", of("lower", a)), cell(told, a, period, "upper_ci", of("upper", a)), cell(told, a, period, "comparator_value", told.count ? null : of("whole", a)));
      return tr;
    }));
  }
  function shade(v, limits) { // the same classes as on every other map
    return [[1], [1, 3], [0, 2, 4], [0, 1, 3, 4], [0, 1, 2, 3, 4]][limits.length][limits.filter(l => l <= v).length];
  }
  let asked = "";
  try { asked = decodeURIComponent(location.hash.slice(1)); } catch { /* no address of ours */ }
  const [indicator, kind, period] = asked.split("/");
  if (indicator && [...pick.indicator.options].some(o => o.value === indicator)) pick.indicator.value = indicator;
  else if (index.first) pick.indicator.value = index.first;
  if (kind && [...pick.kind.options].some(o => o.value === kind)) pick.kind.value = kind;
  if (period) pick.period.replaceChildren(new Option(period, period));
  pick.indicator.addEventListener("change", () => load(pick.indicator.value));
  pick.kind.addEventListener("change", show);
  pick.period.addEventListener("change", show);
  form.addEventListener("submit", event => event.preventDefault());
  load(pick.indicator.value);
})();
