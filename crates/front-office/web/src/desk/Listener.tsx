import { useEffect } from "react";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import { Notice } from "../kit";
import { announce } from "../live/announcer";
import { en } from "../messages";

/** Says that a supervisor hears the conversation, as long as it lasts: nobody listens in secret. */
export function Listener({ contact: { listener } }: { contact: CurrentContact }) {
  const text = listener ? (en.floor.heard[listener.mode]?.(listener.supervisor) ?? "") : "";
  useEffect(() => {
    if (text !== "") announce(text);
  }, [text]);
  return text === "" ? null : <Notice tone="call" title={text} />;
}
