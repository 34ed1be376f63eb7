/** The types of @do-sdk/core. All times are in seconds. */

export declare const VERSION: string;

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** An object that JSON can say, also an interface of one's own; no list, Map or Promise. */
export type Params = (object | { readonly [name: string]: unknown }) & {
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.toStringTag]?: never;
  readonly [Symbol.hasInstance]?: never;
};

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
  /**
   * Gives up when it is raised, and throws its reason, which has no key and no handle: give an
   * `idempotencyKey` then. `timeoutSeconds` ends a call with both.
   */
  signal?: AbortSignal;
}

export interface Call extends Patience {
  name: string;
  params?: Params;
  /** Your name for this call; made for it if left out. */
  idempotencyKey?: string;
  /** If what the key stands for has not ended: attach to it, or fail. */
  onConflict?: "attach" | "fail";
  /** If it has failed: replay that, or retry. */
  onFailed?: "replay" | "retry";
  /** Retry even if nobody knows whether the failed one had its effect. */
  allowUnknownOutcome?: boolean;
  /** Notes of your own, kept with it. */
  metadata?: Params;
}

export interface ActionError {
  readonly type: string | null;
  /** "cancelled" if somebody has stopped it. */
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean | null;
  /** "unknown" if nobody can say whether the effect happened. */
  readonly outcome: string | null;
  readonly details: Json;
  readonly attempt: number | null;
}

export type Status = "queued" | "running" | "retrying" | "succeeded" | "failed" | "cancelled";

/** Why a run failed, and in which step; null if in none. */
export interface RunError {
  readonly step: string | null;
  readonly attempt: number | null;
  /** "cancelled" if somebody has stopped it. */
  readonly code: string;
  readonly message: string;
}

/** What the service has accepted, as it stood when it was answered; `body` is the whole answer. */
interface Kept<Result> {
  readonly id: string;
  /** Null as long as it has not succeeded; `unwrap()` gives what it is then. */
  readonly result: Result | null;
  /** Whether the answer came from the record, perhaps of an earlier try of the same call. */
  readonly replayed: boolean;
  readonly key: string | null;
  readonly requestId: string | null;
  readonly body: { readonly [name: string]: Json };
  readonly ok: boolean;
  /** Whether it will not change any more by itself. */
  readonly isEnded: boolean;
  /** Return the result; throw ActionFailed, RunFailed, or Pending if it has not ended. */
  unwrap(): Result;
}

/** One execution of an action. */
export declare class Execution<Result = any> {
  private constructor();
  readonly action: string;
  readonly status: Status;
  /** Set for all that has ended and did not succeed, also for what was cancelled. */
  readonly error: ActionError | null;
}
export interface Execution<Result = any> extends Kept<Result> {}

export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "paused"
  | "cancelling"
  | "succeeded"
  | "failed"
  | "cancelled";

/** One step of a run; the API's document says what else there is. */
export interface Step {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  /** The ids of what it has led to. */
  readonly execution: string | null;
  readonly run: string | null;
  /** What an approval asks. */
  readonly question: string | null;
  readonly [name: string]: Json;
}

/** One run of a workflow; a list tells no steps, and no keys. */
export declare class Run<Result = any> {
  private constructor();
  readonly workflow: string;
  readonly status: RunStatus;
  /** Set for all that has ended and did not succeed, also for what was cancelled. */
  readonly error: RunError | null;
  readonly steps: readonly Step[];
}
export interface Run<Result = any> extends Kept<Result> {}

export interface Event {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  /** Told of executions. */
  readonly attempt: number | null;
  /** Told of runs. */
  readonly step: string | null;
  readonly data: { readonly [name: string]: Json };
  readonly body: { readonly [name: string]: Json };
}

export interface Page<Entry> {
  readonly entries: Entry[];
  readonly nextCursor: string | null;
}

export interface Following {
  /** The number of the last event seen. */
  after?: number;
  signal?: AbortSignal;
}

export interface Command extends Patience {
  /** For the record. */
  reason?: string;
  idempotencyKey?: string;
}

