import { Channel } from "../gen/caruso/contact/v1/contact_pb";
import { en } from "../messages";

/** Of a contact, or as the live status has it. */
type AnyChannel = Channel | string | undefined;

/** Whether a phone rings: what is on the web or by messages is taken at the desk. */
export function isCall(channel: AnyChannel): boolean {
  return cameBy(channel) === "";
}

/** How a customer reached us who did not call; empty for calls. */
export function cameBy(channel: AnyChannel): string {
  switch (channel) {
    case Channel.WEB:
    case "web":
      return en.channel.web;
    case Channel.MESSAGE:
    case "message":
      return en.channel.message;
    case Channel.VOICEMAIL:
    case "voicemail":
      return en.channel.voicemail;
    default:
      return "";
  }
}

/** From where: the number, or else how the customer reached us. */
export function fromText(callingNumber: string, channel: AnyChannel): string {
  return callingNumber || cameBy(channel) || en.desk.hidden;
}
