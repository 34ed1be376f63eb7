/** What one call does: send, send again where that is right, wait for the end. */

import { now } from "./budget.js";
import { ConnectionFailed, DoError, Forbidden, Pending } from "./errors.js";
import { askedAgain, read, waiting } from "./requests.js";

// When to ask again for something that has not ended.
export const ASK_AGAIN_SECONDS = 1;
// What is left of the time for the last question.
const LAST_SECONDS = 0.25;

/** Send until there is an answer that stands; throws the refusal, or the last trouble. */
export async function answered(line, request, { budget, reading }) {
  for (let tryCount = 1; ; tryCount++) {
    try {
      return reading(await send(line, request, budget), request);
    } catch (error) {
      if (!(error instanceof DoError)) throw error;
      error.key = request.key ?? null;
      const delay = budget.delayAfter(error, { tryCount });
      if (delay === null) throw error;
      await budget.pause(delay);
    }
  }
}

/** Begin one, and wait for the end. Throws Pending if the time is over before. */
export async function executed(line, request, { kind, budget }) {
  const question = waiting(request);
  const first = await answered(line, question, { budget, reading: kind.read });
  if (first.isEnded) return first;
  let ended;
  try {
    ended = await waited(line, first, { kind, budget });
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    // This API key may begin and not read: asking again with the same key is reading, too.
    const request = askedAgain(question);
    ended = await untilEnded(line, first, { kind, budget, request, key: first.key });
  }
  // Asking again is no replay if the first answer was none.
  ended.replayed = first.replayed;
  return ended;
}

/** Wait for the end of one. Throws Pending if the time is over before. */
export function waited(line, latest, { kind, budget, key = latest.key }) {
  return untilEnded(line, latest, { kind, budget, key, request: waiting(read(kind, latest.id)) });
}

/** The same for one of which only the id is known. */
export async function foundAndWaited(line, id, { kind, budget }) {
  const latest = await answered(line, waiting(read(kind, id)), { budget, reading: kind.read });
  return waited(line, latest, { kind, budget });
}

async function untilEnded(line, first, { kind, request, budget, key }) {
  let latest = first;
  while (!latest.isEnded) {
    const began = now();
    try {
      latest = await answered(line, request, { budget, reading: kind.read });
    } catch (error) {
      if (!(error instanceof DoError)) throw error;
      error.key = key;
      if (error.isRetriable) throw pending(line, latest, { kind, key, cause: error });
      throw error;
    }
    if (latest.isEnded) return latest;
    // An answer that was held back has waited already; any other would come at once again.
    const rest = Math.max(ASK_AGAIN_SECONDS - (now() - began), 0);
    const left = budget.left - LAST_SECONDS;
    if (left <= 0) throw pending(line, latest, { kind, key });
    await budget.pause(Math.min(rest, left));
  }
  return latest;
}

function pending(line, latest, { kind, key, cause }) {
  return new Pending(latest, line.handleOf(kind, latest, key), { key, cause });
}

async function send(line, request, budget) {
  const { wait, timeout } = budget.allowance();
  const headers = { Prefer: request.mayWait && wait ? `wait=${wait}` : "respond-async" };
  const stop = new AbortController();
  const give = () => stop.abort(budget.signal.reason);
  budget.signal?.throwIfAborted();
  const timer = setTimeout(() => stop.abort(), timeout * 1000);
  try {
    budget.signal?.addEventListener("abort", give, { once: true });
    return await line.read(await line.open(request, { headers, signal: stop.signal }));
  } catch (cause) {
    budget.signal?.throwIfAborted();
    if (cause instanceof DoError) throw cause;
    const said = stop.signal.aborted ? `no answer in ${timeout.toFixed(1)} s` : cause.message;
    throw new ConnectionFailed(`The line to the service failed: ${said}.`, { cause });
  } finally {
    clearTimeout(timer);
    budget.signal?.removeEventListener("abort", give);
  }
}
