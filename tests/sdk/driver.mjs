/** The JavaScript client behind one face; `drivers.py` has the others and says what is spoken. */

import { createInterface } from "node:readline";

const { Do, Pending, DoError } = await import(process.argv[2]);
const a = new Do(process.env.DO_API_KEY);

const RECORDS = { action: "executions", workflow: "runs" };

function shown(one) {
  const { id, action, workflow, status, ok, result, error, replayed, key, requestId, steps } = one;
  const name = action ?? workflow;
  const stand = steps && Object.fromEntries(steps.map((step) => [step.name, step.status]));
  const own = { request_id: requestId, steps: stand ?? null };
  return { id, name, status, ok, result, error, replayed, key, ...own };
}

function raised(error) {
  const { name, code, status, requestId, key } = error;
  const carried = { type: name, code, status, request_id: requestId, key };
  if (error instanceof Pending) {
    carried.handle = error.handle.id;
    carried.handle_key = error.handle.key;
  }
  return { raised: carried };
}

function wishOf(call) {
  const { idempotency_key, on_failed, on_conflict, timeout, ...rest } = call;
  const wish = {
    ...rest,
    idempotencyKey: idempotency_key,
    onFailed: on_failed,
    onConflict: on_conflict,
    timeoutSeconds: timeout,
  };
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
}

async function collected(events, of) {
  const found = [];
  for await (const event of events) found.push(of(event));
  return found;
}

const operations = {
  execute: async ({ of = "action", ...call }) => shown(await a[of].execute(wishOf(call))),
  start: async ({ of = "action", then, ...call }) => {
    const handle = await a[of].start(wishOf(call));
    if (then === "wait") return shown(await handle.wait());
    if (then === "events") return collected(handle.events(), (event) => event.type);
    if (then === "cancel") return shown(await handle.cancel({ reason: "a test" }));
    return shown(handle.record);
  },
  get: async ({ of = "action", id }) => shown(await a[RECORDS[of]].get(id)),
  wait: async ({ of = "action", id, timeout }) =>
    shown(await a[RECORDS[of]].wait(id, { timeoutSeconds: timeout })),
  list: async ({ of = "action", ...wish }) => {
    const page = await a[RECORDS[of]].list(wish);
    return { entries: page.entries.map(shown), next: page.nextCursor };
  },
  rerun: async ({ of = "action", id, patience, ...wish }) =>
    shown(await (await a[RECORDS[of]].rerun(id, wishOf(wish))).wait({ timeoutSeconds: patience })),
  cancel: async ({ of = "action", id, ...wish }) =>
    shown(await a[RECORDS[of]].cancel(id, wishOf(wish))),
  events: ({ of = "action", id, after }) =>
    collected(a[RECORDS[of]].events(id, { after }), (event) => event.seq),
  pause: async ({ id, ...wish }) => shown(await a.runs.pause(id, wishOf(wish))),
  resume: async ({ id, ...wish }) => shown(await a.runs.resume(id, wishOf(wish))),
  send_event: async ({ id, name, ...wish }) =>
    shown(await a.runs.sendEvent(id, name, wishOf(wish))),
  answer: async ({ id, step, ...wish }) => shown(await a.runs.answer(id, step, wishOf(wish))),
  rerun_preview: async ({ id, ...wish }) => {
    const { digest, needsReason, steps } = await a.runs.rerunPreview(id, wish);
    const verdicts = Object.fromEntries(steps.map((step) => [step.name, step.verdict]));
    return { digest, needs_reason: needsReason, steps: verdicts };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, wish] = JSON.parse(line);
  let answer;
  try {
    answer = await operations[operation](wish);
  } catch (error) {
    if (!(error instanceof DoError)) throw error;
    answer = raised(error);
  }
  console.log(JSON.stringify(answer));
}
