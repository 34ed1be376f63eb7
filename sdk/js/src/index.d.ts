/** The types of @do-sdk/core. All times are in seconds. */

export declare const VERSION: string;

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Params = { [name: string]: unknown };

export interface Options {
  /** The site's address; from DO_API_URL if left out. */
  baseUrl?: string;
  /** How long a call may take with all its tries; 60 if left out. */
  timeoutSeconds?: number;
  /** Another fetch, for tests and for proxies. */
  fetch?: typeof fetch;
}

export interface Patience {
  timeoutSeconds?: number;
  /** Gives up when it is raised, and throws its reason. */
  signal?: AbortSignal;
}

export interface Call extends Patience {
  name: string;
  params?: Params;
  /** Your name for this call; made for it if left out. */
  idempotencyKey?: string;
  /** If the key's execution has not ended: attach to it, or fail. */
  onConflict?: "attach" | "fail";
  /** If the key's execution has failed: replay that, or retry. */
  onFailed?: "replay" | "retry";
  /** Retry even if nobody knows whether the failed one had its effect. */
  allowUnknownOutcome?: boolean;
  /** Notes of your own, kept with the execution. */
  metadata?: Params;
}

export interface ActionError {
  readonly type: string | null;
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean | null;
  /** "unknown" if nobody can say whether the effect happened. */
  readonly outcome: string | null;
  readonly details: Json;
  readonly attempt: number | null;
}

export type Status = "queued" | "running" | "retrying" | "succeeded" | "failed" | "cancelled";

/** One execution as it stood when it was answered; `body` is the whole answer. */
export declare class Execution<Result = any> {
  readonly id: string;
  readonly action: string;
  readonly status: Status;
  readonly result: Result;
  readonly error: ActionError | null;
  /** Whether the answer came from the record, perhaps of an earlier try of the same call. */
  readonly replayed: boolean;
  readonly key: string | null;
  readonly requestId: string | null;
  readonly body: { readonly [name: string]: Json };
  readonly ok: boolean;
  readonly isEnded: boolean;
  /** Return the result; throw ActionFailed, or Pending if it has not ended. */
  unwrap(): Result;
}

export interface Event {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly attempt: number | null;
  readonly data: { readonly [name: string]: Json };
  readonly body: { readonly [name: string]: Json };
}

export interface Page {
  readonly entries: Execution[];
  readonly nextCursor: string | null;
}

export interface Following {
  /** The number of the last event seen. */
  after?: number;
  signal?: AbortSignal;
}

/** An accepted execution; `execution` is how it stood when this was made. */
export declare class Handle<Result = any> {
  readonly id: string;
  readonly key: string | null;
  readonly execution: Execution<Result>;
  wait(options?: Patience): Promise<Execution<Result>>;
  events(options?: Following): AsyncGenerator<Event, void, void>;
  cancel(options?: Patience & { reason?: string }): Promise<Execution<Result>>;
}

export interface Actions {
  /** Execute an action and return how it ended; a failure is the value `error`. */
  execute<Result = any>(call: Call): Promise<Execution<Result>>;
  /** The same without waiting for the end. */
  start<Result = any>(call: Call): Promise<Handle<Result>>;
}

export interface Filters {
  [name: string]: string | string[];
}

export interface Executions {
  get(executionId: string, options?: Patience): Promise<Execution>;
  list(
    options?: Patience & { filters?: Filters; limit?: number; cursor?: string },
  ): Promise<Page>;
  wait(executionId: string, options?: Patience): Promise<Execution>;
  events(executionId: string, options?: Following): AsyncGenerator<Event, void, void>;
  cancel(executionId: string, options?: Patience & { reason?: string }): Promise<Execution>;
  rerun(
    executionId: string,
    options?: Patience & { params?: Params; reason?: string; idempotencyKey?: string },
  ): Promise<Handle>;
}

/** Executes actions of one service. Throws a TypeError if it is not told what it needs. */
export declare class Do {
  constructor(apiKey: string | undefined, options?: Options);
  readonly action: Actions;
  readonly executions: Executions;
}

/** What all errors of this package are; sending the same call again with its `key` is safe. */
export declare class DoError extends Error {
  readonly code: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly key: string | null;
  readonly isRetriable: boolean;
  readonly retryAfter: number | null;
}

export declare class ConnectionFailed extends DoError {}
export declare class UnusableAnswer extends DoError {}
export declare class WebhookInvalid extends DoError {}

export declare class ApiError extends DoError {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: ReadonlyArray<{ pointer: string; code: string; detail: string }>;
}
export declare class Invalid extends ApiError {}
export declare class Unauthenticated extends ApiError {}
export declare class Forbidden extends ApiError {}
export declare class NotFound extends ApiError {}
export declare class Conflict extends ApiError {}
export declare class RateLimited extends ApiError {}
export declare class Unavailable extends ApiError {}

export declare class Pending extends DoError {
  readonly execution: Execution;
  readonly handle: Handle;
}
export declare class ActionFailed extends DoError {
  readonly execution: Execution;
}

/** Return the message's JSON once its signature and its age are known to be right. */
export declare function verifyWebhook(message: {
  secret: string;
  headers: Headers | { [name: string]: string | string[] | undefined };
  /** As it came: a parsed and rewritten body has another signature. */
  body: string | Uint8Array;
  toleranceSeconds?: number;
  now?: number;
}): Promise<any>;

/** The signature of a message, for tests of one's own receiver. */
export declare function signWebhook(message: {
  secret: string;
  id: string;
  stamp: string | number;
  body: string | Uint8Array;
}): Promise<string>;
