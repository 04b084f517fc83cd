// Keys, buttons and live updates. Everything can be read without this file.
"use strict";
document.documentElement.classList.add("scripted");
const $ = (id) => document.getElementById(id);
const GONE = "The page does not answer: was it ended?";
const { base = "", vault = "" } = document.documentElement.dataset; // where this vault is, and which one it is
const readOnly = document.documentElement.hasAttribute("data-read-only");
let here = null; // the key of the chosen row
let place = 0; // and its number, for when it goes
const going = new Set(); // keys of rows that are being decided: the next key means the next row

// --- rows ---
const rows = () => [...document.querySelectorAll("main .row")].filter((row) => !going.has(row.dataset.key));
const chosen = () => rows().find((row) => row.dataset.key === here) || null;
function choose(row, focus = true) {
  for (const one of document.querySelectorAll(".row.here")) if (one !== row) one.classList.remove("here");
  if (!row) { here = null; return; }
  here = row.dataset.key;
  place = rows().indexOf(row);
  row.classList.add("here");
  if (focus) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: "nearest" }); }
}
function move(by) {
  const all = rows();
  if (!all.length) return;
  const row = chosen();
  const at = row ? all.indexOf(row) + by : by > 0 ? 0 : all.length - 1;
  choose(all[Math.min(Math.max(at, 0), all.length - 1)]);
}

// --- saying ---
function say(parts) {
  $("wrong").textContent = "";
  $("said").replaceChildren(...parts.map(([tag, text]) => {
    const part = document.createElement(tag);
    part.textContent = text + " ";
    return part;
  }));
}
function complain(text) { $("said").textContent = ""; $("wrong").textContent = text; }

// --- live: the page as it is now takes the place of the page as it was, node by node ---
function same(a, b) {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return a.nodeType !== 1 || (a.dataset.key === b.dataset.key && a.id === b.id);
}
function morph(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeType !== 1) { if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue; return; }
  if (old.matches("input:not([type=hidden]), textarea")) return; // what somebody types stays
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && !(name === "open" && old.matches("details"))) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value && !(name === "class" && old.matches(".row"))) old.setAttribute(name, value);
  if (old.matches(".row")) {
    old.className = now.className + (old.dataset.key === here ? " here" : "") + (going.has(old.dataset.key) ? " going" : "");
    void old.offsetWidth;
    old.classList.add("changed");
  }
  const keyed = new Map();
  for (const child of old.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let at = old.firstChild;
  for (const wanted of [...now.childNodes]) {
    const key = wanted.nodeType === 1 ? wanted.dataset.key : undefined;
    let found = key !== undefined ? keyed.get(key) : at && !(at.nodeType === 1 && at.dataset.key) ? at : null;
    if (found && !same(found, wanted)) found = null;
    if (!found) { old.insertBefore(document.importNode(wanted, true), at); continue; }
    if (found === at) at = at.nextSibling; else old.insertBefore(found, at);
    morph(found, wanted);
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
}
function anchor() { // the row that must stay where it is on the screen
  const inView = (row) => { const box = row.getBoundingClientRect(); return box.bottom > 60 && box.top < innerHeight; };
  const row = chosen();
  const kept = row && inView(row) ? row : rows().find(inView);
  return kept && scrollY > 0 ? { key: kept.dataset.key, top: kept.getBoundingClientRect().top } : null;
}
let asking = null, again = false;
async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do {
      again = false;
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (!answer.ok && answer.status !== 400) { complain(answer.status === 403 ? "This page was started anew: vi serve gives a fresh address." : "The page could not be read anew."); return; }
      const now = new DOMParser().parseFromString(await answer.text(), "text/html");
      const kept = anchor();
      morph($("main"), now.getElementById("main"));
      document.title = now.title;
      if (here !== null) {
        const row = chosen(), all = rows();
        const held = document.activeElement === document.body || document.activeElement.matches?.(".row");
        choose(row || all[Math.min(place, all.length - 1)] || null, held && !row);
      }
      const row = kept && rows().find((one) => one.dataset.key === kept.key);
      if (row) scrollBy(0, row.getBoundingClientRect().top - kept.top);
    } while (again);
  })();
  try { await asking; } catch { complain(GONE); } finally { asking = null; }
}
let stream = null;
function listen() {
  if (stream || document.hidden) return;
  let first = true;
  stream = new EventSource(base + "/events");
  stream.addEventListener("changed", refresh);
  stream.addEventListener("hello", () => { if (!first) refresh(); first = false; $("live").dataset.live = ""; });
}
document.addEventListener("visibilitychange", () => {
  // A hidden page listens to nothing: a browser has few connections for all its tabs.
  if (document.hidden) { stream?.close(); stream = null; } else { listen(); refresh(); }
});
// Back and forward find the row that was chosen.
const spot = () => "chosen " + location.pathname + location.search;
addEventListener("pagehide", () => {
  stream?.close();
  stream = null;
  if (here !== null) sessionStorage.setItem(spot(), here);
});
addEventListener("pageshow", (event) => {
  listen();
  if (event.persisted) { refresh(); return; }
  if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const was = sessionStorage.getItem(spot());
  const row = was === null ? null : rows().find((one) => one.dataset.key === was);
  if (row) choose(row);
});

