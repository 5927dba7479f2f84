"use strict";(self.rspackChunkruntiles=self.rspackChunkruntiles||[]).push([[232],{475(t,e,r){var o=r(601),a=r.n(o),n=r(314),i=(r.n(n))()(a());i.push([t.id,`/* Only JupyterLab's own variables, so that every theme fits. */

.rt-status-button {
  display: flex;
  align-items: center;
  gap: 6px;
  height: 100%;
  padding: 0 4px;
  border: 0;
  background: none;
  color: inherit;
  font: inherit;
  cursor: pointer;
}

.rt-status-button:hover {
  background: var(--jp-layout-color3);
}

.rt-status-button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: -2px;
}

.rt-status-dot {
  width: 8px;
  height: 8px;
  border-radius: 50%;
  background: var(--jp-success-color1);
}

[data-phase='pausing'] > .rt-status-dot,
[data-ending='true'] > .rt-status-dot {
  background: var(--jp-warn-color1);
}

[data-phase='paused'] > .rt-status-dot,
[data-phase='away'] > .rt-status-dot {
  background: none;
  box-shadow: inset 0 0 0 2px var(--jp-ui-font-color2);
}

/* Above all but a dialog, clear of menus and tabs, and only as large as its card. */
.rt-away {
  position: fixed;
  z-index: 9000;
  bottom: 40px;
  left: 0;
  right: 0;
  display: flex;
  justify-content: center;
  pointer-events: none;
}

.rt-away-card {
  display: flex;
  align-items: center;
  gap: 24px;
  max-width: min(720px, calc(100vw - 48px));
  padding: 12px 16px;
  border: 1px solid var(--jp-border-color1);
  border-left: 4px solid var(--jp-brand-color1);
  border-radius: var(--jp-border-radius);
  background: var(--jp-layout-color1);
  box-shadow: var(--jp-elevation-z6);
  color: var(--jp-ui-font-color1);
  font-size: var(--jp-ui-font-size1);
  pointer-events: auto;
}

.rt-away-card p {
  margin: 4px 0 0;
}

.rt-away-action {
  flex: none;
  padding: 6px 12px;
  border: 1px solid var(--jp-content-link-color);
  border-radius: var(--jp-border-radius);
  color: var(--jp-content-link-color);
  text-decoration: none;
}

.rt-away-action:hover {
  background: var(--jp-layout-color2);
}

.rt-away-action:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: 2px;
}

.rt-pause {
  max-width: 560px;
}

.rt-pause p {
  margin: 0 0 8px;
}

.rt-pause-warning {
  padding: 6px 10px;
  border-left: 4px solid var(--jp-warn-color1);
  background: var(--jp-layout-color2);
}

.rt-pause-kernels {
  max-height: 40vh;
  margin: 0;
  padding-left: 20px;
  overflow: auto;
}

.rt-pause-status {
  color: var(--jp-ui-font-color1);
}

.rt-keep {
  display: flex;
  flex-direction: column;
  gap: 8px;
  max-width: 420px;
}

.rt-keep p {
  margin: 0;
}

.rt-keep label {
  display: flex;
  flex-direction: column;
  gap: 4px;
}

.rt-keep select,
.rt-keep input {
  height: 32px;
  padding: 0 8px;
  border: 1px solid var(--jp-border-color1);
  border-radius: var(--jp-border-radius);
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1);
  color-scheme: light;
  font: inherit;
}

/* What the browser draws in a field follows JupyterLab's theme, not the system's. */
[data-jp-theme-light='false'] .rt-keep select,
[data-jp-theme-light='false'] .rt-keep input {
  color-scheme: dark;
}
`,""]),r.d(e,{},{A:i})},314(t){t.exports=function(t){var e=[];return e.toString=function(){return this.map(function(e){var r="",o=void 0!==e[5];return e[4]&&(r+="@supports (".concat(e[4],") {")),e[2]&&(r+="@media ".concat(e[2]," {")),o&&(r+="@layer".concat(e[5].length>0?" ".concat(e[5]):""," {")),r+=t(e),o&&(r+="}"),e[2]&&(r+="}"),e[4]&&(r+="}"),r}).join("")},e.i=function(t,r,o,a,n){"string"==typeof t&&(t=[[null,t,void 0]]);var i={};if(o)for(var s=0;s<this.length;s++){var p=this[s][0];null!=p&&(i[p]=!0)}for(var c=0;c<t.length;c++){var l=[].concat(t[c]);o&&i[l[0]]||(void 0!==n&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=n),r&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=r),a&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=a):l[4]="".concat(a)),e.push(l))}},e}},601(t){t.exports=function(t){return t[1]}},72(t){var e=[];function r(t){for(var r=-1,o=0;o<e.length;o++)if(e[o].identifier===t){r=o;break}return r}function o(t,o){for(var a={},n=[],i=0;i<t.length;i++){var s=t[i],p=o.base?s[0]+o.base:s[0],c=a[p]||0,l="".concat(p," ").concat(c);a[p]=c+1;var u=r(l),d={css:s[1],media:s[2],sourceMap:s[3],supports:s[4],layer:s[5]};if(-1!==u)e[u].references++,e[u].updater(d);else{var f=function(t,e){var r=e.domAPI(e);return r.update(t),function(e){e?(e.css!==t.css||e.media!==t.media||e.sourceMap!==t.sourceMap||e.supports!==t.supports||e.layer!==t.layer)&&r.update(t=e):r.remove()}}(d,o);o.byIndex=i,e.splice(i,0,{identifier:l,updater:f,references:1})}n.push(l)}return n}t.exports=function(t,a){var n=o(t=t||[],a=a||{});return function(t){t=t||[];for(var i=0;i<n.length;i++){var s=r(n[i]);e[s].references--}for(var p=o(t,a),c=0;c<n.length;c++){var l=r(n[c]);0===e[l].references&&(e[l].updater(),e.splice(l,1))}n=p}}},659(t){var e={};t.exports=function(t,r){var o=function(t){if(void 0===e[t]){var r=document.querySelector(t);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(t){r=null}e[t]=r}return e[t]}(t);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(r)}},540(t){t.exports=function(t){var e=document.createElement("style");return t.setAttributes(e,t.attributes),t.insert(e,t.options),e}},56(t,e,r){t.exports=function(t){var e=r.nc;e&&t.setAttribute("nonce",e)}},206(t){t.exports=function(t){if("u"<typeof document)return{update:function(){},remove:function(){}};var e=t.insertStyleElement(t);return{update:function(r){var o,a,n;o="",r.supports&&(o+="@supports (".concat(r.supports,") {")),r.media&&(o+="@media ".concat(r.media," {")),(a=void 0!==r.layer)&&(o+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),o+=r.css,a&&(o+="}"),r.media&&(o+="}"),r.supports&&(o+="}"),(n=r.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(n))))," */")),t.styleTagTransform(o,e,t.options)},remove:function(){var t;null===(t=e).parentNode||t.parentNode.removeChild(t)}}}},113(t){t.exports=function(t,e){if(e.styleSheet)e.styleSheet.cssText=t;else{for(;e.firstChild;)e.removeChild(e.firstChild);e.appendChild(document.createTextNode(t))}}},579(t,e,r){var o=r(72),a=r.n(o),n=r(206),i=r.n(n),s=r(659),p=r.n(s),c=r(56),l=r.n(c),u=r(540),d=r.n(u),f=r(113),v=r.n(f),h=r(475),x={};x.styleTagTransform=v(),x.setAttributes=l(),x.insert=p().bind(null,"head"),x.domAPI=i(),x.insertStyleElement=d(),a()(h.A,x),h.A&&h.A.locals&&h.A.locals}}]);