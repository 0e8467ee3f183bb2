import { useRef, useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { clockText, durationSeconds, instantText } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import type { Voicemail } from "../gen/caruso/contact/v1/voicemail_pb";
import { Button, Facts } from "../kit";
import { en } from "../messages";

interface Properties {
  contactId: string;
  voicemail: Voicemail;
}

/** What a customer said, to be heard here. */
export function Message({ contactId, voicemail }: Properties) {
  const player = useRef<HTMLAudioElement>(null);
  const [isBroken, setBroken] = useState(false);
  const turn = () => {
    const audio = player.current;
    if (!audio) return;
    if (audio.paused) void audio.play().catch(() => setBroken(true));
    else audio.pause();
  };
  useShortcut("Alt+P", en.voicemail.play, turn);
  const length = clockText(durationSeconds(voicemail.length) ?? 0);
  return (
    <div className="message">
      <audio
        ref={player}
        controls
        controlsList="nodownload noplaybackrate"
        preload="metadata"
        src={`/recordings/${contactId}`}
        aria-label={en.voicemail.player(length)}
        onError={() => setBroken(true)}
        onCanPlay={() => setBroken(false)}
      />
      {isBroken ? (
        <p className="problem" role="alert">
          {en.voicemail.problem}
        </p>
      ) : null}
      <Facts
        facts={[
          [en.voicemail.length, length],
          [en.voicemail.left, instantText(voicemail.leftAt)],
          [en.voicemail.kept, instantText(voicemail.keepUntil)],
        ]}
      />
    </div>
  );
}

/** Calls who left the message; it is done with then. */
export function CallBackMessage({ contactId }: { contactId: string }) {
  const command = useCommand();
  const call = () => void command.run(() => client.callBack({ contactId }, { timeoutMs: 3_000 }));
  useShortcut("Alt+D", en.voicemail.callBack, call);
  return (
    <>
      <Button look="primary" keys="Alt+D" onPress={call} isPending={command.isPending}>
        {en.voicemail.callBack}
      </Button>
      {command.problem ? (
        <p className="problem" role="alert">
          {command.problem}
        </p>
      ) : null}
    </>
  );
}
