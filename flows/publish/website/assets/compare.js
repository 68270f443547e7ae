// Compare: up to four localities, each one's newest figures from a script of its own.
"use strict";
(function () {
  const index = window.evidenceIndex, held = {}, form = document.querySelector(".choose");
  const picks = [...document.querySelectorAll("select.place")], table = document.getElementById("compared");
  form.hidden = false;
  window.evidence = (slug, told) => { held[slug] = told; show(); };
  function load() {
    const wanted = [...chosen(), index.whole].filter(slug => slug && !held[slug]);
    if (!wanted.length) return show();
    for (const slug of wanted) {
      const script = document.createElement("script");
      script.src = "data/" + slug + ".js";
      script.onerror = () => { document.getElementById("told").textContent = "Figures could not be read: data/" + slug + ".js is missing."; };
      document.head.append(script);
    }
  }
  const chosen = () => [...new Set(picks.map(p => p.value).filter(Boolean))];
  function number(entry, slug, told) {
    const td = document.createElement("td");
    td.className = "num";
    if (!told || told.v === undefined) { td.innerHTML = '<span class="no"></span>'; td.firstChild.textContent = (told && told.m) || "[x]"; return td; }
    const span = (text, column) => { const s = document.createElement("span"); s.dataset.cell = [entry.id, held[slug].kind, held[slug].code, told.p, column].join("|"); s.textContent = text; return s; };
    td.append(span(told.v, "value"));
    if (told.m) { const mark = document.createElement("span"); mark.className = "no"; mark.textContent = " " + told.m; td.append(mark); }
    if (told.l !== undefined) { const small = document.createElement("small"); small.append(span(told.l, "lower_ci"), " to ", span(told.u, "upper_ci")); td.append(small); }
    return td;
  }
  function show() {
    const slugs = chosen().filter(slug => held[slug]), all = index.whole && held[index.whole] && !slugs.includes(index.whole) ? [...slugs, index.whole] : slugs;
    const head = document.createElement("tr"), first = document.createElement("th");
    first.scope = "col"; first.textContent = "Indicator"; head.append(first);
    for (const slug of all) { const th = document.createElement("th"); th.scope = "col"; th.className = "num"; th.textContent = held[slug].name; head.append(th); }
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...index.indicators.filter(e => !e.crimes && all.some(s => held[s].cells[e.id])).map(entry => {
      const tr = document.createElement("tr"), th = document.createElement("th"), link = document.createElement("a"), small = document.createElement("small");
      th.scope = "row"; link.href = "indicator-" + entry.id + ".html"; link.textContent = entry.label;
      small.textContent = entry.unit; th.append(link, small);
      const told = all.map(s => held[s].cells[entry.id]), same = new Set(told.filter(t => t && t.v !== undefined).map(t => t.p)).size === 1;
      const when = (t, slug) => { const s = document.createElement("span"); s.dataset.cell = [entry.id, held[slug].kind, held[slug].code, t.p, "period"].join("|"); s.textContent = t.s; return s; };
      const first = told.findIndex(t => t && t.v !== undefined);
      if (same) small.append(", ", when(told[first], all[first]));
      tr.append(th, ...all.map((slug, n) => {
        const td = number(entry, slug, told[n]);
        if (!same && told[n] && told[n].v !== undefined) { const own = document.createElement("small"); own.append(when(told[n], slug)); td.append(own); }
        return td;
      }));
      return tr;
    }));
    history.replaceState(null, "", "#" + chosen().join("/"));
  }
  const asked = location.hash.slice(1).split("/").filter(slug => index.areas.some(a => a.slug === slug)).slice(0, 4);
  if (asked.length) picks.forEach((pick, n) => { pick.value = asked[n] || ""; });
  for (const pick of picks) pick.addEventListener("change", load);
  form.addEventListener("submit", event => event.preventDefault());
  load();
})();
