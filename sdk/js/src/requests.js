/** Requests below /api/v1, as they are sent. A request's text is the same on every try. */

import { randomBytes } from "./chance.js";

const RUNS = "/runs";
// So many events of a log are read at once.
const MOST = 200;
const WISHES = {
  onConflict: "on_conflict",
  onFailed: "on_failed",
  allowUnknownOutcome: "allow_unknown_outcome",
  metadata: "metadata",
};

/** Execute an action or run a workflow; a key is made if there is none. */
export function begin(kind, { name, params, idempotencyKey, ...rest }) {
  const key = idempotencyKey ?? newKey();
  const body = { params: params ?? {}, idempotency_key: spelt(key) };
  for (const [wish, field] of Object.entries(WISHES)) {
    if (rest[wish] !== undefined) body[field] = rest[wish];
  }
  return post(kind.begunAt(name), body, { key, knownBy: ["key", key] });
}

/** The same request as a mere question: it attaches, and starts nothing anew. */
export function askedAgain(request) {
  const { params, idempotency_key } = JSON.parse(request.text);
  return { ...request, text: encoded({ params, idempotency_key }) };
}

/** The same request, answered once it has ended, or the wait is over. */
export function waiting(request) {
  return { ...request, mayWait: true };
}

/** Read one execution or run. */
export function read({ path }, id) {
  return { method: "GET", path: at(path, id), knownBy: ["id", id] };
}

/** List executions or runs. */
export function page({ path }, { filters = {}, limit = 50, cursor }) {
  const query = new URLSearchParams({ limit });
  if (cursor) query.append("cursor", cursor);
  for (const [name, value] of Object.entries(filters)) {
    for (const each of [value].flat()) query.append(name, each);
  }
  return { method: "GET", path: `${path}?${query}` };
}

/** Follow a log. */
export function events({ path }, id) {
  return { method: "GET", path: `${at(path, id)}/events` };
}

/** Read a log after that number. */
export function eventPage(kind, id, after) {
  const { method, path } = events(kind, id);
  return { method, path: `${path}?limit=${MOST}&cursor=${after}` };
}

/** Cancel it, or ask it to stop. */
export function cancel({ path }, id, { reason = "", idempotencyKey }) {
  return keyed(`${at(path, id)}/cancel`, { reason }, { idempotencyKey, knownBy: ["id", id] });
}

/** Begin no more steps of a run, or go on. */
export function pauseOrResume(verb, runId, { note = "", idempotencyKey }) {
  return keyed(`${at(RUNS, runId)}/${verb}`, { note }, { idempotencyKey, knownBy: ["id", runId] });
}

/** Send a named event to a run. */
export function sendEvent(runId, name, { payload = null, idempotencyKey }) {
  const path = `${at(RUNS, runId)}/events/${encodeURIComponent(name)}`;
  return keyed(path, { payload }, { idempotencyKey, knownBy: ["id", runId] });
}

/** Answer an approval step. */
export function answer(runId, step, { decision, answer, comment, idempotencyKey }) {
  const path = `${at(RUNS, runId)}/steps/${encodeURIComponent(step)}/answer`;
  return keyed(path, { decision, answer, comment }, { idempotencyKey, knownBy: ["id", runId] });
}

/** Run an ended one again: an execution, or a run as the preview with that digest has shown. */
export function rerun({ path }, id, { reason = "", idempotencyKey, ...wish }) {
  const body = { ...wishOf(wish), reason };
  return keyed(`${at(path, id)}/rerun`, body, { idempotencyKey, knownBy: ["rerun_of", id] });
}

/** Ask what the re-run of a run would do; nothing is stored. */
export function rerunPreview(runId, { reason = "", ...wish }) {
  const body = { ...wishOf(wish), reason };
  return post(`${at(RUNS, runId)}/rerun-preview`, body, { knownBy: ["id", runId] });
}

/** What of a wish goes into the body; JSON leaves out what was not said. */
function wishOf({ what, step, version, params, digest }) {
  return { what, step, version, params, digest };
}

function at(path, id) {
  return `${path}/${encodeURIComponent(id)}`;
}

function keyed(path, body, { idempotencyKey, knownBy }) {
  const key = idempotencyKey ?? newKey();
  return post(path, { ...body, idempotency_key: spelt(key) }, { key, knownBy });
}

function post(path, body, whose) {
  return { method: "POST", path, text: encoded(body), ...whose };
}

/** A key as a body says it: what begins with a quote would be read as a quoted string. */
function spelt(key) {
  return key.startsWith('"') ? JSON.stringify(key) : key;
}

/** A name that nothing else has. */
export function newKey() {
  const hex = Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0"));
  return `do-${hex.join("")}`;
}

/** JSON; what JSON would quietly leave out, empty or turn into null is refused, with its place. */
function encoded(body) {
  const places = new WeakMap();
  return JSON.stringify(body, function (name, value) {
    const place = Array.isArray(this)
      ? `${places.get(this)}[${name}]`
      : [places.get(this), name].filter(Boolean).join(".");
    const odd = oddOf(this, name, value);
    if (odd) throw new TypeError(`${place} is ${odd}, which JSON does not have.`);
    if (value !== null && typeof value === "object") places.set(value, place);
    return value;
  });
}

/** What a value is that JSON does not have; null if it has it. */
function oddOf(holder, name, value) {
  if (typeof value === "number") return Number.isFinite(value) ? null : String(value);
  if (value === undefined) return Array.isArray(holder) ? "undefined" : null;
  if (value === null) return holder[name] instanceof Date ? "an invalid Date" : null;
  if (["function", "symbol", "bigint"].includes(typeof value)) return `a ${typeof value}`;
  if (typeof value !== "object" || Array.isArray(value)) return null;
  // A Map, a Set or a Promise would be an empty object there.
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return kind === "Object" ? null : `a ${kind}`;
}
