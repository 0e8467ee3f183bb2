import { useEffect, useRef } from "react";
import { createStore } from "../live/store";

/** What a key does now, for the list of keys. */
export interface Shortcut {
  /** For example "Alt+R", "F6", "?" or "3". */
  keys: string;
  label: string;
}

interface Binding extends Shortcut {
  run: () => void;
}

const bindings = new Set<Binding>();

/** The shortcuts that work now. */
export const shortcuts = createStore<Shortcut[]>([]);

function publish(): void {
  shortcuts.write([...bindings].map(({ keys, label }) => ({ keys, label })));
}

/** The part of a keyboard event that decides. */
export interface Pressed {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

/**
 * Whether an event is the shortcut. With Alt the place of the key counts, because Alt changes the
 * character on many keyboards; alone, the character counts.
 */
export function isPressed(event: Pressed, keys: string): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  const letter = keys.startsWith("Alt+") ? keys.slice(4) : "";
  if (letter !== "") {
    const code = /^\d$/.test(letter) ? `Digit${letter}` : `Key${letter}`;
    return event.altKey && !event.shiftKey && event.code === code;
  }
  return !event.altKey && event.key === keys;
}

/** Whether a key typed there is text, so that shortcuts of one character must not take it. */
export function isTextField(element: Element | null): boolean {
  if (!element) return false;
  if (element instanceof HTMLInputElement) {
    return !["button", "checkbox", "radio", "submit"].includes(element.type);
  }
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat) return;
  // A dialog has the keyboard to itself.
  if (document.querySelector("[role=dialog], [role=menu]")) return;
  for (const binding of bindings) {
    if (!isPressed(event, binding.keys)) continue;
    if (binding.keys.length === 1 && isTextField(document.activeElement)) continue;
    event.preventDefault();
    binding.run();
    return;
  }
}

/** Starts listening; once per page. */
export function listenForShortcuts(): void {
  window.addEventListener("keydown", onKeyDown);
}

/** Binds a key while the component is shown and `isEnabled`. */
export function useShortcut(keys: string, label: string, run: () => void, isEnabled = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!isEnabled) return undefined;
    const binding = { keys, label, run: () => latest.current() };
    bindings.add(binding);
    publish();
    return () => {
      bindings.delete(binding);
      publish();
    };
  }, [keys, label, isEnabled]);
}
