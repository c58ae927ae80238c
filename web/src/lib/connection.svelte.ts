/** Whether the server could be reached by the last request. Written by `api.ts` only. */
export const connection = $state<{ lostAt: Date | null; stale: boolean; loggedOut: boolean }>({
  lostAt: null,
  /** The server was upgraded under this page: a part of it could not be loaded any more. */
  stale: false,
  /** The session ended under this page, or somebody ended it. */
  loggedOut: false,
});

export function connectionLost(): void {
  connection.lostAt ??= new Date();
}

export function connectionBack(): void {
  connection.lostAt = null;
}
