"use strict";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 50, ROW_GAP = 34, PAD = 22, HEAD = 46, MARGIN = 28;
const LEAST = 0.005, MOST = 3, FAR = 0.32, READABLE = 0.55;
const MOST_BRANCHES = 48;
const TONES = ["error", "removed", "warning", "changed", "added", "note", "good"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pen = document.createElement("canvas").getContext("2d");

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A text cut to a width, measured as it is drawn. */
function cut(text, width, font) {
  pen.font = font;
  if (pen.measureText(text).width <= width) return text;
  const pieces = Array.from(text);
  let low = 0, high = pieces.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(pieces.slice(0, middle).join("") + "…").width <= width) low = middle;
    else high = middle - 1;
  }
  return pieces.slice(0, low).join("").trimEnd() + "…";
}

function short(number) {
  for (const unit of ["", "k", "M", "B", "T"]) {
    if (number < 999.5) return (unit && number < 99.95 ? number.toFixed(1) : number.toFixed(0)) + unit;
    number /= 1000;
  }
  return number.toFixed(0) + "P";
}

/** A shape in short: without the batch, `8 × 8 × 3`. */
function compact(shape) {
  const sides = shape.slice(1, -1).split(",").map((side) => side.trim()).filter(Boolean);
  if (sides.length > 1 && sides[0] === "None") sides.shift();
  return sides.map((side) => (side === "None" ? "?" : side)).join(" × ");
}

