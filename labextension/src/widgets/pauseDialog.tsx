import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPausePreview, IPauseRequest } from '../messages';
import { IPauseTold, told } from '../preview';

/** Asks whether to pause; null when the person does not want to. */
export async function askToPause(
  name: string,
  preview: IPausePreview,
  trans: TranslationBundle
): Promise<IPauseRequest | null> {
  const facts = told(preview, trans);
  const label = facts.losing ? trans.__('Pause anyway') : trans.__('Pause');
  const dialog = new Dialog({
    title: trans.__('Pause %1?', name),
    body: ReactWidget.create(<Facts facts={facts} label={trans.__('Kernels and terminals')} />),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      facts.losing ? Dialog.warnButton({ label }) : Dialog.okButton({ label })
    ],
    // Enter alone must not throw anything away.
    defaultButton: facts.losing ? 0 : 1,
    checkbox: facts.busy
      ? {
          label: trans.__('Interrupt what is busy, as the stop button of a notebook does'),
          caption: trans.__('Otherwise the pause waits until the cells have ended.')
        }
      : null
  });
  const result = await dialog.launch();
  if (!result.button.accept) {
    return null;
  }
  return { accept_loss: facts.losing, interrupt: Boolean(result.isChecked) };
}

function Facts({ facts, label }: { facts: IPauseTold; label: string }): JSX.Element {
  return (
    <div className="rt-pause">
      <p>{facts.lead}</p>
      {facts.warnings.map(text => (
        <p className="rt-pause-warning" key={text}>
          {text}
        </p>
      ))}
      {/* A long list scrolls, so it must be reachable with the keyboard. */}
      {facts.items.length > 0 && (
        <ul className="rt-pause-kernels" aria-label={label} tabIndex={0}>
          {facts.items.map((item, index) => (
            <li key={index}>
              <strong>{item.title}</strong> <span className="rt-pause-status">{item.status}</span>
              {item.losses.length > 0 && (
                <ul>
                  {item.losses.map(text => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
