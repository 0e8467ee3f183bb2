import { useState } from "react";

/** Text that somebody typed and has not sent yet survives a reload; it leaves with the tab. */
const PREFIX = "caruso.draft.";

export function readDraft(key: string): string {
  return window.sessionStorage.getItem(PREFIX + key) ?? "";
}

function writeDraft(key: string, text: string): void {
  if (text === "") window.sessionStorage.removeItem(PREFIX + key);
  else window.sessionStorage.setItem(PREFIX + key, text);
}

/** Forgets all drafts whose key starts so; every draft when no start is given. */
export function forgetDrafts(start = ""): void {
  const { sessionStorage } = window;
  const keys = Array.from({ length: sessionStorage.length }, (_, index) =>
    sessionStorage.key(index),
  );
  for (const key of keys) {
    if (key?.startsWith(PREFIX + start)) sessionStorage.removeItem(key);
  }
}

/** A text field's value, kept under a key; another key shows that key's text. */
export function useDraft(key: string, initial = ""): [string, (text: string) => void] {
  const [draft, setDraft] = useState({ key, text: readDraft(key) || initial });
  let current = draft;
  if (draft.key !== key) {
    current = { key, text: readDraft(key) || initial };
    setDraft(current);
  }
  return [
    current.text,
    (text) => {
      writeDraft(key, text);
      setDraft({ key, text });
    },
  ];
}
