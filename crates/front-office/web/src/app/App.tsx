import { useEffect } from "react";
import { AbandonedPage } from "../abandoned/AbandonedPage";
import { ComponentsPage } from "../components/ComponentsPage";
import { DeskPage } from "../desk/DeskPage";
import { deskFeed, useDeskFeed } from "../desk/feed";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { FloorPage } from "../floor/FloorPage";
import { HistoryPage } from "../history/HistoryPage";
import { Button, Empty } from "../kit";
import { Announcer } from "../live/announcer";
import { useStore } from "../live/store";
import { en } from "../messages";
import { ReportPage } from "../report/ReportPage";
import { StatusPage } from "../status/StatusPage";
import { Bar } from "./Bar";
import { LogIn } from "./LogIn";
import { pagesFor, useAddress } from "./location";
import { isAgent, resume, session } from "./session";
import { useShortcut } from "./shortcuts";

export function App() {
  const current = useStore(session);
  useEffect(() => {
    void resume();
  }, []);
  return (
    <>
      {current.phase === "in" ? <Workplace user={current.user} /> : null}
      {current.phase === "out" ? <LogIn isExpired={current.isExpired} /> : null}
      {current.phase === "unknown" ? <Opening isUnreachable={current.isUnreachable} /> : null}
      <Announcer />
    </>
  );
}

function Opening({ isUnreachable }: { isUnreachable: boolean }) {
  if (!isUnreachable) return <p className="loading">{en.loading}</p>;
  return (
    <main className="log-in">
      <Empty title={en.logIn.unreachable}>
        <Button look="primary" onPress={() => void resume()} isFocusedFirst>
          {en.retry}
        </Button>
      </Empty>
    </main>
  );
}

function Workplace({ user }: { user: User }) {
  const pages = pagesFor(user);
  const { page, item } = useAddress(pages);
  useDeskFeed(isAgent(user));
  useShortcut("F6", en.shortcuts.region, nextRegion);
  useEffect(() => {
    document.title = `${en.pages[page]} – ${en.product}`;
  }, [page]);
  return (
    <>
      <a className="skip" href="#main" onClick={skip}>
        {en.skipToMain}
      </a>
      <Bar user={user} pages={pages} page={page} />
      {isAgent(user) ? <LinkBanner /> : null}
      <main id="main" tabIndex={-1}>
        {page === "desk" ? <DeskPage user={user} /> : null}
        {page === "status" ? <StatusPage /> : null}
        {page === "floor" ? <FloorPage user={user} /> : null}
        {page === "report" ? <ReportPage /> : null}
        {page === "history" ? <HistoryPage item={item} user={user} /> : null}
        {page === "components" ? <ComponentsPage /> : null}
        {page === "abandoned" ? <AbandonedPage item={item} user={user} /> : null}
      </main>
    </>
  );
}

/** Says that the desk is not live; on every page of an agent. */
function LinkBanner() {
  const { link, desk } = useStore(deskFeed);
  const isLate = desk?.late.includes("status") ?? false;
  if (link !== "lost" && !isLate) return null;
  const [title, detail] =
    link === "lost"
      ? [en.link.lost, en.link.lostDetail]
      : [en.link.statusLate, en.link.statusLateDetail];
  return (
    <div className="banner">
      <strong>{title}</strong> {detail}
    </div>
  );
}

function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** The regions of a page, in their order: the bar and each pane. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("header.bar, .pane")];
  const current = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(current + 1) % regions.length];
  const control = next?.querySelector<HTMLElement>("a, button, input, textarea");
  (control ?? next)?.focus();
}
