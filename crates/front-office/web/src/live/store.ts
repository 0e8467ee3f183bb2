import { useSyncExternalStore } from "react";

/** A value outside React; screens hear of changes at most once a frame. */
export interface Store<T> {
  read(): T;
  write(next: T): void;
  update(change: (current: T) => T): void;
  subscribe(listener: () => void): () => void;
}

function afterFrame(run: () => void): void {
  // Frames stand still in a hidden tab.
  if (document.hidden) window.setTimeout(run, 100);
  else window.requestAnimationFrame(run);
}

export function createStore<T>(initial: T, schedule = afterFrame): Store<T> {
  const listeners = new Set<() => void>();
  let newest = initial;
  let shown = initial;
  let isScheduled = false;
  const publish = () => {
    isScheduled = false;
    shown = newest;
    for (const listener of listeners) listener();
  };
  const write = (next: T) => {
    if (Object.is(next, newest)) return;
    newest = next;
    if (isScheduled) return;
    isScheduled = true;
    schedule(publish);
  };
  return {
    read: () => shown,
    write,
    update: (change) => write(change(newest)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.read);
}
