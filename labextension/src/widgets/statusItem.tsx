import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import * as React from 'react';

import { commandIds } from '../commands';
import { isNear } from '../idle/ends';
import type { IdleModel } from '../idle/model';
import { details, shortly } from '../idle/words';
import type { Phase, RuntimeModel } from '../model';

/** `NAME · running`, and how long still where that is limited; a click opens what can be done. */
export class StatusItem extends ReactWidget {
  constructor(
    private _model: RuntimeModel,
    private _idle: IdleModel,
    commands: CommandRegistry,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('rt-status');
    this._menu = new Menu({ commands });
    const { pause, extend, keep, release, runtimes } = commandIds;
    for (const command of [pause, extend, keep, release, runtimes]) {
      this._menu.addItem({ command });
    }
  }

  dispose(): void {
    this._menu.dispose();
    super.dispose();
  }

  render(): JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => <UseSignal signal={this._idle.changed}>{() => this._item()}</UseSignal>}
      </UseSignal>
    );
  }

  private _item(): JSX.Element {
    const { runtime, phase } = this._model;
    const name = runtime?.runtime ?? '';
    const told = phase === 'running' ? this._idle.told : null;
    const words = [this._words(phase), shortly(told, this._trans)].filter(Boolean).join(' · ');
    return (
      <button
        type="button"
        className="rt-status-button"
        data-phase={phase}
        data-ending={told !== null && isNear(told)}
        aria-haspopup="menu"
        title={[this._title(name), ...details(told, this._trans)].join('\n')}
        onClick={event => this._open(event.currentTarget)}
      >
        <span className="rt-status-dot" aria-hidden="true" />
        {name} · {words}
      </button>
    );
  }

  private _title(name: string): string {
    const { runtime, phase } = this._model;
    const words = this._words(phase);
    return runtime?.tile
      ? this._trans.__('Runtime %1 (tile %2): %3', name, runtime.tile, words)
      : this._trans.__('Runtime %1: %2', name, words);
  }

  private _open(button: HTMLElement): void {
    const { left, top } = button.getBoundingClientRect();
    this._menu.open(left, top, { verticalAlignment: 'bottom' } as Menu.IOpenOptions);
  }

  private _words(phase: Phase): string {
    const trans = this._trans;
    switch (phase) {
      case 'pausing':
        return trans.__('pausing');
      case 'paused':
        return trans.__('paused');
      case 'away':
        return trans.__('not answering');
      default:
        return trans.__('running');
    }
  }

  private _menu: Menu;
}
