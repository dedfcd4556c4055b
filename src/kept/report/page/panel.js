"use strict";

function made(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children.filter((one) => one !== undefined && one !== null));
  return element;
}

/** What is known of one layer; every text of it is a text node. */
function details(data, index, go) {
  const { boxes, findings } = data, box = boxes[index];
  const back = made("button", "back", index ? "← All of the file" : "←");
  back.type = "button";
  back.addEventListener("click", () => go(null));
  const kind = [box.module && box.kind ? `${box.module}.${box.kind}` : box.kind, box.custom ? "custom" : ""].filter(Boolean).join(" · ");
  return [
    back,
    made("h2", "title", made("bdi", "", box.name)),
    made("p", box.custom ? "kind custom" : "kind", kind || (box.series ? "layers whose names begin alike" : "weights without a config")),
    ...(box.findings ?? []).map((one) => concern(findings[one])),
    part("", pairs(known(box))),
    links("Takes", (box.inputs ?? []), boxes, go),
    links("Goes to", taken(boxes, index), boxes, go),
    box.inside && links("Inside", box.inside.kids, boxes, go),
    box.config && part("Config", ...settings(box.config)),
    box.tensors && part("Tensors", ...box.tensors.map(tensor), box.more ? made("p", "", `and ${box.more} more`) : null),
  ].filter(Boolean);
}

function concern([tone, title, text, more]) {
  const list = made("dl", "");
  for (const [key, value] of more) list.append(made("div", "", made("dt", "", key), made("dd", "", value)));
  return made("article", `note ${tone}`, made("h3", "", made("span", "", tone), made("bdi", "", title)), text ? made("p", "", text) : null, more.length ? list : null);
}

function known(box) {
  const state = box.frozen ? "frozen" : "";
  return [
    ["returns", box.shape], ["parameters", box.nbytes ? box.count.toLocaleString("en") : ""], ["training", state],
    ["dtype", box.dtype], ["path", box.path !== box.name ? box.path : ""], ["in the config", box.node], ["in the weights", box.group],
  ].filter(([, text]) => text);
}

const USUAL = ["null", "false", ""];

/** What is set, and folded away what is not. */
function settings(entries) {
  const usual = entries.filter(([, text]) => USUAL.includes(text));
  const told = pairs(entries.filter(([, text]) => !USUAL.includes(text)));
  if (usual.length < 3) return [pairs(entries)];
  return [told, made("details", "rest", made("summary", "", `${usual.length} more, null or false`), pairs(usual))];
}

function pairs(entries) {
  const list = made("dl", "pairs");
  for (const [key, text] of entries) {
    const value = made("dd", USUAL.includes(text) ? "usual" : text.length > 60 ? "long" : "", text);
    list.append(made("dt", text.length > 60 ? "long" : "", key), value);
  }
  return list;
}

function part(title, ...children) {
  return made("section", "", title ? made("h2", "", title) : null, ...children);
}

function taken(boxes, index) {
  return boxes.flatMap((box, other) => ((box.inputs ?? []).includes(index) ? [other] : []));
}

const MOST_LINKS = 60;

function links(title, indices, boxes, go) {
  if (!indices.length) return null;
  const list = made("div", "links");
  for (const index of indices.slice(0, MOST_LINKS)) {
    const button = made("button", "", made("bdi", "", boxes[index].name));
    button.type = "button";
    button.addEventListener("click", () => go(index));
    list.append(button);
  }
  if (indices.length > MOST_LINKS) list.append(made("span", "", `and ${indices.length - MOST_LINKS} more`));
  return part(title, list);
}

function tensor(one) {
  const last = one.path.split("/").slice(-2).join("/");
  const element = made("div", "tensor", made("div", "head", made("b", "", one.shape === "()" ? "scalar" : one.shape), made("span", "", `${one.dtype} · ${one.size}`)));
  element.title = one.path;
  element.append(made("code", "", last === one.path ? one.path : one.path));
  if (one.holds === false) element.append(made("p", "odd bad", "not what kept's record says"));
  if (!one.stats) return element;
  const [low, high, mean, std] = one.stats, [zeros, nans, infinite] = one.odd;
  if (one.bars?.length > 1) {
    element.append(bars(one.bars, Number(low), Number(high)));
    element.append(made("div", "ends", made("span", "", low), made("span", "", `mean ${mean} · std ${std}`), made("span", "", high)));
  } else if (low !== null) {
    element.append(made("p", "odd", low === high ? `every number is ${low}` : `from ${low} to ${high}`));
  }
  if (zeros && low !== high) element.append(made("p", "odd", `${zeros.toLocaleString("en")} zero`));
  const odd = [nans && `${nans.toLocaleString("en")} NaN`, infinite && `${infinite.toLocaleString("en")} infinite`].filter(Boolean);
  if (odd.length) element.append(made("p", "odd bad", odd.join(", ")));
  return element;
}

/** A histogram; a dotted line is zero. */
function bars(counts, low, high) {
  const most = Math.max(...counts), count = counts.length, height = 100;
  let d = "";
  counts.forEach((number, place) => {
    if (!number) return;
    const tall = Math.max(2, (number / most) * height);
    d += `M${place + 0.06} ${height}V${(height - tall).toFixed(1)}h0.88V${height}z`;
  });
  const svg = drawn("svg", { class: "bars", viewBox: `0 0 ${count} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `Histogram from ${low} to ${high}` });
  svg.append(drawn("path", { class: "count", d }), drawn("path", { class: "base", d: `M0 ${height}h${count}` }));
  if (low < 0 && high > 0) {
    const zero = (-low / (high - low)) * count;
    svg.append(drawn("path", { class: "zero", d: `M${zero} 0V${height}` }));
  }
  return svg;
}
