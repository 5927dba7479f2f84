import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { RuntimeModel } from '../model';

interface IWords {
  title: string;
  text: string;
  action: string;
}

/** Over the top of the page for as long as the runtime is away. It takes no focus and blocks nothing. */
export class AwayNotice extends ReactWidget {
  constructor(
    private _model: RuntimeModel,
    private _page: string,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('rt-away');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _trans.__('Runtime'));
  }

  render(): JSX.Element {
    return <UseSignal signal={this._model.changed}>{() => this._card()}</UseSignal>;
  }

  private _card(): JSX.Element | null {
    if (!this._model.isAway) {
      return null;
    }
    const words = this._words();
    return (
      <div className="rt-away-card">
        <div role="status">
          <strong>{words.title}</strong>
          <p>{words.text}</p>
        </div>
        {this._page && (
          <a
            className="rt-away-action"
            href={this._page}
            target="_blank"
            rel="noopener"
          >
            {words.action}
          </a>
        )}
      </div>
    );
  }

  private _words(): IWords {
    const trans = this._trans;
    const back = trans.__('This page connects again by itself. Notebooks stay as they are.');
    if (this._model.phase === 'paused') {
      return {
        title: trans.__('This runtime is paused. Its variables are safe.'),
        text: trans.__('Resume it on the runtimes page. %1', back),
        action: trans.__('Resume')
      };
    }
    return {
      title: this._title(),
      text: this._page
        ? trans.__('The runtimes page says whether it is paused, stopped or starting. %1', back)
        : back,
      action: trans.__('Runtimes page')
    };
  }

  /** Nothing is promised: whoever looked away did not see how it ended. */
  private _title(): string {
    if (this._model.pause) {
      return this._trans.__('This runtime was being paused.');
    }
    return this._model.isDue
      ? this._trans.__('This runtime was due to pause.')
      : this._trans.__('This runtime does not answer.');
  }
}
