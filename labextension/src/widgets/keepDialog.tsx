import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { choices } from '../idle/ends';
import { moment, span } from '../idle/words';

/** A year: beyond it nobody plans, and a field for a date has no end without. */
const LONGEST_S = 365 * 86_400;
const HOUR_S = 3600;

interface IQuestion {
  title: string;
  /** What is so now, in sentences. */
  lead: string[];
  label: string;
  accept: string;
}

/** For how many seconds, of `room` at most; null when the person does not want to. */
export async function askHowLong(
  name: string,
  lead: string[],
  room: number,
  trans: TranslationBundle
): Promise<number | null> {
  const offered = choices(Math.min(room, LONGEST_S));
  let chosen = offered.includes(HOUR_S) ? HOUR_S : offered[offered.length - 1];
  const question = {
    title: trans.__('Extend %1', name),
    lead,
    label: trans.__('By how long?'),
    accept: trans.__('Extend')
  };
  const field = (
    <select defaultValue={chosen} onChange={event => (chosen = Number(event.target.value))}>
      {offered.map(seconds => (
        <option key={seconds} value={seconds}>
          {span(seconds, trans)}
        </option>
      ))}
    </select>
  );
  return (await ask(question, field, trans)) ? chosen : null;
}

/** Until when, as seconds from now, `room` at most; null when the person does not want to. */
export async function askUntilWhen(
  name: string,
  lead: string[],
  room: number,
  trans: TranslationBundle
): Promise<number | null> {
  const most = Math.min(room, LONGEST_S);
  const limit = trans.__('It can be kept until %1 at most.', moment(most));
  const question = {
    title: trans.__('Keep %1 until…', name),
    lead: most < LONGEST_S ? [...lead, limit] : lead,
    label: trans.__('Until when?'),
    accept: trans.__('Keep')
  };
  let chosen = local(Math.min(HOUR_S, most));
  const field = (
    <input
      type="datetime-local"
      required
      defaultValue={chosen}
      min={local(60)}
      max={local(most)}
      onChange={event => (chosen = event.target.value)}
    />
  );
  if (!(await ask(question, field, trans))) {
    return null;
  }
  const seconds = (Date.parse(chosen) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.round(seconds) : null;
}

async function ask(
  { title, lead, label, accept }: IQuestion,
  field: JSX.Element,
  trans: TranslationBundle
): Promise<boolean> {
  const body = (
    <div className="rt-keep">
      {lead.map(text => (
        <p key={text}>{text}</p>
      ))}
      <label>
        {label}
        {field}
      </label>
    </div>
  );
  const result = await new Dialog({
    title,
    body: ReactWidget.create(body),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: accept })
    ],
    focusNodeSelector: '.rt-keep select, .rt-keep input'
  }).launch();
  return result.button.accept;
}

/** What the field takes: a minute on this reader's clock. */
function local(seconds: number): string {
  const at = new Date(Date.now() + 1000 * seconds);
  return new Date(at.getTime() - 60_000 * at.getTimezoneOffset()).toISOString().slice(0, 16);
}
