/**
 * What the client throws. An action that fails is no error of the API: it is the value
 * `execution.error`. What is thrown is trouble with the API or the network, and the end of one's
 * own patience.
 */

/** What all errors of this package are; sending the same call again with its `key` is safe. */
export class DoError extends Error {
  constructor(message, { code, status = null, requestId = null, key = null, cause } = {}) {
    super(message, { cause });
    this.name = new.target.name;
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.key = key;
    this.isRetriable = false;
    this.retryAfter = null;
  }
}

/** Nothing usable came back. Whether the service has the request, nobody can say: ask again. */
export class ConnectionFailed extends DoError {
  constructor(message, { cause } = {}) {
    super(message, { code: "connection-failed", cause });
    this.isRetriable = true;
  }
}

/** Something answered that is not the API: a proxy's page, a redirect, another service. */
export class UnusableAnswer extends DoError {}

/** The API refused the request, with a problem document (RFC 9457). `retryAfter` is in seconds. */
export class ApiError extends DoError {
  constructor(problem, { status, requestId }) {
    const code = String(problem.code ?? `http-${status}`);
    const said = problem.detail || problem.title || "the request was refused.";
    super(`${code} (${status}): ${said}`, { code, status, requestId });
    this.title = String(problem.title ?? "");
    this.detail = String(problem.detail ?? "");
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
  }
}

/** The request itself is wrong (400, 413, 415, 422): params, a key that belongs to others. */
export class Invalid extends ApiError {}

/** The API key is unknown, revoked or expired (401). */
export class Unauthenticated extends ApiError {}

/** The API key may not do this (403). */
export class Forbidden extends ApiError {}

/** There is no such action, workflow or record, or this API key may not know of it (404). */
export class NotFound extends ApiError {}

/** It cannot be done as things stand (409): disabled, ended, in progress. */
export class Conflict extends ApiError {}

/** Too many requests, until the time-out was over (429). */
export class RateLimited extends ApiError {}

/** The service has a fault or cannot accept (5xx); what may help was tried already. */
export class Unavailable extends ApiError {}

/**
 * It is accepted and has not ended in the time given; it goes on without you. `record` is how it
 * stood, `handle` waits for it, follows it or cancels it; null if `unwrap()` has thrown it.
 */
export class Pending extends DoError {
  constructor(record, handle, { key = record.key, cause } = {}) {
    super(
      `${record.id} is ${record.status} and did not end in the time given; wait for it ` +
        "with .handle, or send the call again with the same key.",
      { code: "pending", status: 202, requestId: record.requestId, key, cause },
    );
    this.record = record;
    this.handle = handle;
  }
}

/** What `unwrap()` throws for what did not succeed; `record` has all of it. */
export class Failed extends DoError {
  constructor(record) {
    const { error, id, status, requestId, key } = record;
    const name = record.body.workflow ?? record.body.action;
    const { code, message } = error ?? { code: status, message: "it has no result." };
    const own = code === status ? "" : `${code}: `;
    super(`${name} (${id}) ${status}: ${own}${message}`, { code, requestId, key });
    this.record = record;
  }
}

/** An execution did not succeed. */
export class ActionFailed extends Failed {}

/** A run did not succeed. */
export class RunFailed extends Failed {}

/** The message is not what the sender signed, or is too old; do not act on it. */
export class WebhookInvalid extends DoError {
  constructor(message, { cause } = {}) {
    super(message, { code: "webhook-invalid", cause });
  }
}

/** What an answer stands for that belongs to another request: a broken line. */
export function ofAnother() {
  return new ConnectionFailed("The answer that came back belongs to another request.");
}

const OF_STATUS = {
  400: Invalid,
  401: Unauthenticated,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  413: Invalid,
  415: Invalid,
  422: Invalid,
  429: RateLimited,
};

/** The class of a refusal with that status. */
export function kindOf(status) {
  return OF_STATUS[status] ?? (status >= 500 ? Unavailable : ApiError);
}
