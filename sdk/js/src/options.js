/** What a call is told, checked before anything is sent: a wrong name would change what it does. */

const PATIENCE = ["timeoutSeconds", "signal"];
const COMMAND = [...PATIENCE, "reason", "idempotencyKey"];
const WISH = [...PATIENCE, "what", "step", "version", "params", "reason"];
const CALL = ["name", "params", "idempotencyKey", "onConflict", "onFailed"];

// What each call may be told, and what it has to be.
const CALLS = {
  Do: { may: ["baseUrl", "timeoutSeconds", "fetch"] },
  begin: { may: [...CALL, "allowUnknownOutcome", "metadata", ...PATIENCE], must: ["name"] },
  read: { may: PATIENCE },
  list: { may: ["filters", "limit", "cursor", ...PATIENCE] },
  events: { may: ["after", "signal"] },
  cancel: { may: COMMAND },
  rerunExecution: { may: [...COMMAND, "params"] },
  hold: { may: [...PATIENCE, "note", "idempotencyKey"] },
  sendEvent: { may: [...PATIENCE, "payload", "idempotencyKey"] },
  answer: {
    may: [...PATIENCE, "decision", "answer", "comment", "idempotencyKey"],
    must: ["decision"],
  },
  rerunPreview: { may: WISH, must: ["what"] },
  verifyWebhook: {
    may: ["secret", "headers", "body", "toleranceSeconds", "now"],
    must: ["secret", "headers", "body"],
  },
  signWebhook: { may: ["secret", "id", "stamp", "body"], must: ["secret", "id", "stamp", "body"] },
  rerunRun: { may: [...WISH, "digest", "idempotencyKey"], must: ["what", "digest"] },
};

const TEXT = [isText, "a text"];
const NAME = [(value) => isText(value) && value !== "", "a text that is not empty"];
// Dots alone lead to another address.
const PART = [
  (value) => isText(value) && !["", ".", ".."].includes(value),
  'a text that is not empty, nor "." or ".."',
];
const OBJECT = [isObject, "an object"];
const SECONDS = [(value) => Number.isFinite(value) && value >= 0, "a number of seconds from 0 on"];
const VALUES = {
  name: PART,
  params: OBJECT,
  metadata: OBJECT,
  filters: [areFilters, "an object of texts, or of lists of texts"],
  answer: OBJECT,
  idempotencyKey: NAME,
  onConflict: oneOf("attach", "fail"),
  onFailed: oneOf("replay", "retry"),
  allowUnknownOutcome: [(value) => typeof value === "boolean", "true or false"],
  timeoutSeconds: [(value) => typeof value === "number" && value > 0, "a number above 0"],
  signal: [(value) => typeof value?.addEventListener === "function", "an AbortSignal"],
  limit: [(value) => Number.isInteger(value) && value > 0, "a whole number above 0"],
  after: [(value) => Number.isInteger(value) && value >= 0, "a whole number from 0 on"],
  // The next page of the last is null.
  cursor: [(value) => value === null || isText(value), "a text"],
  fetch: [(value) => typeof value === "function", "a function"],
  decision: oneOf("approved", "rejected"),
  what: oneOf("from_failed", "from_step", "whole"),
  secret: NAME,
  headers: OBJECT,
  body: [isBody, "the text or the bytes as they came"],
  toleranceSeconds: SECONDS,
  // Not a number is beyond no limit: every old message would be a fresh one.
  now: SECONDS,
  stamp: [(value) => typeof value === "string" || Number.isInteger(value), "a number or a text"],
  version: [(value) => typeof value === "string" || Number.isInteger(value), "a number or a text"],
};

/** Check them; throws a TypeError that names what is wrong and what to do. */
export function checkOptions(call, options) {
  const { may, must = [] } = CALLS[call];
  if (!isObject(options)) {
    const whole = [...must, ...may.filter((each) => !must.includes(each))].join(", ");
    throw new TypeError(`${shown(options)} was given; give one object, { ${whole} }.`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!may.includes(name)) throw new TypeError(unknown(name, may));
    if (value !== undefined) checkValue(name, value);
  }
  for (const name of must) checkValue(name, options[name]);
}

/** Check the name of something in an address; `what` says of what. */
export function checkName(what, value) {
  const [fits, wanted] = PART;
  if (!fits(value)) throw new TypeError(`The ${what} is ${shown(value)}; give ${wanted}.`);
}

function checkValue(name, value) {
  const [fits, wanted] = VALUES[name] ?? (name === "payload" ? [() => true] : TEXT);
  if (!fits(value)) throw new TypeError(`${name} is ${shown(value)}; give ${wanted}.`);
}

function unknown(name, may) {
  const like = may.find((each) => isLike(plain(each), plain(name)));
  const meant = like ? `did you mean ${like}?` : `there are ${may.join(", ")}.`;
  return `There is no option ${name}; ${meant}`;
}

function isLike(known, given) {
  return given !== "" && (known.startsWith(given) || given.startsWith(known));
}

function plain(name) {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

function oneOf(...values) {
  return [(value) => values.includes(value), values.map((each) => `"${each}"`).join(" or ")];
}

/** Whether it is a text without half signs, which no address and no JSON can carry. */
function isText(value) {
  return typeof value === "string" && !/\p{Surrogate}/u.test(value);
}

function isBody(value) {
  return isText(value) || value instanceof Uint8Array;
}

function areFilters(value) {
  return isObject(value) && Object.values(value).every((each) => [each].flat().every(isText));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value) {
  if (typeof value === "function" || isObject(value)) return `a ${value.constructor?.name}`;
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
