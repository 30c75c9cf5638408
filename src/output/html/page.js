// Filters, and the way from a node of the picture to its evidence. The page is complete without this.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const nodes = new Map(all(".node").map((node) => [node.dataset.node, node]));
  const edges = all(".edge");
  const find = document.getElementById("find");
  const service = document.getElementById("service");

  // Items that the filters leave, and with them the nodes that lead to a path that is left, or away from one.
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const marks = new Set(all(".mark:checked").map((box) => box.value));
    const left = new Set();
    for (const item of all(".item")) {
      const text = item.textContent.toLowerCase();
      const fits = marks.has(item.dataset.mark) && (!service.value || item.dataset.service === service.value) &&
        words.every((word) => text.includes(word));
      item.classList.toggle("hidden", !fits);
      if (fits) left.add(item.id);
    }
    const shown = new Set();
    for (const [key, node] of nodes) {
      if (node.dataset.id && left.has(node.dataset.id)) for (const each of reach(key)) shown.add(each);
    }
    for (const [key, node] of nodes) node.classList.toggle("hidden", !shown.has(key));
    for (const edge of edges) {
      edge.classList.toggle("hidden", !shown.has(edge.dataset.from) || !shown.has(edge.dataset.to));
    }
  };

  // Everything before and behind a node; other paths are no way through.
  const reach = (start) => {
    const found = new Set([start]);
    for (const [near, far] of [["from", "to"], ["to", "from"]]) {
      const open = [start];
      const seen = new Set(open);
      while (open.length) {
        const at = open.pop();
        for (const edge of edges) {
          const next = edge.dataset[far];
          if (edge.dataset[near] !== at || seen.has(next) || nodes.get(next).dataset.id) continue;
          seen.add(next);
          found.add(next);
          open.push(next);
        }
      }
    }
    return found;
  };

  const choose = (node) => {
    const isChosen = node && !node.classList.contains("chosen");
    const near = isChosen ? reach(node.dataset.node) : null;
    // From anything but a path, the paths beside it belong to the picture.
    if (near && !node.dataset.id) {
      for (const edge of edges) {
        for (const [one, other] of [[edge.dataset.from, edge.dataset.to], [edge.dataset.to, edge.dataset.from]]) {
          if (near.has(one) && nodes.get(other).dataset.id) near.add(other);
        }
      }
    }
    for (const [key, each] of nodes) {
      each.classList.toggle("chosen", isChosen && each === node);
      each.classList.toggle("faded", Boolean(near) && !near.has(key));
    }
    for (const edge of edges) {
      edge.classList.toggle("faded", Boolean(near) && !(near.has(edge.dataset.from) && near.has(edge.dataset.to)));
    }
    const item = isChosen && node.dataset.id && document.getElementById(node.dataset.id);
    if (item) {
      item.open = true;
      item.scrollIntoView({ block: "nearest" });
    }
  };

  for (const node of nodes.values()) {
    node.addEventListener("click", () => choose(node));
    node.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(node); });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(null); });
  document.getElementById("filters").addEventListener("input", filter);
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());

  // `report.html#find=chat` opens the page with a filter.
  const asked = new URLSearchParams(location.hash.slice(1)).get("find");
  if (asked) {
    find.value = asked;
    filter();
  }
  document.documentElement.dataset.ready = "yes";
})();
