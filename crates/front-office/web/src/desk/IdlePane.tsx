import { desk as client, sentence } from "../app/api";
import { useCommand } from "../app/command";
import { secondOf } from "../app/format";
import { AgentState } from "../gen/caruso/contact/v1/contact_pb";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { Button, Mark, Notice } from "../kit";
import { en } from "../messages";
import { imposedText } from "../floor/words";
import { Dial } from "./Dial";
import { toneOf } from "./situation";
import { Remaining } from "./Timer";

/** Between two contacts: what happens next, and what stands in the way. */
export function IdlePane({ desk }: { desk: WatchDeskResponse }) {
  const command = useCommand();
  const { status } = desk;
  const isReady = status?.state === AgentState.READY;
  const isSignedIn = isReady || status?.state === AgentState.NOT_READY;
  const resumesAt = secondOf(status?.deadline);
  const [title, detail] = textsOf(desk);
  const goReady = () =>
    void command.run(() => client.setState({ isReady: true }, { timeoutMs: 3_000 }));
  return (
    <div className="card idle">
      <div className="headline">
        <Mark tone={toneOf(status?.state)} />
        <h2>{title}</h2>
      </div>
      <p className="detail">{detail}</p>
      {status?.imposed ? <p className="detail">{imposedText(status.imposed)}</p> : null}
      {isSignedIn && !isReady && resumesAt !== undefined ? (
        <p className="detail">
          {en.desk.idle.readyAgainIn} <Remaining until={resumesAt} />
        </p>
      ) : null}
      {isSignedIn && !isReady ? (
        <Button
          look="primary"
          size="large"
          keys="Alt+R"
          onPress={goReady}
          isPending={command.isPending}
        >
          {en.desk.idle.goReady}
        </Button>
      ) : null}
      <Dial desk={desk} />
      {status?.state === AgentState.SIGNED_OUT ? (
        <Button look="primary" onPress={() => window.location.reload()}>
          {en.desk.idle.signIn}
        </Button>
      ) : null}
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      {isSignedIn && !status?.isPhoneRegistered ? (
        <Notice tone="bad" title={en.phone.missing}>
          {desk.hasDemo ? en.phone.missingDemo : en.phone.missingDetail}
        </Notice>
      ) : null}
    </div>
  );
}

function textsOf(desk: WatchDeskResponse): [title: string, detail: string] {
  const { idle } = en.desk;
  switch (desk.status?.state) {
    case AgentState.READY:
      return [idle.ready, idle.readyDetail];
    case AgentState.NOT_READY:
      return [idle.notReady, whyNotReady(desk)];
    case AgentState.SIGNED_OUT:
      return [idle.signedOut, idle.signedOutDetail];
    default:
      return [idle.signingIn, idle.signingInDetail];
  }
}

/** Says why as well, where it was not the agent's own choice: then there is something to know. */
function whyNotReady(desk: WatchDeskResponse): string {
  const reason = en.state.reasons[desk.status?.reason ?? ""];
  const isSurprise = reason !== undefined && desk.status?.reason !== "signed-in";
  const why = isSurprise ? `${sentence(reason)} ` : "";
  return `${why}${en.desk.idle.notReadyDetail}`;
}
