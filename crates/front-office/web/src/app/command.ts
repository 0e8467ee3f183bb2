import { useEffect, useState } from "react";
import { deskFeed } from "../desk/feed";
import { announce } from "../live/announcer";
import { useStore } from "../live/store";
import { explain } from "./api";

/** A command under way: pending until the server answered, then empty or what went wrong. */
export interface Command {
  isPending: boolean;
  problem: string;
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useCommand(): Command {
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState("");
  const { link } = useStore(deskFeed);
  useEffect(() => {
    // That nobody could be reached is over now.
    if (link === "live") setProblem("");
  }, [link]);
  const run = async (work: () => Promise<unknown>) => {
    setPending(true);
    setProblem("");
    try {
      await work();
      return true;
    } catch (error) {
      const text = explain(error);
      setProblem(text);
      announce(text, "urgent");
      return false;
    } finally {
      setPending(false);
    }
  };
  return { isPending, problem, run };
}
