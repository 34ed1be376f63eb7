/** The JavaScript client behind one face; `drivers.py` has the others and says what is spoken. */

import { createInterface } from "node:readline";

const { Do, Pending, DoError } = await import(process.argv[2]);
const a = new Do(process.env.DO_API_KEY);

function shown(one) {
  const { id, action, status, ok, result, error, replayed, key, requestId } = one;
  return { id, action, status, ok, result, error, replayed, key, request_id: requestId };
}

function raised(error) {
  const { name, code, status, requestId, key } = error;
  const carried = { type: name, code, status, request_id: requestId, key };
  if (error instanceof Pending) carried.handle = error.handle.id;
  return { raised: carried };
}

function wishOf(call) {
  const { idempotency_key, on_failed, on_conflict, timeout, ...rest } = call;
  return {
    ...rest,
    idempotencyKey: idempotency_key,
    onFailed: on_failed,
    onConflict: on_conflict,
    timeoutSeconds: timeout,
  };
}

async function collected(events, of) {
  const found = [];
  for await (const event of events) found.push(of(event));
  return found;
}

const operations = {
  execute: async (call) => shown(await a.action.execute(wishOf(call))),
  start: async ({ then, ...call }) => {
    const handle = await a.action.start(wishOf(call));
    if (then === "wait") return shown(await handle.wait());
    if (then === "events") return collected(handle.events(), (event) => event.type);
    if (then === "cancel") return shown(await handle.cancel({ reason: "a test" }));
    return shown(handle.execution);
  },
  get: async ({ id }) => shown(await a.executions.get(id)),
  wait: async ({ id, timeout }) => shown(await a.executions.wait(id, { timeoutSeconds: timeout })),
  list: async (wish) => {
    const page = await a.executions.list(wish);
    return { entries: page.entries.map(shown), next: page.nextCursor };
  },
  rerun: async ({ id, ...wish }) =>
    shown(await (await a.executions.rerun(id, wishOf(wish))).wait()),
  cancel: async ({ id }) => shown(await a.executions.cancel(id)),
  events: ({ id, after }) => collected(a.executions.events(id, { after }), (event) => event.seq),
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
