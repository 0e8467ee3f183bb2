import { Keypad } from "../demo/LineParts";
import { Button, Dialog, Notice } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { DeviceTest } from "./DeviceTest";
import { phone } from "./phone";
import { isOn, phoneState } from "./state";

interface Properties {
  extension: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Connects the phone, tries microphone and loudspeaker, presses keys. */
export function PhoneDialog({ extension, isOpen, onClose }: Properties) {
  const state = useStore(phoneState);
  const { phase, problem, isHere } = state;
  const isOff = phase === "off";
  return (
    <Dialog
      title={en.browserPhone.headline(extension)}
      closeLabel={en.close}
      isOpen={isOpen}
      onClose={onClose}
    >
      <p>{en.browserPhone.explained[phase]}</p>
      {problem ? <Notice tone="bad" title={problem} /> : null}
      {isOn(state) && !isHere ? <p className="hint">{en.browserPhone.elsewhere}</p> : null}
      <div className="row">
        {phase === "ringing" ? (
          <Button look="primary" onPress={() => phone.answer()}>
            {en.desk.answer}
          </Button>
        ) : null}
        <Button
          look={isOff ? "primary" : "plain"}
          isDisabled={phase === "talking"}
          onPress={() => (isOff ? phone.connect(extension) : phone.disconnect())}
        >
          {isOff ? en.browserPhone.connect : en.browserPhone.disconnect}
        </Button>
      </div>
      {phase === "talking" ? (
        <Keypad onPress={(key) => phone.press(key)} />
      ) : (
        <DeviceTest />
      )}
    </Dialog>
  );
}
