import { Code, ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { announce } from "../live/announcer";
import { Button, TextField } from "../kit";
import { en } from "../messages";
import { explain } from "./api";
import { logIn } from "./session";

export function LogIn({ isExpired }: { isExpired: boolean }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState(isExpired ? en.logIn.expired : "");
  const submit = async () => {
    setPending(true);
    setProblem("");
    try {
      await logIn(user.trim(), password);
    } catch (error) {
      const text = refusal(error);
      setProblem(text);
      announce(text, "urgent");
      setPassword("");
    } finally {
      setPending(false);
    }
  };
  return (
    <main className="log-in">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1>{en.product}</h1>
        <TextField
          label={en.logIn.user}
          value={user}
          onChange={setUser}
          name="username"
          autoComplete="username"
          isRequired
          isFocusedFirst
        />
        <TextField
          label={en.logIn.password}
          value={password}
          onChange={setPassword}
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
        />
        {problem ? <p className="problem">{problem}</p> : null}
        <Button look="primary" size="large" type="submit" isPending={isPending}>
          {en.logIn.submit}
        </Button>
      </form>
    </main>
  );
}

function refusal(error: unknown): string {
  switch (ConnectError.from(error).code) {
    case Code.Unauthenticated:
    case Code.InvalidArgument:
      return en.logIn.wrong;
    case Code.ResourceExhausted:
      return en.logIn.tooMany;
    case Code.Unknown:
      return en.logIn.unreachable;
    default:
      return explain(error);
  }
}
