import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import * as React from 'react';

import { commandIds } from '../commands';
import type { Phase, RuntimeModel } from '../model';

/** `NAME · running`; a click opens what can be done. */
export class StatusItem extends ReactWidget {
  constructor(
    private _model: RuntimeModel,
    commands: CommandRegistry,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('rt-status');
    this._menu = new Menu({ commands });
    this._menu.addItem({ command: commandIds.pause });
    this._menu.addItem({ command: commandIds.runtimes });
  }

  dispose(): void {
    this._menu.dispose();
    super.dispose();
  }

  render(): JSX.Element {
    return <UseSignal signal={this._model.changed}>{() => this._item()}</UseSignal>;
  }

  private _item(): JSX.Element {
    const { runtime, phase } = this._model;
    const name = runtime?.runtime ?? '';
    const words = this._words(phase);
    return (
      <button
        type="button"
        className="rt-status-button"
        data-phase={phase}
        aria-haspopup="menu"
        title={this._title(name, words)}
        onClick={event => this._open(event.currentTarget)}
      >
        <span className="rt-status-dot" aria-hidden="true" />
        {name} · {words}
      </button>
    );
  }

  private _title(name: string, words: string): string {
    const tile = this._model.runtime?.tile;
    return tile
      ? this._trans.__('Runtime %1 (tile %2): %3', name, tile, words)
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
