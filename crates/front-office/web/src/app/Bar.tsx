import { useState } from "react";
import { deskFeed } from "../desk/feed";
import { StateSwitch } from "../desk/StateSwitch";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { Button, Dialog, Menu } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { PhoneSwitch } from "../phone/PhoneSwitch";
import { useCommand } from "./command";
import { addressOf, type Page } from "./location";
import { logOut } from "./session";
import { shortcuts, useShortcut } from "./shortcuts";

interface Properties {
  user: User;
  pages: Page[];
  page: Page;
}

export function Bar({ user, pages, page }: Properties) {
  const { desk } = useStore(deskFeed);
  const [isListOpen, setListOpen] = useState(false);
  const leaving = useCommand();
  useShortcut("?", en.shortcuts.open, () => setListOpen(true));
  return (
    <header className="bar">
      <img className="brand" src="/favicon.svg" alt={en.product} width="26" height="26" />
      <nav aria-label={en.pages.navigation}>
        {pages.map((each, index) => (
          <Tab key={each} page={each} number={index + 1} isCurrent={each === page} />
        ))}
      </nav>
      <span className="space" />
      {user.extension ? <PhoneSwitch extension={user.extension} /> : null}
      {desk ? <StateSwitch desk={desk} /> : null}
      <Button look="quiet" label={en.shortcuts.open} keys="?" onPress={() => setListOpen(true)}>
        {null}
      </Button>
      {leaving.problem && desk?.status?.contact ? (
        <span className="problem">{leaving.problem}</span>
      ) : null}
      <Menu
        label={en.account.menu}
        entries={[{ id: "log-out", title: en.account.logOut }]}
        onChoose={() => void leaving.run(logOut)}
      >
        {user.displayName || user.name}
      </Menu>
      <ShortcutList isOpen={isListOpen} onClose={() => setListOpen(false)} />
    </header>
  );
}

interface TabProperties {
  page: Page;
  number: number;
  isCurrent: boolean;
}

function Tab({ page, number, isCurrent }: TabProperties) {
  const keys = `Alt+${number}`;
  useShortcut(keys, en.pages[page], () => {
    window.location.hash = addressOf(page);
  });
  return (
    <a
      href={addressOf(page)}
      aria-current={isCurrent ? "page" : undefined}
      aria-keyshortcuts={keys}
      title={keys}
    >
      {en.pages[page]}
    </a>
  );
}

function ShortcutList({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const list = useStore(shortcuts);
  return (
    <Dialog title={en.shortcuts.title} closeLabel={en.close} isOpen={isOpen} onClose={onClose}>
      <p className="hint">{en.shortcuts.hint}</p>
      <dl className="shortcut-list">
        {list.map(({ keys, label }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
