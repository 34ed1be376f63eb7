/**
 * Execute actions by name: `new Do(key).action.execute({ name, params })` gives
 * `{ result, error }`, and `new Do(key).workflow.execute(…)` the same of a workflow.
 */

export { Do, Handle } from "./client.js";
export {
  ActionFailed,
  ApiError,
  Conflict,
  ConnectionFailed,
  DoError,
  Failed,
  Forbidden,
  Invalid,
  NotFound,
  Pending,
  RateLimited,
  RunFailed,
  Unauthenticated,
  Unavailable,
  UnusableAnswer,
  WebhookInvalid,
} from "./errors.js";
export { Execution, Run } from "./records.js";
export { VERSION } from "./settings.js";
export { signWebhook, verifyWebhook } from "./webhooks.js";