function curve(x1, y1, x2, y2) {
  if (x1 === x2) return `V${y2}`;
  const middle = (y1 + y2) / 2;
  return `C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}

/** The graph of one file: where everything stands, and the part of it that is in sight. */
class Graph {
  constructor(view, data, chosen) {
    this.boxes = data.boxes;
    this.width = data.width;
    this.onChoice = chosen;
    this.frame = view.querySelector(".frame");
    this.svg = view.querySelector(".graph");
    this.map = view.querySelector(".map");
    this.world = drawn("g", {});
    this.plane = {};
    for (const name of ["groups", "nets", "boxes", "lit"]) this.world.append(this.plane[name] = drawn("g", {}));
    this.svg.append(this.world);
    this.open = new Set([0]);
    this.live = { groups: new Map(), nets: new Map(), boxes: new Map() };
    this.chosen = null;
    this.trouble = this.troubles(data.findings);
    this.heaviest = Math.max(1, ...this.leaves().map((box) => box.nbytes ?? 0));
    this.fonts();
    this.view = { x: 0, y: 0, k: 1 };
    this.arrange();
    this.listen();
    this.start();
    new ResizeObserver(() => this.resized()).observe(this.frame);
  }

  /** For each box the gravest tone of what is said of it, or of one in it. */
  troubles(findings) {
    const found = new Map();
    this.boxes.forEach((box, index) => {
      for (const one of box.findings ?? []) {
        const tone = findings[one][0];
        for (let at = index; at; at = this.boxes[at].above) {
          if (!found.has(at) || TONES.indexOf(tone) < TONES.indexOf(found.get(at))) found.set(at, tone);
        }
      }
    });
    return found;
  }

  leaves() {
    return this.boxes.filter((box) => !box.inside).slice(0, 10000);
  }

  fonts() {
    const family = getComputedStyle(document.documentElement).fontFamily;
    this.bold = `600 13px ${family}`;
    this.plain = `11px ${family}`;
  }

  /* Places. Those of boxes that are closed come with the page; what is opened pushes the others apart. */

  arrange() {
    this.sizes = [];
    this.at = [];
    this.shown = [];
    this.groups = [];
    this.nets = [];
    this.measure(0);
    this.settle(0, this.sizes[0].w / 2, 0);
    this.entered = new Set(this.nets.flatMap((net) => net.targets));
    this.order = [...this.shown, ...this.groups].sort((a, b) => a - b);
    this.whole = this.sizes[0];
    this.seen = null;
    for (const live of Object.values(this.live)) {
      for (const element of live.values()) element.remove();
      live.clear();
    }
    this.distance();
    this.light();
  }

  measure(index) {
    const inside = this.boxes[index].inside;
    if (!inside || !this.open.has(index)) return (this.sizes[index] = { w: this.width, h: HEIGHT });
    const rows = [];
    inside.kids.forEach((kid, place) => {
      const size = this.measure(kid);
      const row = (rows[inside.rows[place]] ??= { h: HEIGHT, wide: [] });
      row.h = Math.max(row.h, size.h);
      if (size.w > this.width) row.wide.push([inside.xs[place], (size.w - this.width) / 2]);
    });
    let y = 0;
    for (const row of rows) {
      row.y = y;
      y += row.h + ROW_GAP;
    }
    const pushed = (x, row) => rows[row].wide.reduce((at, [other, by]) => at + Math.sign(x - other) * by, x);
    const xs = inside.xs.map((x, place) => pushed(x, inside.rows[place]));
    const bends = inside.nets.map(([source, at]) => at.map((x, step) => pushed(x, inside.rows[source] + 1 + step)));
    let left = Infinity, right = -Infinity;
    xs.forEach((x, place) => {
      const half = this.sizes[inside.kids[place]].w / 2;
      left = Math.min(left, x - half);
      right = Math.max(right, x + half);
    });
    for (const net of bends) {
      for (const x of net) {
        left = Math.min(left, x - 6);
        right = Math.max(right, x + 6);
      }
    }
    const [pad, head] = index ? [PAD, HEAD] : [0, 0];
    this.sizes[index] = { w: right - left + 2 * pad, h: y - ROW_GAP + head + pad, rows, xs, bends, left: left - pad, head };
    return this.sizes[index];
  }

  settle(index, middle, top) {
    const size = this.sizes[index], inside = this.boxes[index].inside;
    this.at[index] = { x: middle - size.w / 2, y: top, w: size.w, h: size.h };
    if (!size.rows) {
      this.shown.push(index);
      return;
    }
    if (index) this.groups.push(index);
    const x0 = middle - size.w / 2 - size.left, y0 = top + size.head;
    inside.kids.forEach((kid, place) => {
      const row = size.rows[inside.rows[place]];
      this.settle(kid, x0 + size.xs[place], y0 + row.y + (row.h - this.sizes[kid].h) / 2);
    });
    const rows = size.rows.map((row) => [y0 + row.y, y0 + row.y + row.h]);
    inside.nets.forEach(([source, , targets, back], number) => {
      const bends = size.bends[number].map((x, step) => [x + x0, ...rows[inside.rows[source] + 1 + step]]);
      const ordered = targets.length > MOST_BRANCHES ? [...targets].sort((one, other) => size.xs[one] - size.xs[other]) : targets;
      for (let begin = 0; begin === 0 || begin < ordered.length; begin += MOST_BRANCHES) {
        const some = ordered.slice(begin, begin + MOST_BRANCHES);
        this.nets.push({
          source: inside.kids[source],
          targets: some.map((one) => inside.kids[one]),
          back: begin ? [] : back.map((one) => inside.kids[one]),
          bends,
          ends: some.map((one) => [inside.rows[one] - inside.rows[source] - 2, rows[inside.rows[one]][0]]),
          bottom: rows[inside.rows[source]][1],
        });
      }
    });
  }

  centre(index) {
    const at = this.at[index];
    return [at.x + at.w / 2, at.y + at.h / 2];
  }

  /** The line from a box to those that take its output: a trunk along its bends, and a branch to each. */
  line(net, only) {
    const from = this.at[net.source], x = from.x + from.w / 2;
    let path = "", last = -1;
    net.targets.forEach((target, number) => {
      if (only !== undefined && target !== only) return;
      const [step, top] = net.ends[number], to = this.at[target], end = to.x + to.w / 2;
      const bend = net.bends[Math.min(step, net.bends.length - 1)];
      last = Math.max(last, bend ? step : -1);
      path += bend && step >= 0 ? `M${bend[0]} ${bend[2]}` : `M${x} ${from.y + from.h}V${net.bottom}`;
      path += curve(bend && step >= 0 ? bend[0] : x, bend && step >= 0 ? bend[2] : net.bottom, end, top);
      if (to.y > top) path += `V${to.y}`;
    });
    if (last >= 0) {
      path += `M${x} ${from.y + from.h}V${net.bottom}`;
      let [px, py] = [x, net.bottom];
      for (const [bx, top, bottom] of net.bends.slice(0, last + 1)) {
        path += `${curve(px, py, bx, top)}V${bottom}`;
        [px, py] = [bx, bottom];
      }
    }
    return path;
  }

  loop(net, only) {
    return net.back.filter((target) => only === undefined || target === only).map((target) => {
      const from = this.at[net.source], to = this.at[target];
      const [x1, y1, x2, y2] = [from.x + from.w, from.y + from.h / 2, to.x + to.w, to.y + to.h / 2];
      const far = Math.max(x1, x2) + 44;
      return `M${x1} ${y1}C${far} ${y1} ${far} ${y2} ${x2} ${y2}`;
    }).join("");
  }

  extent(net) {
    const all = [net.source, ...net.targets, ...net.back].map((one) => this.at[one]);
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const at of all) {
      left = Math.min(left, at.x);
      right = Math.max(right, at.x + at.w + (net.back.length ? 50 : 0));
      top = Math.min(top, at.y);
      bottom = Math.max(bottom, at.y + at.h);
    }
    for (const [x] of net.bends) {
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    return { x: left, y: top, w: right - left, h: bottom - top };
  }

  /* What is drawn: from afar a few shapes for everything, from near each box that is in sight. */

  distance() {
    const area = (indices) => indices.map((one) => {
      const at = this.at[one];
      return `M${at.x} ${at.y}h${at.w}v${at.h}h${-at.w}z`;
    }).join("");
    const heavy = (one) => (this.boxes[one].nbytes ?? 0) > this.heaviest * 0.12;
    const toned = TONES.map((tone) => [`far ${tone}`, area(this.shown.filter((one) => this.trouble.get(one) === tone))]);
    const shapes = [["far", area(this.shown)], ["far heavy", area(this.shown.filter(heavy))], ...toned.filter(([, d]) => d)];
    const make = () => shapes.map(([name, d]) => drawn("path", { class: name, d }));
    this.farBoxes = make();
    this.farNets = [drawn("path", { class: "net", d: this.nets.map((net) => this.line(net)).join("") })];
    for (const net of this.nets) net.box = this.extent(net);
    this.here = drawn("rect", { class: "here" });
    this.map.replaceChildren(...make(), this.here);
    this.map.style.maxHeight = `${Math.max(80, (46 * this.whole.h) / this.whole.w).toFixed(0)}px`;
    this.map.setAttribute("viewBox", `-8 -8 ${this.whole.w + 16} ${this.whole.h + 16}`);
  }

  /** Everything within a part of the world, and nothing else. */
  sync() {
    const far = this.view.k < FAR;
    const { width, height } = this.room;
    const { x, y, k } = this.view;
    const sight = { x: -x / k, y: -y / k, w: width / k, h: height / k };
    const seen = this.seen;
    if (seen && seen.far === far && sight.x >= seen.x && sight.y >= seen.y && sight.x + sight.w <= seen.x + seen.w &&
        sight.y + sight.h <= seen.y + seen.h && sight.w * 6 > seen.w) return;
    const part = { far, x: sight.x - sight.w / 2, y: sight.y - sight.h / 2, w: sight.w * 2, h: sight.h * 2 };
    this.seen = part;
    const within = (at) => at.x < part.x + part.w && at.x + at.w > part.x && at.y < part.y + part.h && at.y + at.h > part.y;
    if (far !== this.wasFar) {
      for (const element of [...this.farBoxes, ...this.farNets]) element.remove();
    }
    this.wasFar = far;
    if (far) {
      this.plane.nets.append(...this.farNets);
      this.plane.boxes.append(...this.farBoxes);
    }
    this.keep("groups", this.groups.filter((one) => within(this.at[one])), (one) => this.group(one));
    const near = far ? [] : this.nets.map((_, number) => number).filter((one) => within(this.nets[one].box));
    this.keep("nets", near, (number) => this.net(this.nets[number]));
    this.keep("boxes", far ? [] : this.shown.filter((one) => within(this.at[one])), (one) => this.box(one));
  }

  keep(plane, wanted, make) {
    const live = this.live[plane], keys = new Set(wanted);
    for (const [key, element] of live) {
      if (!keys.has(key)) {
        element.remove();
        live.delete(key);
      }
    }
    for (const key of wanted) {
      if (live.has(key)) continue;
      const element = make(key);
      live.set(key, element);
      this.plane[plane].append(element);
    }
  }

  net(net) {
    const line = drawn("path", { class: "net", d: this.line(net) });
    if (!net.back.length) return line;
    return drawn("g", {}, line, drawn("path", { class: "net back", d: this.loop(net) }));
  }

  tip(middle) {
    return drawn("path", { class: "tip", d: `M${middle - 4.5} -7.5h9L${middle} -1z` });
  }

  box(index) {
    const box = this.boxes[index], at = this.at[index], w = at.w;
    const names = ["box", box.custom && "custom", box.frozen && "frozen", box.kind === "InputLayer" && "input", this.trouble.has(index) && `is-${this.trouble.get(index)}`, index === this.chosen && "chosen"];
    const element = drawn("g", { class: names.filter(Boolean).join(" "), transform: `translate(${at.x} ${at.y})`, "data-box": index });
    const rect = { width: w, height: HEIGHT, rx: 8 };
    if (box.inside) element.append(drawn("rect", { ...rect, class: "pile", x: 4, y: 4 }));
    element.append(drawn("rect", { ...rect, class: "card" }));
    if (this.entered.has(index)) element.append(this.tip(w / 2));
    const count = box.nbytes ? short(box.count) : "";
    pen.font = this.plain;
    const room = w - 24 - (count ? pen.measureText(count).width + 10 : 0) - (this.trouble.has(index) ? 14 : 0);
    element.append(drawn("text", { class: "title", x: 12, y: 21 }, cut(box.name, room, this.bold)));
    if (count) element.append(drawn("text", { class: "count", x: w - 12, y: 21 }, count));
    const tensors = box.tensors ?? [];
    const kind = box.inside ? (box.series ? `${box.inside.kids.length} layers` : `${box.kind || "group"} of ${box.inside.kids.length}`) : box.kind || (tensors.length > 1 ? `${tensors.length} tensors` : tensors[0]?.dtype ?? "");
    const shape = box.inside ? "" : compact(box.shape ?? (box.kind ? "" : tensors[0]?.shape ?? ""));
    const half = shape ? Math.max(60, w - 34 - this.measured(shape)) : w - 48;
    element.append(drawn("text", { class: "kind", x: 12, y: 38 }, cut(kind, half, this.plain)));
    if (shape) element.append(drawn("text", { class: "shape", x: w - 12, y: 38 }, cut(shape, w - 34 - Math.min(half, this.measured(kind)), this.plain)));
    if (box.inside) element.append(drawn("path", { class: "toggle", d: `M${w - 21} 34h9m-4.5 -4.5v9` }));
    if (box.nbytes) {
      const part = Math.sqrt(Math.min(1, box.nbytes / this.heaviest));
      element.append(drawn("rect", { class: "weight", x: 12, y: HEIGHT - 5.5, width: Math.max(1.5, part * (w - 24)).toFixed(1), height: 2, rx: 1 }));
    }
    if (this.trouble.has(index)) {
      element.append(drawn("circle", { class: `badge ${this.trouble.get(index)}`, cx: w - 4, cy: 4, r: 6 }));
    }
    return element;
  }

  measured(text) {
    pen.font = this.plain;
    return pen.measureText(text).width;
  }

  group(index) {
    const box = this.boxes[index], at = this.at[index];
    const element = drawn("g", { class: `group${index === this.chosen ? " chosen" : ""}`, transform: `translate(${at.x} ${at.y})`, "data-box": index });
    element.append(drawn("rect", { width: at.w, height: at.h, rx: 14 }));
    if (this.entered.has(index)) element.append(this.tip(at.w / 2));
    const name = cut(box.name, at.w - 130, this.bold);
    pen.font = this.bold;
    element.append(drawn("text", { class: "title", x: PAD, y: 27 }, name));
    element.append(drawn("text", { class: "kind", x: PAD + pen.measureText(name).width + 9, y: 27 }, cut(box.kind ?? "", 90, this.plain)));
    element.append(drawn("path", { class: "toggle", d: `M${at.w - PAD - 9} 23h9` }));
    return element;
  }

  /** The lines to and from the chosen box, above all others. */
  light() {
    const index = this.chosen;
    let d = "";
    if (index !== null) {
      for (const net of this.nets) {
        if (net.source === index) d += this.line(net) + this.loop(net);
        else if (net.targets.includes(index) || net.back.includes(index)) d += this.line(net, index) + this.loop(net, index);
      }
    }
    this.plane.lit.replaceChildren(...(d ? [drawn("path", { class: "lit", d })] : []));
  }

  /* Where one looks. */

  get room() {
    return { width: this.size?.width || 1, height: this.size?.height || 1 };
  }

  resized() {
    const before = this.size;
    this.size = this.frame.getBoundingClientRect();
    if (!this.size.width) return;
    if (!before?.width) this.start();
    else this.look(this.view.x + (this.size.width - before.width) / 2, this.view.y, this.view.k);
  }

  fitting() {
    const { width, height } = this.room;
    return Math.min((width - 2 * MARGIN - 60) / this.whole.w, (height - 2 * MARGIN) / this.whole.h, 1.15);
  }

  start() {
    this.size = this.frame.getBoundingClientRect();
    const k = this.fitting();
    if (k >= READABLE) {
      this.fit();
      return;
    }
    const { width } = this.room;
    const near = Math.min(1, Math.max(READABLE, (width - 2 * MARGIN - 60) / this.whole.w));
    const [x] = this.centre(this.boxes[0].inside ? this.boxes[0].inside.kids[0] : 0);
    const middle = this.whole.w * near <= width - 90 ? this.whole.w / 2 : x;
    this.look(width / 2 - 24 - middle * near, MARGIN, near);
  }

  fit() {
    const { width, height } = this.room, k = Math.max(LEAST, this.fitting());
    this.look((width - this.whole.w * k) / 2, (height - this.whole.h * k) / 2, k);
  }

  look(x, y, k) {
    const { width, height } = this.room, edge = 60;
    k = Math.min(MOST, Math.max(LEAST, k));
    x = Math.min(width - edge, Math.max(edge - this.whole.w * k, x));
    y = Math.min(height - edge, Math.max(edge - this.whole.h * k, y));
    this.view = { x, y, k };
    this.waiting ??= requestAnimationFrame(() => this.frameDue());
  }

  frameDue() {
    this.waiting = undefined;
    const { x, y, k } = this.view, { width, height } = this.room;
    this.world.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${k.toFixed(5)})`);
    this.sync();
    for (const [key, value] of [["x", -x / k], ["y", -y / k], ["width", width / k], ["height", height / k]]) this.here.setAttribute(key, value.toFixed(1));
    const all = x >= 0 && y >= 0 && x + this.whole.w * k <= width && y + this.whole.h * k <= height;
    this.map.style.visibility = all ? "hidden" : "visible";
  }

  zoom(by, px = this.room.width / 2, py = this.room.height / 2) {
    const { x, y, k } = this.view;
    const next = Math.min(MOST, Math.max(LEAST, k * by));
    this.look(px - ((px - x) * next) / k, py - ((py - y) * next) / k, next);
  }

  glide(x, y, k) {
    cancelAnimationFrame(this.gliding);
    const from = { ...this.view }, begin = performance.now();
    if (calm.matches) {
      this.look(x, y, k);
      return;
    }
    const step = (now) => {
      const t = Math.min(1, (now - begin) / 220), eased = 1 - (1 - t) ** 3;
      this.look(from.x + (x - from.x) * eased, from.y + (y - from.y) * eased, from.k + (k - from.k) * eased);
      if (t < 1) this.gliding = requestAnimationFrame(step);
    };
    this.gliding = requestAnimationFrame(step);
  }

  /* Choosing, opening. */

  /** Marks a box, opens what it is in, and brings it into sight. */
  choose(index, move = true) {
    const closed = [];
    for (let up = this.boxes[index]?.above; up !== undefined && up !== null; up = this.boxes[up].above) {
      if (!this.open.has(up)) closed.push(up);
    }
    const before = this.chosen;
    this.chosen = index;
    if (closed.length) {
      for (const one of closed) this.open.add(one);
      this.arrange();
    }
    for (const one of [before, index]) {
      const element = this.live.boxes.get(one) ?? this.live.groups.get(one);
      element?.classList.toggle("chosen", one === index);
    }
    this.light();
    this.look(this.view.x, this.view.y, this.view.k);
    if (move && index) this.reveal(index);
  }

  reveal(index) {
    const at = this.at[index], { width, height } = this.room, { x, y } = this.view;
    const k = Math.max(this.view.k, READABLE);
    const [left, top, w, h] = [at.x * k + x, at.y * k + y, at.w * k, at.h * k];
    const inSight = k === this.view.k && left > 20 && top > 24 && left + Math.min(w, width - 90) < width - 60 && top + h < height - 24;
    if (inSight) return;
    const wide = width - 2 * MARGIN - 48 - this.whole.w * k;
    const wished = width / 2 - 24 - (at.x + at.w / 2) * k;
    const nextX = wide >= 0 ? MARGIN + wide / 2 : Math.max(MARGIN + wide, Math.min(MARGIN, wished));
    let nextY = 32 - at.y * k;
    if (h <= HEIGHT * k + 1) nextY = height / 2 - (at.y + at.h / 2) * k;
    else if (h < height - 64) nextY = Math.min(Math.max(y, nextY), height - 32 - (at.y + at.h) * k);
    this.glide(nextX, nextY, k);
  }

  toggle(index) {
    if (!this.boxes[index]?.inside || !index) return;
    const before = this.at[index];
    if (!this.open.delete(index)) this.open.add(index);
    this.arrange();
    const after = this.at[index], { x, y, k } = this.view;
    this.look(x + (before.x + before.w / 2 - after.x - after.w / 2) * k, y + (before.y - after.y) * k, k);
    this.reveal(index);
  }

  hit(event) {
    const rect = this.frame.getBoundingClientRect(), { x, y, k } = this.view;
    const [px, py] = [(event.clientX - rect.left - x) / k, (event.clientY - rect.top - y) / k];
    const within = (one) => {
      const at = this.at[one];
      return px >= at.x && px <= at.x + at.w && py >= at.y && py <= at.y + at.h;
    };
    const index = this.shown.find(within) ?? this.groups.findLast(within);
    if (index === undefined) return {};
    const at = this.at[index], isOpen = this.open.has(index);
    const corner = px > at.x + at.w - 38 && (isOpen ? py < at.y + HEAD : py > at.y + 24);
    return { index, toggle: Boolean(this.boxes[index].inside) && corner };
  }

  /** The box that comes before or after the chosen one, of those that are shown. */
  beside(step) {
    if (this.chosen === null) return this.order[step > 0 ? 0 : this.order.length - 1];
    const place = this.order.indexOf(this.chosen);
    return this.order[Math.min(this.order.length - 1, Math.max(0, place + step))];
  }

  /** The box to the left or right of the chosen one. */
  across(step) {
    if (this.chosen === null || !this.at[this.chosen]) return this.order[0];
    const [x, y] = this.centre(this.chosen);
    const row = this.order.filter((one) => Math.abs(this.centre(one)[1] - y) < HEIGHT && (this.centre(one)[0] - x) * step > 1);
    return row.sort((a, b) => (this.centre(a)[0] - this.centre(b)[0]) * step)[0] ?? this.chosen;
  }

  /* Wheel and pointers. */

  listen() {
    this.frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? this.room.height : 1;
      const rect = this.frame.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        this.zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY * unit)) * 0.008), event.clientX - rect.left, event.clientY - rect.top);
        return;
      }
      const [dx, dy] = event.shiftKey && !event.deltaX ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      this.look(this.view.x - dx * unit, this.view.y - dy * unit, this.view.k);
    }, { passive: false });
    const fingers = new Map();
    let moved = 0;
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      cancelAnimationFrame(this.gliding);
      this.frame.setPointerCapture(event.pointerId);
      if (!fingers.size) moved = 0;
      fingers.set(event.pointerId, event);
    });
    this.frame.addEventListener("pointermove", (event) => {
      const last = fingers.get(event.pointerId);
      if (!last) return;
      moved += Math.abs(event.clientX - last.clientX) + Math.abs(event.clientY - last.clientY);
      const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId);
      if (other) {
        const rect = this.frame.getBoundingClientRect();
        const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
        this.zoom(apart(event) / apart(last), (event.clientX + other.clientX) / 2 - rect.left, (event.clientY + other.clientY) / 2 - rect.top);
      }
      const share = fingers.size > 1 ? 0.5 : 1;
      this.look(this.view.x + (event.clientX - last.clientX) * share, this.view.y + (event.clientY - last.clientY) * share, this.view.k);
      fingers.set(event.pointerId, event);
      this.frame.classList.toggle("dragged", moved > 4);
    });
    const lifted = (event) => {
      if (!fingers.delete(event.pointerId)) return;
      this.frame.classList.remove("dragged");
      if (event.type === "pointerup" && moved <= 4 && !fingers.size) this.clicked(event);
    };
    this.frame.addEventListener("pointerup", lifted);
    this.frame.addEventListener("pointercancel", lifted);
    this.frame.addEventListener("dblclick", (event) => this.toggle(this.hit(event).index));
    const jump = (event) => {
      const rect = this.map.getBoundingClientRect(), { width, height } = this.room, { k } = this.view;
      const [cx, cy] = [((event.clientX - rect.left) / rect.width) * this.whole.w, ((event.clientY - rect.top) / rect.height) * this.whole.h];
      this.look(this.whole.w * k < width ? this.view.x : width / 2 - cx * k, this.whole.h * k < height ? this.view.y : height / 2 - cy * k, k);
    };
    this.map.addEventListener("pointerdown", (event) => {
      this.map.setPointerCapture(event.pointerId);
      jump(event);
    });
    this.map.addEventListener("pointermove", (event) => this.map.hasPointerCapture(event.pointerId) && jump(event));
  }

  clicked(event) {
    const { index, toggle } = this.hit(event);
    if (toggle) this.toggle(index);
    else this.onChoice(index ?? null, false);
  }
}
