// The one client and the one store of scopes of a program, which may hold this package twice: as
// an ES module and as a CommonJS one.

import type { Client } from './client.js';
import { Scope } from './scope.js';
import type { Context } from './types.js';

export interface ScopeStore {
  run<T>(scope: Scope, work: () => T): T;
  getStore(): Scope | undefined;
  enterWith?(scope: Scope): void;
}

interface State {
  client: Client | undefined;
  scopes: ScopeStore;
  root: Scope;
  /** What was reported already, by whichever hook saw it first. */
  seen: WeakSet<object>;
  /** What is known of an error beside itself, such as the request that failed. */
  about: WeakMap<object, Context>;
  /** Takes away what watches the process. */
  unwatch?: (() => void) | undefined;
}

/** Where nothing is carried through async work: browsers. The scope counts for the call alone. */
class CallStore implements ScopeStore {
  #now: Scope | undefined;

  run<T>(scope: Scope, work: () => T): T {
    const before = this.#now;
    this.#now = scope;
    try {
      return work();
    } finally {
      this.#now = before;
    }
  }

  getStore(): Scope | undefined {
    return this.#now;
  }
}

const KEY = Symbol.for('log-center');
const shared = globalThis as unknown as Record<symbol, State | undefined>;

export const state: State = (shared[KEY] ??= {
  client: undefined,
  scopes: new CallStore(),
  root: new Scope(),
  seen: new WeakSet(),
  about: new WeakMap(),
});

export const currentScope = (): Scope => state.scopes.getStore() ?? state.root;
