import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { DemoPanel } from "../demo/DemoPanel";
import { useStore } from "../live/store";
import { en } from "../messages";
import { ContactPane } from "./ContactPane";
import { CustomerPane } from "./CustomerPane";
import { deskFeed } from "./feed";
import { IdlePane } from "./IdlePane";
import { LaidAside } from "./LaidAside";
import { RecentContacts } from "./RecentContacts";
import { RefusedCall } from "./RefusedCall";
import { ScriptPane } from "./ScriptPane";
import { situationOf } from "./situation";
import { WrapUp } from "./WrapUp";

export function DeskPage({ user }: { user: User }) {
  const { desk } = useStore(deskFeed);
  if (!desk) return <p className="loading">{en.loading}</p>;
  const situation = situationOf(desk.status);
  const contact = desk.status?.contact;
  const isTheirs = contact !== undefined && !contact.isConsulted;
  const isWorking = isTheirs && (situation === "talking" || situation === "wrap-up");
  return (
    <div className={`desk ${situation}`}>
      <h1 className="unseen">{en.desk.title}</h1>
      <section className="pane contact" aria-label={en.desk.contact} tabIndex={-1}>
        <RefusedCall call={desk.status?.refusedCall} />
        {contact && situation !== "idle" ? (
          <ContactPane key={contact.contactId} desk={desk} contact={contact} />
        ) : (
          <IdlePane desk={desk} />
        )}
        {desk.status ? <LaidAside status={desk.status} /> : null}
        {contact && isWorking ? (
          <WrapUp
            key={`result ${contact.contactId}`}
            contact={contact}
            isOver={situation === "wrap-up"}
          />
        ) : null}
        {situation === "idle" ? <RecentContacts user={user.name} desk={desk} /> : null}
        {desk.hasDemo ? <DemoPanel desk={desk} extension={user.extension} /> : null}
      </section>
      {contact && situation !== "idle" ? (
        <>
          <section className="pane script" aria-label={en.desk.script} tabIndex={-1}>
            <ScriptPane key={contact.contactId} desk={desk} contact={contact} />
          </section>
          <section className="pane customer" aria-label={en.desk.customer} tabIndex={-1}>
            <CustomerPane key={contact.contactId} desk={desk} contact={contact} />
          </section>
        </>
      ) : null}
    </div>
  );
}
