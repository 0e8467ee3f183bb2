import { useCallback, useEffect, useState } from "react";
import { explain } from "./api";

/** An answer that is fetched when something it depends on changes, and again on request. */
export interface Load<T> {
  /** The last answer; kept while a newer one is fetched. */
  answer: T | undefined;
  isLoading: boolean;
  problem: string;
  again: () => void;
}

export function useLoad<T>(fetchAnswer: (signal: AbortSignal) => Promise<T>): Load<T> {
  const [answer, setAnswer] = useState<T>();
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState("");
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((current) => current + 1), []);
  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    fetchAnswer(abort.signal)
      .then((fresh) => {
        setAnswer(fresh);
        setProblem("");
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setProblem(explain(error));
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false);
      });
    return () => abort.abort();
  }, [fetchAnswer, round]);
  return { answer, isLoading, problem, again };
}