/** What was accepted; `record` is how it stood when this was made. */
export declare class Handle<Of extends Execution | Run = Execution> {
  private constructor();
  readonly id: string;
  readonly key: string | null;
  readonly record: Of;
  wait(options?: Patience): Promise<Of>;
  events(options?: Following): AsyncGenerator<Event, void, void>;
  cancel(options?: Command): Promise<Of>;
}

export interface Actions {
  /** Execute an action and return how it ended; a failure is the value `error`. */
  execute<Result = any>(call: Call): Promise<Execution<Result>>;
  /** The same without waiting for the end. */
  start<Result = any>(call: Call): Promise<Handle<Execution<Result>>>;
}

export interface Workflows {
  /** Run a workflow and return how the run ended; a failure is the value `error`. */
  execute<Result = any>(call: Call): Promise<Run<Result>>;
  /** The same without waiting for the end. */
  start<Result = any>(call: Call): Promise<Handle<Run<Result>>>;
}

export interface Filters {
  [name: string]: string | string[];
}

interface Records<Of extends Execution | Run> {
  get(id: string, options?: Patience): Promise<Of>;
  list(
    options?: Patience & { filters?: Filters; limit?: number; cursor?: string | null },
  ): Promise<Page<Of>>;
  wait(id: string, options?: Patience): Promise<Of>;
  events(id: string, options?: Following): AsyncGenerator<Event, void, void>;
  cancel(id: string, options?: Command): Promise<Of>;
}

export interface Executions extends Records<Execution> {
  rerun(executionId: string, options?: Command & { params?: Params }): Promise<Handle<Execution>>;
}

/** What of a run is to be run again; the same for a preview and for the re-run. */
export interface RerunWish {
  /** From what has failed, from a step on, or all of it. */
  what: "from_failed" | "from_step" | "whole";
  step?: string;
  /** That of the run, the latest, or any by its number. */
  version?: "original" | "latest" | number;
  /** Other params than those of the run. */
  params?: Params;
  /** For the record; needed where something outside may happen again. */
  reason?: string;
}

export interface RerunPreview {
  readonly run: string;
  /** What confirms it. */
  readonly digest: string;
  readonly needsReason: boolean;
  readonly steps: ReadonlyArray<{
    readonly name: string;
    readonly verdict: "execute" | "reuse" | "skip" | "blocked";
    readonly why: string;
    readonly [name: string]: Json;
  }>;
  readonly body: { readonly [name: string]: Json };
}

/** How a run is held up, or goes on. */
export interface Holding {
  /** For the record. */
  note?: string;
  idempotencyKey?: string;
}

/** What is done to a run answers how it stands after that. */
export interface Runs extends Records<Run> {
  pause(runId: string, options?: Patience & Holding): Promise<Run>;
  resume(runId: string, options?: Patience & Holding): Promise<Run>;
  sendEvent(
    runId: string,
    name: string,
    options?: Patience & { payload?: unknown; idempotencyKey?: string },
  ): Promise<Run>;
  answer(
    runId: string,
    step: string,
    options: Patience & {
      decision: "approved" | "rejected";
      answer?: Params;
      comment?: string;
      idempotencyKey?: string;
    },
  ): Promise<Run>;
  rerunPreview(runId: string, options: Patience & RerunWish): Promise<RerunPreview>;
  rerun(
    runId: string,
    options: Patience & RerunWish & { digest: string; idempotencyKey?: string },
  ): Promise<Handle<Run>>;
}

/** Executes actions and runs workflows of one service. Throws a TypeError if not told where. */
export declare class Do {
  constructor(apiKey: string | undefined, options?: Options);
  readonly action: Actions;
  readonly workflow: Workflows;
  readonly executions: Executions;
  readonly runs: Runs;
}

/** What all errors of this package are; sending the same call again with its `key` is safe. */
export declare class DoError extends Error {
  protected constructor();
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
  readonly record: Execution | Run;
  /** Null if `unwrap()` has thrown it: a record knows no service. */
  readonly handle: Handle<Execution> | Handle<Run> | null;
}
export declare class Failed extends DoError {
  readonly record: Execution | Run;
}
export declare class ActionFailed extends Failed {
  readonly record: Execution;
}
export declare class RunFailed extends Failed {
  readonly record: Run;
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
