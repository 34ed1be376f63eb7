/** The client: what one calls. `index.d.ts` has the types. */

import { Budget } from "./budget.js";
import { answered, executed, foundAndWaited, waited } from "./calls.js";
import { Line } from "./line.js";
import { checkName, checkOptions } from "./options.js";
import { EXECUTIONS, previewOf, RUNS } from "./records.js";
import * as requests from "./requests.js";
import { settingsOf } from "./settings.js";
import { follow } from "./stream.js";

/** Executes actions and runs workflows of one service. */
export class Do {
  constructor(apiKey, options = {}) {
    checkOptions("Do", options);
    const handleOf = (kind, record, key) => new Handle(line, kind, { record, key });
    const line = new Line(settingsOf(apiKey, options), handleOf);
    this.action = new ByName(line, EXECUTIONS);
    this.workflow = new ByName(line, RUNS);
    this.executions = new Records(line, EXECUTIONS);
    this.runs = new Runs(line);
  }
}

/** `a.action` executes actions by name, `a.workflow` runs workflows by name. */
class ByName {
  #line;
  #kind;

  constructor(line, kind) {
    this.#line = line;
    this.#kind = kind;
  }

  /** Execute it and return how it ended; a failure is the value `error`. */
  async execute(call) {
    checkOptions("begin", call);
    const budget = budgetOf(this.#line, call);
    const request = requests.begin(this.#kind, call);
    return executed(this.#line, request, { kind: this.#kind, budget });
  }

  /** The same without waiting for the end: it returns once it is accepted. */
  async start(call) {
    checkOptions("begin", call);
    const budget = budgetOf(this.#line, call);
    const request = requests.begin(this.#kind, call);
    const record = await answered(this.#line, request, { budget, reading: this.#kind.read });
    return new Handle(this.#line, this.#kind, { record, key: request.key });
  }
}

/** What the service has on record, and what can be done with it. */
class Records {
  #line;
  #kind;

  constructor(line, kind) {
    this.#line = line;
    this.#kind = kind;
  }

  /** One of them as it stands. */
  async get(id, options = {}) {
    check(id, "read", options);
    return asked(this.#line, requests.read(this.#kind, id), { ...options, ...this.#kind });
  }

  /** A page of them, the newest first. */
  async list(options = {}) {
    checkOptions("list", options);
    const request = requests.page(this.#kind, options);
    return asked(this.#line, request, { ...options, read: this.#kind.readPage });
  }

  /** Wait for its end. Throws Pending if it has not ended in time. */
  async wait(id, options = {}) {
    check(id, "read", options);
    const budget = budgetOf(this.#line, options);
    return foundAndWaited(this.#line, id, { kind: this.#kind, budget });
  }

  /** Its log, and on to its end, each event as it is written. */
  events(id, options = {}) {
    check(id, "events", options);
    return follow(this.#line, id, { ...options, kind: this.#kind });
  }

  /** Ask it to stop; what runs may take a moment. Throws Conflict if it has ended. */
  async cancel(id, options = {}) {
    check(id, "cancel", options);
    const request = requests.cancel(this.#kind, id, options);
    return asked(this.#line, request, { ...options, ...this.#kind });
  }

  /** Start a new one in the place of an ended one; a run as its preview has shown. */
  async rerun(id, options = {}) {
    check(id, this.#kind.rerunBy, options);
    const request = requests.rerun(this.#kind, id, options);
    const record = await asked(this.#line, request, { ...options, ...this.#kind });
    return new Handle(this.#line, this.#kind, { record, key: request.key });
  }
}

/** `a.runs`. What is done to a run answers how it stands after that. */
class Runs extends Records {
  #line;

  constructor(line) {
    super(line, RUNS);
    this.#line = line;
  }

  /** Begin no more of its steps; what runs is finished. Throws Conflict if it has ended. */
  async pause(runId, options = {}) {
    check(runId, "hold", options);
    return this.#asked(requests.pauseOrResume("pause", runId, options), options);
  }

  /** Let a paused one go on. Throws Conflict if it has ended. */
  async resume(runId, options = {}) {
    check(runId, "hold", options);
    return this.#asked(requests.pauseOrResume("resume", runId, options), options);
  }

  /** Send it an event, which the first step that waits for it takes. */
  async sendEvent(runId, name, options = {}) {
    check(runId, "sendEvent", options);
    checkName("event", name);
    return this.#asked(requests.sendEvent(runId, name, options), options);
  }

  /** Answer the question of an approval step. Throws Conflict if the step does not ask. */
  async answer(runId, step, options) {
    check(runId, "answer", options);
    checkName("step", step);
    return this.#asked(requests.answer(runId, step, options), options);
  }

  /** What a re-run would do with each step; nothing is stored. Throws Conflict if it goes on. */
  async rerunPreview(runId, options) {
    check(runId, "rerunPreview", options);
    const request = requests.rerunPreview(runId, options);
    return asked(this.#line, request, { ...options, read: previewOf });
  }

  #asked(request, options) {
    return asked(this.#line, request, { ...options, ...RUNS });
  }
}

/** What was accepted; `record` is how it stood, `key` what it was asked for with. */
export class Handle {
  #line;
  #kind;

  constructor(line, kind, { record, key }) {
    this.#line = line;
    this.#kind = kind;
    this.record = record;
    this.id = record.id;
    this.key = key;
  }

  /** Wait for its end. Throws Pending if it has not ended in time. */
  async wait(options = {}) {
    checkOptions("read", options);
    const budget = budgetOf(this.#line, options);
    return waited(this.#line, this.record, { kind: this.#kind, budget, key: this.key });
  }

  /** Its log, and on to its end, each event as it is written. */
  events(options = {}) {
    checkOptions("events", options);
    return follow(this.#line, this.id, { ...options, kind: this.#kind });
  }

  /** Ask it to stop; what runs may take a moment. Throws Conflict if it has ended. */
  cancel(options = {}) {
    return new Records(this.#line, this.#kind).cancel(this.id, options);
  }
}

function check(id, call, options) {
  checkName("id", id);
  checkOptions(call, options);
}

function asked(line, request, { read, ...patience }) {
  return answered(line, request, { budget: budgetOf(line, patience), reading: read });
}

function budgetOf(line, { timeoutSeconds, signal } = {}) {
  return new Budget(timeoutSeconds ?? line.timeoutSeconds, { signal });
}
