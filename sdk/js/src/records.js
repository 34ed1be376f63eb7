/** What the API answers, as values, and what an answer stands for. */

import {
  ActionFailed,
  ConnectionFailed,
  kindOf,
  ofAnother,
  Pending,
  RunFailed,
  UnusableAnswer,
} from "./errors.js";

const CANCELLED = "cancelled";
const ENDED = new Set(["succeeded", "failed", CANCELLED]);
const UNEXPLAINED = new Map([
  [CANCELLED, "was cancelled; its log says by whom and why."],
  ["failed", "has failed; its log says why."],
]);
const OBJECTS = new Set(["execution", "run", "list", "rerun_preview"]);
// Texts in JSON; the last may lack its end.
const STRINGS = /"(?:[^"\\]+|\\[^])*(?:"|\\?$)/g;
// Sending again may help, whatever stands in the answer: a proxy may have written it.
const RETRIED = new Set([408, 429, 502, 503, 504]);

/** What the service has accepted, as it stood when it was answered; `body` is the whole answer. */
class Kept {
  constructor(body, { requestId }) {
    checkThere(body, ["result", "error"]);
    checkTexts(body, ["id", "status"]);
    this.id = body.id;
    this.status = body.status;
    this.result = body.result;
    this.error = errorOf(body);
    this.replayed = body.replayed ?? false;
    this.key = body.idempotency?.key ?? null;
    this.requestId = requestId;
    this.body = body;
  }

  /** Whether it has succeeded. */
  get ok() {
    return this.status === "succeeded";
  }

  /** Whether it will not change any more by itself. */
  get isEnded() {
    return ENDED.has(this.status);
  }

  /** Return the result; throw ActionFailed, RunFailed, or Pending if it has not ended. */
  unwrap() {
    if (this.ok) return this.result;
    if (!this.isEnded) throw new Pending(this, null);
    throw this instanceof Run ? new RunFailed(this) : new ActionFailed(this);
  }
}

/** One execution of an action. */
export class Execution extends Kept {
  constructor(body, answer) {
    super(body, answer);
    checkTexts(body, ["action"]);
    checkThere(body, ["replayed", "idempotency"]);
    this.action = body.action;
  }
}

/** One run of a workflow; a list tells no steps, and no keys. */
export class Run extends Kept {
  constructor(body, answer) {
    super(body, answer);
    checkTexts(body, ["workflow"]);
    this.workflow = body.workflow;
    this.steps = body.steps ?? [];
  }
}

/** Its error; what has ended and did not succeed has one, whatever the record tells. */
function errorOf({ object, id, status, action, workflow, error }) {
  if (status !== CANCELLED && (error !== null || !UNEXPLAINED.has(status))) return error;
  const isExecution = object === "execution";
  const what = isExecution ? `The execution ${id} of ${action}` : `The run ${id} of ${workflow}`;
  const before = error ? ` Before that it had failed: ${error.code}: ${error.message}` : "";
  const own = { code: status, message: `${what} ${UNEXPLAINED.get(status)}${before}` };
  if (!isExecution) return { step: null, attempt: null, ...error, ...own };
  const told = { type: null, outcome: null, details: null, attempt: null, ...error };
  return { ...told, ...own, retriable: false };
}

/** Executions and runs: where each kind is, and how an answer with one is read. */
export const EXECUTIONS = {
  path: "/executions",
  begunAt: (name) => `/actions/${encodeURIComponent(name)}/executions`,
  read: reading("execution", Execution),
  readPage: pagesOf(Execution),
  rerunBy: "rerunExecution",
  hasStream: true,
};
export const RUNS = {
  path: "/runs",
  begunAt: (name) => `/workflows/${encodeURIComponent(name)}/runs`,
  read: reading("run", Run),
  readPage: pagesOf(Run),
  rerunBy: "rerunRun",
  hasStream: false,
};

/** What a re-run would do. */
export function previewOf(answer, { knownBy: [, runId] }) {
  const found = readAs("rerun_preview", answer, (body) => {
    checkTexts(body, ["run", "digest"]);
    checkThere(body, ["needs_reason"]);
    const { run, digest, needs_reason, steps } = body;
    return { run, digest, needsReason: needs_reason, steps: [...steps], body };
  });
  if (found.run !== runId) throw ofAnother();
  return found;
}

/** One page of a log. */
export function eventsOf(answer) {
  return pageOf(answer, eventIn);
}

/** One event of a log, as a stream carries it. */
export function eventOf(text) {
  try {
    return eventIn(JSON.parse(text));
  } catch (cause) {
    throw new UnusableAnswer("The stream has something else than events in it.", {
      code: "unusable-answer",
      cause,
    });
  }
}

/** What an answer that is not 200 or 202 stands for. */
export function refusalOf(answer) {
  const { status, requestId } = answer;
  if (status < 400) return unusable(answer, "it leads elsewhere; check the base URL");
  const kind = kindOf(status);
  const problem = problemOf(answer.text);
  const error = new kind(problem, { status, requestId });
  error.isRetriable = RETRIED.has(status) || problem.retriable === true;
  error.retryAfter = secondsOf(answer.retryAfter);
  return error;
}

/** Whether an event of a run's log may be its last. */
export function mayBeLast({ type }) {
  return ENDED.has(type);
}

function reading(kind, Kind) {
  return (answer, request) => {
    const found = readAs(kind, answer, (body) => new Kind(body, answer));
    const [field, expected] = request.knownBy;
    const { id, key } = found;
    const known = { id, key, rerun_of: found.body.rerun_of };
    // Where something in between answers twice, the second answer arrives in the place of the next.
    if (known[field] !== expected) throw ofAnother();
    return found;
  };
}

function pagesOf(Kind) {
  return (answer) => pageOf(answer, (body) => new Kind(body, answer));
}

function pageOf(answer, read) {
  return readAs("list", answer, ({ entries, next_cursor }) => {
    if (next_cursor === undefined) throw new TypeError("next_cursor is not there");
    return { entries: entries.map(read), nextCursor: next_cursor };
  });
}

function eventIn(body) {
  checkThere(body, ["at", "data"]);
  checkTexts(body, ["type"]);
  if (!Number.isInteger(body.seq)) throw new TypeError("seq is no number");
  const { seq, type, at, attempt = null, step = null, data } = body;
  return { seq, type, at, attempt, step, data, body };
}

function readAs(kind, answer, read) {
  if (answer.status !== 200 && answer.status !== 202) throw refusalOf(answer);
  try {
    const body = JSON.parse(answer.text);
    if (body.object !== kind && OBJECTS.has(body.object)) throw ofAnother();
    if (body.object !== kind) throw new TypeError(`object is ${body.object}`);
    return read(body);
  } catch (cause) {
    if (cause instanceof ConnectionFailed) throw cause;
    if (cause instanceof SyntaxError && isCut(answer.text)) {
      throw new ConnectionFailed("The answer that came back ended in its middle.", { cause });
    }
    throw unusable(answer, `it is no ${kind}`, cause);
  }
}

/** Whether it is the beginning of an object; where no length is told, no line says so. */
function isCut(text) {
  const bare = text.replace(STRINGS, "").trim();
  const count = (signs) => bare.split(signs).length;
  return bare === "" || (bare.startsWith("{") && count(/[[{]/) > count(/[\]}]/));
}

function checkThere(body, names) {
  for (const name of names) {
    if (body[name] === undefined) throw new TypeError(`${name} is not there`);
  }
}

function checkTexts(body, names) {
  for (const name of names) {
    if (typeof body[name] !== "string") throw new TypeError(`${name} is no text`);
  }
}

function problemOf(text) {
  try {
    const problem = JSON.parse(text);
    return problem !== null && typeof problem === "object" ? problem : {};
  } catch {
    return {};
  }
}

function secondsOf(header) {
  if (!header) return null;
  if (/^\d+$/.test(header)) return Number(header);
  // Date.parse takes much for a date, also a mere number; a date of HTTP begins with its day.
  const at = /^[A-Z][a-z]{2}(?!.*\d{5})/.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? null : Math.max((at - Date.now()) / 1000, 0);
}

function unusable({ status, requestId }, why, cause) {
  const message = `The answer (HTTP ${status}) is not one of the API: ${why}.`;
  return new UnusableAnswer(message, { code: "unusable-answer", status, requestId, cause });
}