// --- acting ---
const MOVES_ON = ["accept", "reject", "done", "later"]; // after these a row is dealt with
const running = new Map(); // key of a row -> its change that is not shown yet
const rowOf = (key) => rows().find((row) => row.dataset.key === key);
async function act(verb, row, value = "") {
  if (readOnly) { complain("Read-only: nothing is changed."); return; }
  if (verb !== "undo" && !row?.dataset.id) { complain("Choose a task first: j, k."); return; }
  const key = row?.dataset.key || verb;
  const before = running.get(key);
  const mine = (async () => {
    if (before) { // the line is another one after it
      await before;
      if (verb !== "undo") row = rowOf(key);
      if (verb !== "undo" && !row) return;
    }
    await change(verb, row, value, key);
  })();
  running.set(key, mine);
  await mine;
  if (running.get(key) === mine) running.delete(key);
}
async function change(verb, row, value, key) {
  const { id = "", raw = "" } = row?.dataset || {};
  if (key === here && MOVES_ON.includes(verb)) {
    const at = rows().indexOf(row);
    going.add(key);
    row.classList.add("going");
    const left = rows();
    choose(left[Math.min(at, left.length - 1)] || null);
  }
  let wrong = "";
  try {
    const body = new URLSearchParams({ verb, value, id, raw, vault });
    const answer = await fetch(base + "/do", { method: "POST", body, headers: { Accept: "application/json" } });
    const kind = answer.headers.get("content-type") || "";
    const told = kind.startsWith("application/json") ? await answer.json() : { error: await answer.text() };
    wrong = told.error || "";
    if (!wrong) say([["strong", told.said], ["span", told.text], ["del", told.before.trim()], ...told.after.map((line) => ["ins", "→ " + line.trim()]), ...told.notes.map((note) => ["em", note])].filter((part) => part[1]));
  } catch { wrong = GONE; }
  if (wrong) going.delete(key);
  await refresh();
  going.delete(key);
  for (const one of document.querySelectorAll("main .row.going")) if (!going.has(one.dataset.key)) one.classList.remove("going");
  if (wrong) { // the row as it is now, chosen again
    const back = document.querySelector(`main .row[data-key="${CSS.escape(key)}"]`);
    if (back) choose(back);
    complain(wrong);
  }
}
const QUESTIONS = {
  due: ["Due", "fri, +3d, next mon, 2025-10-13, none"], assign: ["Owner", "a name, me, @Name as it stands, none"],
  priority: ["Priority", "highest, high, medium, none, low, lowest"],
};
function ask(verb, row) {
  if (readOnly || !row?.dataset.id) return act(verb, row);
  const [title, hint] = QUESTIONS[verb];
  const { id, raw, key } = row.dataset;
  const unshown = running.get(key);
  $("ask-title").textContent = $("ask-label").textContent = title;
  $("ask-text").textContent = row.dataset.text;
  $("ask-hint").textContent = hint;
  $("ask-value").value = "";
  $("ask").returnValue = "";
  $("ask").onclose = () => {
    rows().find((one) => one.dataset.key === key)?.focus({ preventScroll: true });
    if ($("ask").returnValue === "ok" && $("ask-value").value.trim()) act(verb, unshown ? rowOf(key) : { dataset: { id, raw, key } }, $("ask-value").value);
  };
  $("ask").showModal();
  $("ask-value").focus();
}
document.addEventListener("submit", (event) => {
  const verb = event.submitter?.name === "verb" && event.submitter.value;
  if (!verb || !event.target.matches(".acts")) return;
  event.preventDefault();
  const row = event.target.closest(".row");
  choose(row, false);
  act(verb, row);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ask]");
  if (button) { const row = button.closest(".row"); choose(row, false); ask(button.dataset.ask, row); }
  else if (event.target.closest("[data-keys]")) $("keys").showModal();
  else if (event.target.closest(".row") && !event.target.closest("a, button, input")) choose(event.target.closest(".row"));
});
const KEYS = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  "/": () => $("find").focus(), "?": () => $("keys").showModal(), u: () => act("undo", null),
  a: (row) => act("accept", row), r: (row) => act("reject", row), x: (row) => act("done", row), l: (row) => act("later", row),
  d: (row) => ask("due", row), o: (row) => ask("assign", row), p: (row) => ask("priority", row),
  Enter: (row) => { if (row) location.href = row.dataset.note; }, s: (row) => { if (row?.dataset.app) location.href = row.dataset.app; },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // The focus stays within a dialog that was closed until the next frame is drawn: nobody types there any more.
  const typing = !event.target.closest("dialog:not([open])") && event.target.closest("input, textarea, select, dialog");
  if (typing) { if (event.key === "Escape" && event.target.matches("input, textarea")) event.target.blur(); return; }
  if (["Enter", "ArrowDown", "ArrowUp"].includes(event.key) && !event.target.matches(".row")) return;
  const what = KEYS[event.key];
  if (!what || (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key))) return;
  event.preventDefault();
  what(chosen());
});
