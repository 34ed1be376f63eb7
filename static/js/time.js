// Keeps words about "now" fresh, and tells the server's forms which zone this browser lives in.
// The server writes every text first; without this file they are only a little old.

const MINUTE = 60, HOUR = 3600, DAY = 86400;

function oneUnit(seconds) {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} days`;
}

export function relative(seconds) {
  const distance = Math.abs(seconds);
  if (distance < 1) return "just now";
  return seconds > 0 ? `${oneUnit(distance)} ago` : `in ${oneUnit(distance)}`;
}

export function elapsed(seconds) {
  if (seconds < MINUTE) return `${Math.max(seconds, 0).toFixed(1)} s`;
  const minutes = Math.floor(seconds / MINUTE);
  if (seconds < HOUR) return `${minutes} min ${Math.floor(seconds % MINUTE)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function refresh() {
  if (document.hidden) return;
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-relative], time[data-elapsed]")) {
    const seconds = (now - Date.parse(time.dateTime)) / 1000;
    const text = time.hasAttribute("data-elapsed") ? elapsed(seconds) : relative(seconds);
    if (time.textContent !== text) time.textContent = text;
  }
}

function nameLocalZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const button of document.querySelectorAll("button[data-local-zone]")) {
    if (!zone || zone === "UTC") continue;
    button.value = zone;
    button.querySelector("span").textContent = zone.replaceAll("_", " ");
    button.hidden = false;
  }
}

nameLocalZone();
refresh();
setInterval(refresh, 1000);
document.addEventListener("htmx:after:swap", refresh);
