// Single-key shortcuts. They rest while a field has the focus, and can be switched off for good.

const OFF = "actionsite.keys.off";
const ROWS = "main .row-link";
let pendingGo = false;

const isOff = () => localStorage.getItem(OFF) === "1";

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function focusRow(step) {
  const rows = [...document.querySelectorAll(ROWS)];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[Math.min(Math.max(next, 0), rows.length - 1)].focus();
}

function go(key) {
  document.querySelector(`[data-go="${key}"]`)?.click();
}

function press(key) {
  const pressed = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  pressed.find((element) => element.checkVisibility())?.click();
}

const COMMANDS = {
  "/": () => document.querySelector(".top [type=search]")?.focus(),
  "?": () => document.getElementById("help")?.showModal(),
  j: () => focusRow(1),
  k: () => focusRow(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isOff()) return;
  if (document.querySelector("dialog[open]")) return;
  if (pendingGo) {
    pendingGo = false;
    return go(event.key);
  }
  if (event.key === "g") {
    pendingGo = true;
    return;
  }
  const command = COMMANDS[event.key];
  if (command) {
    event.preventDefault();
    command();
  } else {
    press(event.key);
  }
});

for (const box of document.querySelectorAll("[data-keys-switch]")) {
  box.checked = !isOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
}
