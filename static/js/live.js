// Watches what htmx refreshes: rests while the tab is hidden or the reader paused, says when an
// answer is missing, speaks changes of state, and opens dialogs. Nothing here draws data.

const PAUSE_BETWEEN_WORDS = 5000;
const dot = () => document.querySelector(".live");
let isPaused = false;
let failedSince = null;
let spokenAt = 0;

const isPoll = (event) => event.detail.ctx?.sourceEvent?.type === "every";
const isWatching = () => document.querySelector("main [hx-trigger*='every']") !== null;

function showDot() {
  const element = dot();
  if (!element) return;
  element.hidden = !isWatching();
  element.dataset.live = failedSince ? "off" : isPaused ? "paused" : "on";
  element.setAttribute("aria-pressed", String(isPaused));
  const clock = failedSince?.toTimeString().slice(0, 8);
  element.textContent = failedSince ? `Stale since ${clock}` : isPaused ? "Paused" : "Live";
}

function speak() {
  const words = document.querySelector("main [data-announce]")?.dataset.announce;
  const status = document.getElementById("announcer");
  if (!words || status.textContent === words) return;
  const wait = Math.max(0, spokenAt + PAUSE_BETWEEN_WORDS - Date.now());
  spokenAt = Date.now() + wait;
  setTimeout(() => { status.textContent = words; }, wait);
}

// Text that somebody is selecting must not move away under the pointer.
function isBeingRead(element) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return false;
  return element.contains(selection.anchorNode);
}

document.addEventListener("htmx:config:request", (event) => {
  if (!isPoll(event)) return;
  if (document.hidden || isPaused || isBeingRead(event.target)) event.preventDefault();
});

function heard(event) {
  if (!isPoll(event)) return;
  const status = event.detail.ctx.response?.status ?? 0;
  failedSince = status > 0 && status < 400 ? null : failedSince ?? new Date();
  showDot();
}
document.addEventListener("htmx:finally:request", heard);

// What a person pressed and the server did not answer: a link is followed the plain way, a form
// says that it is not known what became of it.
document.addEventListener("htmx:finally:request", (event) => {
  const status = event.detail.ctx.response?.status ?? 0;
  if (isPoll(event) || (status > 0 && status < 500)) return;
  const source = event.detail.ctx.sourceElement;
  if (source.matches("a[href]")) location.assign(source.href);
  const place = source.querySelector("[data-trouble]");
  if (place) place.textContent = place.dataset.trouble;
  document.getElementById("announcer").textContent = place?.textContent ?? "";
});

document.addEventListener("htmx:after:swap", (event) => {
  showDot();
  if (event.detail.ctx?.target?.id === "dialog") openDialog(event.detail.ctx.target);
  else speak();
});

function openDialog(holder) {
  const dialog = holder.querySelector("dialog");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const alert = dialog.querySelector("[role=alert]");
  if (alert) {
    alert.tabIndex = -1;
    alert.focus();
  }
  dialog.addEventListener("close", () => dialog.remove());
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".live")) {
    isPaused = !isPaused;
    showDot();
  }
  const closer = event.target.closest("[data-close]");
  if (closer?.closest("dialog")?.open) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.open)?.showModal();
  }
  // A click beside the box, on the veil, closes it.
  if (event.target.matches("dialog.box[open]")) event.target.close();
});

// A second press of the same button while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

showDot();
