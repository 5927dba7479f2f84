"use strict";(self.rspackChunkruntiles=self.rspackChunkruntiles||[]).push([[232],{475(r,t,e){var o=e(601),a=e.n(o),n=e(314),i=(e.n(n))()(a());i.push([r.id,`/* Only JupyterLab's own variables, so that every theme fits. */

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
  color-scheme: light dark;
  font: inherit;
}
`,""]),e.d(t,{},{A:i})},314(r){r.exports=function(r){var t=[];return t.toString=function(){return this.map(function(t){var e="",o=void 0!==t[5];return t[4]&&(e+="@supports (".concat(t[4],") {")),t[2]&&(e+="@media ".concat(t[2]," {")),o&&(e+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),e+=r(t),o&&(e+="}"),t[2]&&(e+="}"),t[4]&&(e+="}"),e}).join("")},t.i=function(r,e,o,a,n){"string"==typeof r&&(r=[[null,r,void 0]]);var i={};if(o)for(var s=0;s<this.length;s++){var p=this[s][0];null!=p&&(i[p]=!0)}for(var c=0;c<r.length;c++){var l=[].concat(r[c]);o&&i[l[0]]||(void 0!==n&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=n),e&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=e),a&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=a):l[4]="".concat(a)),t.push(l))}},t}},601(r){r.exports=function(r){return r[1]}},72(r){var t=[];function e(r){for(var e=-1,o=0;o<t.length;o++)if(t[o].identifier===r){e=o;break}return e}function o(r,o){for(var a={},n=[],i=0;i<r.length;i++){var s=r[i],p=o.base?s[0]+o.base:s[0],c=a[p]||0,l="".concat(p," ").concat(c);a[p]=c+1;var u=e(l),d={css:s[1],media:s[2],sourceMap:s[3],supports:s[4],layer:s[5]};if(-1!==u)t[u].references++,t[u].updater(d);else{var f=function(r,t){var e=t.domAPI(t);return e.update(r),function(t){t?(t.css!==r.css||t.media!==r.media||t.sourceMap!==r.sourceMap||t.supports!==r.supports||t.layer!==r.layer)&&e.update(r=t):e.remove()}}(d,o);o.byIndex=i,t.splice(i,0,{identifier:l,updater:f,references:1})}n.push(l)}return n}r.exports=function(r,a){var n=o(r=r||[],a=a||{});return function(r){r=r||[];for(var i=0;i<n.length;i++){var s=e(n[i]);t[s].references--}for(var p=o(r,a),c=0;c<n.length;c++){var l=e(n[c]);0===t[l].references&&(t[l].updater(),t.splice(l,1))}n=p}}},659(r){var t={};r.exports=function(r,e){var o=function(r){if(void 0===t[r]){var e=document.querySelector(r);if(window.HTMLIFrameElement&&e instanceof window.HTMLIFrameElement)try{e=e.contentDocument.head}catch(r){e=null}t[r]=e}return t[r]}(r);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(e)}},540(r){r.exports=function(r){var t=document.createElement("style");return r.setAttributes(t,r.attributes),r.insert(t,r.options),t}},56(r,t,e){r.exports=function(r){var t=e.nc;t&&r.setAttribute("nonce",t)}},825(r){r.exports=function(r){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=r.insertStyleElement(r);return{update:function(e){var o,a,n;o="",e.supports&&(o+="@supports (".concat(e.supports,") {")),e.media&&(o+="@media ".concat(e.media," {")),(a=void 0!==e.layer)&&(o+="@layer".concat(e.layer.length>0?" ".concat(e.layer):""," {")),o+=e.css,a&&(o+="}"),e.media&&(o+="}"),e.supports&&(o+="}"),(n=e.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(n))))," */")),r.styleTagTransform(o,t,r.options)},remove:function(){var r;null===(r=t).parentNode||r.parentNode.removeChild(r)}}}},113(r){r.exports=function(r,t){if(t.styleSheet)t.styleSheet.cssText=r;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(r))}}},579(r,t,e){var o=e(72),a=e.n(o),n=e(825),i=e.n(n),s=e(659),p=e.n(s),c=e(56),l=e.n(c),u=e(540),d=e.n(u),f=e(113),v=e.n(f),h=e(475),x={};x.styleTagTransform=v(),x.setAttributes=l(),x.insert=p().bind(null,"head"),x.domAPI=i(),x.insertStyleElement=d(),a()(h.A,x),h.A&&h.A.locals&&h.A.locals}}]);