// What a page can do besides being read: filter a list, sort a table. All of it works from a file share.
"use strict";
(function () {
  const plain = text => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");

  for (const box of document.querySelectorAll(".finder")) {
    box.hidden = false;
    const input = box.querySelector("input"), told = box.querySelector("[role=status]");
    const target = document.getElementById(input.dataset.filter);
    const rows = [...target.querySelectorAll("tbody tr, li")];
    input.addEventListener("input", () => {
      const wanted = plain(input.value.trim());
      let left = 0;
      for (const row of rows) {
        const name = (row.querySelector("th, a") || row).textContent;
        row.hidden = !plain(name).includes(wanted);
        left += !row.hidden;
      }
      for (const group of target.querySelectorAll(".group"))
        group.hidden = ![...group.querySelectorAll("li")].some(li => !li.hidden);
      told.textContent = wanted ? (left ? "Shown: " + left : "None has that in its name.") : "";
    });
  }

  const shown = cell => cell.dataset.value !== undefined ? Number(cell.dataset.value) : null;
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const heads = [...table.tHead.rows[0].cells], live = document.createElement("p");
    live.className = "aside-live";
    live.setAttribute("role", "status");
    live.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
    table.closest(".scroll").after(live);
    heads.forEach((head, n) => {
      if (head.querySelector("a")) { // a heading that leads somewhere gets its button beside it
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-label", "Sort by " + head.querySelector("a").textContent);
        button.addEventListener("click", () => sort(n, head));
        head.append(" ", button);
        return;
      }
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(n, head));
      head.append(button);
    });
    function sort(n, head) {
      const up = head.getAttribute("aria-sort") === "descending" || (n === 0 && !head.hasAttribute("aria-sort"));
      heads.forEach(one => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const body = table.tBodies[0], rows = [...body.rows];
      const numbers = head.classList.contains("num");
      rows.sort((a, b) => {
        const one = numbers ? shown(a.cells[n]) : a.cells[n].textContent.trim();
        const two = numbers ? shown(b.cells[n]) : b.cells[n].textContent.trim();
        if (numbers && (one === null || two === null)) return (one === null) - (two === null); // what is missing comes last
        const order = numbers ? one - two : one.localeCompare(two, "en", { numeric: true });
        return up ? order : -order;
      });
      body.append(...rows);
      live.textContent = "Sorted by " + head.textContent.replace(/[↕↑↓]/g, "").trim() + (up ? ", lowest first" : ", highest first");
    }
  }
  for (const hint of document.querySelectorAll(".js")) hint.hidden = false;
})();
