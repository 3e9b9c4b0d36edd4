
"use strict";
(() => {
  const svg = document.querySelector("#stage > svg");
  const details = document.getElementById("details");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const whole = svg.getAttribute("viewBox").split(" ").map(Number);
  let view = whole.slice();

  const show = (box) => {
    view = box;
    svg.setAttribute("viewBox", box.join(" "));
  };
  const unitsPerPixel = () => {
    const area = svg.getBoundingClientRect();
    return Math.max(view[2] / area.width, view[3] / area.height);
  };
  const pointAt = (event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [place.x, place.y];
  };
  const zoom = (factor, about) => {
    const wide = view[2] * factor;
    if (wide > whole[2] * 4 || wide < 20) return;
    show([about[0] - (about[0] - view[0]) * factor, about[1] - (about[1] - view[1]) * factor, wide, view[3] * factor]);
  };
  const middle = () => [view[0] + view[2] / 2, view[1] + view[3] / 2];

  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * 0.002), pointAt(event));
  }, { passive: false });
  let grip = null;
  let moved = false;
  svg.addEventListener("pointerdown", (event) => {
    grip = [event.clientX, event.clientY, view[0], view[1]];
    moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const across = event.clientX - grip[0];
    const down = event.clientY - grip[1];
    if (!moved && Math.hypot(across, down) < 4) return;
    moved = true;
    svg.classList.add("moving");
    const scale = unitsPerPixel();
    show([grip[2] - across * scale, grip[3] - down * scale, view[2], view[3]]);
  });
  window.addEventListener("pointerup", () => {
    grip = null;
    svg.classList.remove("moving");
  });
  document.getElementById("zoom").addEventListener("click", (event) => {
    const factor = event.target.dataset.zoom;
    if (factor === undefined) return;
    if (factor === "0") show(whole.slice());
    else zoom(Number(factor), middle());
  });

  // What reads what, from the marks themselves.
  const wires = new Map();
  const nets = new Map();
  const readers = new Map();
  const titleOf = (element) => element.querySelector("title").textContent;
  for (const mark of svg.querySelectorAll(".wire, .bundle")) wires.set(mark.id, mark);
  for (const net of svg.querySelectorAll(".net")) nets.set(net.dataset.wire, net);
  const reads = (mark) => (mark.dataset.reads || "").split(" ").filter(Boolean);
  for (const [wire, mark] of wires) {
    for (const other of reads(mark)) {
      if (!readers.has(other)) readers.set(other, []);
      readers.get(other).push(wire);
    }
  }

  const clear = () => {
    svg.classList.remove("chosen");
    for (const element of svg.querySelectorAll(".near, .picked")) element.classList.remove("near", "picked");
  };
  const bring = (places) => {
    const boxes = places.map((element) => element.getBBox());
    const left = Math.min(...boxes.map((box) => box.x));
    const top = Math.min(...boxes.map((box) => box.y));
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    const bottom = Math.max(...boxes.map((box) => box.y + box.height));
    const wide = Math.max((right - left) * 1.6, Math.min(whole[2], 900));
    const tall = Math.max((bottom - top) * 1.6, wide * (whole[3] / whole[2]));
    show([(left + right - wide) / 2, (top + bottom - tall) / 2, wide, tall]);
  };
  const near = (element) => element && element.classList.add("near");
  const pickWire = (wire, move) => {
    const mark = wires.get(wire);
    if (!mark) return;
    clear();
    svg.classList.add("chosen");
    mark.classList.add("near", "picked");
    near(nets.get(wire));
    for (const other of reads(mark)) {
      near(wires.get(other));
      near(nets.get(other));
    }
    for (const other of readers.get(wire) || []) near(wires.get(other));
    details.textContent = titleOf(mark);
    if (move) bring([mark]);
  };
  const pickLink = (place, move) => {
    const link = document.getElementById("t" + place);
    if (!link) return;
    clear();
    svg.classList.add("chosen");
    near(link);
    const ends = link.dataset.wires.split(" ").map((wire) => wires.get(wire));
    for (const end of ends) end.classList.add("near", "picked");
    details.textContent = titleOf(link) + "\n\n" + ends.map(titleOf).join("\n\n");
    if (move) bring(ends);
  };

  svg.addEventListener("click", (event) => {
    if (moved) return;
    const element = event.target.closest(".wire, .bundle, .link, .net");
    if (!element) clear();
    else if (element.classList.contains("link")) pickLink(element.id.slice(1), false);
    else pickWire(element.dataset.wire || element.id, false);
  });
  for (const row of document.querySelectorAll("tbody tr")) {
    const pick = () => (row.dataset.link === undefined ? pickWire(row.dataset.wire, true) : pickLink(row.dataset.link, true));
    row.addEventListener("click", pick);
    row.addEventListener("keydown", (event) => event.key === "Enter" && pick());
  }

  const known = [...svg.querySelectorAll(".wire")].map((mark) => {
    const index = mark.id.slice(1);
    return { wire: mark.id, index, name: mark.dataset.name || "#" + index, text: titleOf(mark).toLowerCase() };
  });
  const LISTED = 12;
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    found.replaceChildren();
    if (!wanted) return;
    const rank = (item) => {
      const name = item.name.toLowerCase();
      if (name === wanted || "#" + item.index === wanted || item.index === wanted) return 0;
      return name.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : item.text.includes(wanted) ? 3 : 4;
    };
    const hits = known.map((item) => [rank(item), item]).filter((pair) => pair[0] < 4);
    hits.sort((a, b) => a[0] - b[0]);
    for (const [, item] of hits.slice(0, LISTED)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = item.name;
      button.addEventListener("click", () => pickWire(item.wire, true));
      const line = document.createElement("li");
      line.append(button);
      found.append(line);
    }
    const note = document.createElement("li");
    note.textContent = hits.length > LISTED ? "and " + (hits.length - LISTED) + " more" : hits.length ? "" : "no such wire";
    found.append(note);
  });
  search.addEventListener("keydown", (event) => {
    const first = found.querySelector("button");
    if (event.key === "Enter" && first) first.click();
  });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
})();
