/** The client: what one calls. `index.d.ts` has the types. */

import { Budget } from "./budget.js";
import { answered, executed, foundAndWaited, waited } from "./calls.js";
import { Line } from "./line.js";
import { pageOf } from "./records.js";
import * as requests from "./requests.js";
import { settingsOf } from "./settings.js";
import { follow } from "./stream.js";

/** Executes actions of one service. */
export class Do {
  constructor(apiKey, options = {}) {
    const handleOf = (execution) => new Handle(line, execution, execution);
    const line = new Line(settingsOf(apiKey, options), handleOf);
    this.action = new Actions(line);
    this.executions = new Executions(line);
  }
}

/** `a.action`: executes actions by name. */
class Actions {
  #line;

  constructor(line) {
    this.#line = line;
  }

  /** Execute an action and return how it ended; a failure is the value `error`. */
  async execute(call) {
    const request = await requests.execute(call);
    return executed(this.#line, request, { budget: budgetOf(this.#line, call) });
  }

  /** The same without waiting for the end: it returns once the execution is accepted. */
  async start(call) {
    const budget = budgetOf(this.#line, call);
    const request = await requests.execute(call);
    return new Handle(this.#line, await answered(this.#line, request, { budget }), request);
  }
}

/** `a.executions`: what the record has, and what can be done with it. */
class Executions {
  #line;

  constructor(line) {
    this.#line = line;
  }

  /** One execution as it stands. */
  get(executionId, options = {}) {
    return this.#answered(requests.read(executionId), options);
  }

  /** A page of executions, the newest first. */
  list(options = {}) {
    return this.#answered(requests.page(options), { ...options, reading: pageOf });
  }

  /** Wait for its end. Throws Pending if it has not ended in time. */
  wait(executionId, options = {}) {
    return foundAndWaited(this.#line, executionId, { budget: budgetOf(this.#line, options) });
  }

  /** Its log, and on to its end, each event as it is written. */
  events(executionId, options = {}) {
    return follow(this.#line, executionId, options);
  }

  /** Ask it to stop; what runs may take a moment. Throws Conflict if it has ended. */
  cancel(executionId, options = {}) {
    return this.#answered(requests.cancel(executionId, options), options);
  }

  /** Start a new execution in the place of an ended one. */
  async rerun(executionId, options = {}) {
    const request = await requests.rerun(executionId, options);
    return new Handle(this.#line, await this.#answered(request, options), request);
  }

  #answered(request, options) {
    const { reading } = options;
    return answered(this.#line, request, { budget: budgetOf(this.#line, options), reading });
  }
}

/** An accepted execution; `execution` is how it stood, `key` what it was asked for with. */
export class Handle {
  #line;

  constructor(line, execution, { key }) {
    this.#line = line;
    this.execution = execution;
    this.id = execution.id;
    this.key = key;
  }

  /** Wait for its end. Throws Pending if it has not ended in time. */
  wait(options = {}) {
    return waited(this.#line, this.execution, { budget: budgetOf(this.#line, options) });
  }

  /** Its log, and on to its end, each event as it is written. */
  events(options = {}) {
    return follow(this.#line, this.id, options);
  }

  /** Ask it to stop; what runs may take a moment. Throws Conflict if it has ended. */
  cancel(options = {}) {
    return new Executions(this.#line).cancel(this.id, options);
  }
}

function budgetOf(line, { timeoutSeconds, signal } = {}) {
  return new Budget(timeoutSeconds ?? line.timeoutSeconds, { signal });
}
