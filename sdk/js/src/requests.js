/** Requests below /api/v1, as they are sent. A request's text is the same on every try. */

import { randomBytes } from "./chance.js";

const WISHES = {
  onConflict: "on_conflict",
  onFailed: "on_failed",
  allowUnknownOutcome: "allow_unknown_outcome",
  metadata: "metadata",
};

/** Execute an action; a key is made if there is none. */
export async function execute({ name, params, idempotencyKey, ...rest }) {
  const key = idempotencyKey ?? (await newKey());
  const body = { params: params ?? {}, idempotency_key: key };
  for (const [wish, field] of Object.entries(WISHES)) {
    if (rest[wish] !== undefined) body[field] = rest[wish];
  }
  const path = `/actions/${encodeURIComponent(name)}/executions`;
  return post(path, body, { key, knownBy: ["key", key] });
}

/** The same request as a mere question: it attaches, and starts nothing anew. */
export function askedAgain(request) {
  const { params, idempotency_key } = JSON.parse(request.text);
  return { ...request, text: encoded({ params, idempotency_key }) };
}

/** The same request, answered once the execution has ended, or the wait is over. */
export function waiting(request) {
  return { ...request, mayWait: true };
}

/** Read one execution. */
export function read(executionId) {
  return { method: "GET", path: pathOf(executionId), knownBy: ["id", executionId] };
}

/** List executions. */
export function page({ filters = {}, limit = 50, cursor }) {
  const query = new URLSearchParams({ limit });
  if (cursor) query.append("cursor", cursor);
  for (const [name, value] of Object.entries(filters)) {
    for (const each of [value].flat()) query.append(name, each);
  }
  return { method: "GET", path: `/executions?${query}` };
}

/** Run an ended execution again, with the same params if there are none. */
export async function rerun(executionId, { params, reason = "", idempotencyKey }) {
  const key = idempotencyKey ?? (await newKey());
  const body = { reason, idempotency_key: key, ...(params && { params }) };
  return post(`${pathOf(executionId)}/rerun`, body, { key, knownBy: ["rerun_of", executionId] });
}

/** Cancel an execution, or ask it to stop; a repeat has no further effect. */
export function cancel(executionId, { reason = "" }) {
  return post(`${pathOf(executionId)}/cancel`, { reason }, { knownBy: ["id", executionId] });
}

/** Follow the log of an execution. */
export function events(executionId) {
  return { method: "GET", path: `${pathOf(executionId)}/events` };
}

function pathOf(executionId) {
  return `/executions/${encodeURIComponent(executionId)}`;
}

function post(path, body, whose) {
  return { method: "POST", path, text: encoded(body), ...whose };
}

async function newKey() {
  const hex = Array.from(await randomBytes(16), (byte) => byte.toString(16).padStart(2, "0"));
  return `do-${hex.join("")}`;
}

/** JSON; what JSON would quietly turn into null is refused. */
function encoded(body) {
  return JSON.stringify(body, (name, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new TypeError(`${name} is ${value}, which JSON does not have.`);
    }
    return value;
  });
}
