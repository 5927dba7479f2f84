"use strict";(self.rspackChunkruntiles=self.rspackChunkruntiles||[]).push([[232],{475(t,e,r){var a=r(601),n=r.n(a),o=r(314),s=(r.n(o))()(n());s.push([t.id,`/* Only JupyterLab's own variables, so that every theme fits. */

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

[data-phase='pausing'] > .rt-status-dot {
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
  text-decoration: none;
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
`,""]),r.d(e,{},{A:s})},314(t){t.exports=function(t){var e=[];return e.toString=function(){return this.map(function(e){var r="",a=void 0!==e[5];return e[4]&&(r+="@supports (".concat(e[4],") {")),e[2]&&(r+="@media ".concat(e[2]," {")),a&&(r+="@layer".concat(e[5].length>0?" ".concat(e[5]):""," {")),r+=t(e),a&&(r+="}"),e[2]&&(r+="}"),e[4]&&(r+="}"),r}).join("")},e.i=function(t,r,a,n,o){"string"==typeof t&&(t=[[null,t,void 0]]);var s={};if(a)for(var i=0;i<this.length;i++){var c=this[i][0];null!=c&&(s[c]=!0)}for(var u=0;u<t.length;u++){var p=[].concat(t[u]);a&&s[p[0]]||(void 0!==o&&(void 0===p[5]||(p[1]="@layer".concat(p[5].length>0?" ".concat(p[5]):""," {").concat(p[1],"}")),p[5]=o),r&&(p[2]&&(p[1]="@media ".concat(p[2]," {").concat(p[1],"}")),p[2]=r),n&&(p[4]?(p[1]="@supports (".concat(p[4],") {").concat(p[1],"}"),p[4]=n):p[4]="".concat(n)),e.push(p))}},e}},601(t){t.exports=function(t){return t[1]}},72(t){var e=[];function r(t){for(var r=-1,a=0;a<e.length;a++)if(e[a].identifier===t){r=a;break}return r}function a(t,a){for(var n={},o=[],s=0;s<t.length;s++){var i=t[s],c=a.base?i[0]+a.base:i[0],u=n[c]||0,p="".concat(c," ").concat(u);n[c]=u+1;var l=r(p),d={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==l)e[l].references++,e[l].updater(d);else{var f=function(t,e){var r=e.domAPI(e);return r.update(t),function(e){e?(e.css!==t.css||e.media!==t.media||e.sourceMap!==t.sourceMap||e.supports!==t.supports||e.layer!==t.layer)&&r.update(t=e):r.remove()}}(d,a);a.byIndex=s,e.splice(s,0,{identifier:p,updater:f,references:1})}o.push(p)}return o}t.exports=function(t,n){var o=a(t=t||[],n=n||{});return function(t){t=t||[];for(var s=0;s<o.length;s++){var i=r(o[s]);e[i].references--}for(var c=a(t,n),u=0;u<o.length;u++){var p=r(o[u]);0===e[p].references&&(e[p].updater(),e.splice(p,1))}o=c}}},659(t){var e={};t.exports=function(t,r){var a=function(t){if(void 0===e[t]){var r=document.querySelector(t);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(t){r=null}e[t]=r}return e[t]}(t);if(!a)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");a.appendChild(r)}},540(t){t.exports=function(t){var e=document.createElement("style");return t.setAttributes(e,t.attributes),t.insert(e,t.options),e}},56(t,e,r){t.exports=function(t){var e=r.nc;e&&t.setAttribute("nonce",e)}},206(t){t.exports=function(t){if("u"<typeof document)return{update:function(){},remove:function(){}};var e=t.insertStyleElement(t);return{update:function(r){var a,n,o;a="",r.supports&&(a+="@supports (".concat(r.supports,") {")),r.media&&(a+="@media ".concat(r.media," {")),(n=void 0!==r.layer)&&(a+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),a+=r.css,n&&(a+="}"),r.media&&(a+="}"),r.supports&&(a+="}"),(o=r.sourceMap)&&"u">typeof btoa&&(a+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),t.styleTagTransform(a,e,t.options)},remove:function(){var t;null===(t=e).parentNode||t.parentNode.removeChild(t)}}}},113(t){t.exports=function(t,e){if(e.styleSheet)e.styleSheet.cssText=t;else{for(;e.firstChild;)e.removeChild(e.firstChild);e.appendChild(document.createTextNode(t))}}},579(t,e,r){var a=r(72),n=r.n(a),o=r(206),s=r.n(o),i=r(659),c=r.n(i),u=r(56),p=r.n(u),l=r(540),d=r.n(l),f=r(113),v=r.n(f),h=r(475),m={};m.styleTagTransform=v(),m.setAttributes=p(),m.insert=c().bind(null,"head"),m.domAPI=s(),m.insertStyleElement=d(),n()(h.A,m),h.A&&h.A.locals&&h.A.locals}}]);