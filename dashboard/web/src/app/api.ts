import { code, knows } from "../text/locale";
import { session } from "./session";
import type { Problem } from "../live/contract";

/** What went wrong, in words for the person at the screen. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const patience = 15_000;

/** Calls the API and gives back its JSON; throws ApiError for everything else. A file is sent as it is. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? "text/csv" : "application/json";
  const csrf = session.peek()?.csrf;
  if (method !== "GET" && csrf) headers["X-Wardwatch-CSRF"] = csrf;
  let res: Response;
  try {
    res = await fetch("/api/v1" + path, {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new ApiError(0, "network", code("error", "network"), "");
  }
  if (!res.ok) throw await failure(res);
  const text = await res.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function failure(res: Response): Promise<ApiError> {
  let problem: Partial<Problem> = {};
  try {
    problem = (await res.json()) as Partial<Problem>;
  } catch {
    // Not problem+json: a proxy, perhaps. The status has to do.
  }
  const kind = problem.code || "";
  const known = knows("error", kind) ? kind : (byStatus[res.status] ?? "unexpected");
  const hint = [problem.detail, problem.hint].filter(Boolean).join(" – ");
  return new ApiError(res.status, kind, code("error", known), hint);
}

const byStatus: Record<number, string> = {
  400: "bad_input",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  503: "unavailable",
};
