import { alarmFrom, type Notification } from './schema';

/** Slack takes 40,000 characters and cuts off more; what is posted here must be read by a person. */
const maxLength = 8000;

/**
 * What a chat shows: an alarm as its state, name, meaning with the runbook's page, and reason; everything else as subject and text. A
 * provider's words are in it, so nothing of it may call people or hide a link.
 */
export function chatTextOf({ subject, text }: Pick<Notification, 'subject' | 'text'>): string {
  const alarm = alarmFrom(text);
  const parts =
    alarm === undefined ? [subject, text] : [`${alarm.NewStateValue}: ${alarm.AlarmName}`, alarm.AlarmDescription, alarm.NewStateReason];
  return plain(cut(parts.filter((part) => part !== '').join('\n\n')));
}

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}\n… (cut)`;
}

/**
 * Slack writes links and mentions in angle brackets, and takes entities for the three characters:
 * https://api.slack.com/reference/surfaces/formatting#escaping. Mattermost calls everybody at a plain @channel, @here or @all.
 */
function plain(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/@(?=(channel|here|all|everyone)\b)/gi, '@\u200b');
}
