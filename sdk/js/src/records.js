/** What the API answers, as values, and what an answer stands for. */

import { ActionFailed, ConnectionFailed, kindOf, Pending, UnusableAnswer } from "./errors.js";

const ENDED = new Set(["succeeded", "failed", "cancelled"]);
// Sending again may help, whatever stands in the answer: a proxy may have written it.
const RETRIED = new Set([408, 429, 502, 503, 504]);

/** One execution as it stood when it was answered; `body` is the whole answer. */
export class Execution {
  constructor(body, { requestId }) {
    this.id = body.id;
    this.action = body.action;
    this.status = body.status;
    this.result = body.result;
    this.error = body.error;
    this.replayed = body.replayed;
    this.key = body.idempotency.key;
    this.requestId = requestId;
    this.body = body;
  }

  /** Whether it has succeeded. */
  get ok() {
    return this.status === "succeeded";
  }

  /** Whether it will not change any more. */
  get isEnded() {
    return ENDED.has(this.status);
  }

  /** Return the result; throw ActionFailed, or Pending if it has not ended. */
  unwrap() {
    if (this.ok) return this.result;
    throw this.isEnded ? new ActionFailed(this) : new Pending(this, null);
  }
}

/** The execution that was asked for; throws what else the answer is. */
export function executionOf(answer, request) {
  const found = readAs("execution", answer, (body) => new Execution(body, answer));
  const [field, expected] = request.knownBy;
  const { id, key } = found;
  const known = { id, key, rerun_of: found.body.rerun_of };
  // Where something in between answers twice, the second answer arrives in the place of the next.
  if (known[field] !== expected) {
    throw new ConnectionFailed("The answer that came back belongs to another request.");
  }
  return found;
}

/** One page of executions. */
export function pageOf(answer) {
  return readAs("list", answer, (body) => ({
    entries: body.entries.map((each) => new Execution(each, answer)),
    nextCursor: body.next_cursor,
  }));
}

/** One event of a log, as a stream carries it. */
export function eventOf(text) {
  try {
    const body = JSON.parse(text);
    const { seq, type, at, attempt, data } = body;
    return { seq, type, at, attempt, data, body };
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

function readAs(kind, answer, read) {
  if (answer.status !== 200 && answer.status !== 202) throw refusalOf(answer);
  try {
    const body = JSON.parse(answer.text);
    if (body.object !== kind) throw new TypeError(`object is ${body.object}`);
    return read(body);
  } catch (cause) {
    throw unusable(answer, `it is no ${kind}`, cause);
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
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max((at - Date.now()) / 1000, 0);
}

function unusable({ status, requestId }, why, cause) {
  const message = `The answer (HTTP ${status}) is not one of the API: ${why}.`;
  return new UnusableAnswer(message, { code: "unusable-answer", status, requestId, cause });
}
