"use strict";(self.rspackChunkruntiles=self.rspackChunkruntiles||[]).push([[232],{475(t,r,e){var o=e(601),a=e.n(o),n=e(314),s=(e.n(n))()(a());s.push([t.id,`/* Only JupyterLab's own variables, so that every theme fits. */

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
`,""]),e.d(r,{},{A:s})},314(t){t.exports=function(t){var r=[];return r.toString=function(){return this.map(function(r){var e="",o=void 0!==r[5];return r[4]&&(e+="@supports (".concat(r[4],") {")),r[2]&&(e+="@media ".concat(r[2]," {")),o&&(e+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),e+=t(r),o&&(e+="}"),r[2]&&(e+="}"),r[4]&&(e+="}"),e}).join("")},r.i=function(t,e,o,a,n){"string"==typeof t&&(t=[[null,t,void 0]]);var s={};if(o)for(var i=0;i<this.length;i++){var c=this[i][0];null!=c&&(s[c]=!0)}for(var p=0;p<t.length;p++){var u=[].concat(t[p]);o&&s[u[0]]||(void 0!==n&&(void 0===u[5]||(u[1]="@layer".concat(u[5].length>0?" ".concat(u[5]):""," {").concat(u[1],"}")),u[5]=n),e&&(u[2]&&(u[1]="@media ".concat(u[2]," {").concat(u[1],"}")),u[2]=e),a&&(u[4]?(u[1]="@supports (".concat(u[4],") {").concat(u[1],"}"),u[4]=a):u[4]="".concat(a)),r.push(u))}},r}},601(t){t.exports=function(t){return t[1]}},72(t){var r=[];function e(t){for(var e=-1,o=0;o<r.length;o++)if(r[o].identifier===t){e=o;break}return e}function o(t,o){for(var a={},n=[],s=0;s<t.length;s++){var i=t[s],c=o.base?i[0]+o.base:i[0],p=a[c]||0,u="".concat(c," ").concat(p);a[c]=p+1;var l=e(u),d={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==l)r[l].references++,r[l].updater(d);else{var f=function(t,r){var e=r.domAPI(r);return e.update(t),function(r){r?(r.css!==t.css||r.media!==t.media||r.sourceMap!==t.sourceMap||r.supports!==t.supports||r.layer!==t.layer)&&e.update(t=r):e.remove()}}(d,o);o.byIndex=s,r.splice(s,0,{identifier:u,updater:f,references:1})}n.push(u)}return n}t.exports=function(t,a){var n=o(t=t||[],a=a||{});return function(t){t=t||[];for(var s=0;s<n.length;s++){var i=e(n[s]);r[i].references--}for(var c=o(t,a),p=0;p<n.length;p++){var u=e(n[p]);0===r[u].references&&(r[u].updater(),r.splice(u,1))}n=c}}},659(t){var r={};t.exports=function(t,e){var o=function(t){if(void 0===r[t]){var e=document.querySelector(t);if(window.HTMLIFrameElement&&e instanceof window.HTMLIFrameElement)try{e=e.contentDocument.head}catch(t){e=null}r[t]=e}return r[t]}(t);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(e)}},540(t){t.exports=function(t){var r=document.createElement("style");return t.setAttributes(r,t.attributes),t.insert(r,t.options),r}},56(t,r,e){t.exports=function(t){var r=e.nc;r&&t.setAttribute("nonce",r)}},206(t){t.exports=function(t){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=t.insertStyleElement(t);return{update:function(e){var o,a,n;o="",e.supports&&(o+="@supports (".concat(e.supports,") {")),e.media&&(o+="@media ".concat(e.media," {")),(a=void 0!==e.layer)&&(o+="@layer".concat(e.layer.length>0?" ".concat(e.layer):""," {")),o+=e.css,a&&(o+="}"),e.media&&(o+="}"),e.supports&&(o+="}"),(n=e.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(n))))," */")),t.styleTagTransform(o,r,t.options)},remove:function(){var t;null===(t=r).parentNode||t.parentNode.removeChild(t)}}}},113(t){t.exports=function(t,r){if(r.styleSheet)r.styleSheet.cssText=t;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(t))}}},579(t,r,e){var o=e(72),a=e.n(o),n=e(206),s=e.n(n),i=e(659),c=e.n(i),p=e(56),u=e.n(p),l=e(540),d=e.n(l),f=e(113),v=e.n(f),h=e(475),x={};x.styleTagTransform=v(),x.setAttributes=u(),x.insert=c().bind(null,"head"),x.domAPI=s(),x.insertStyleElement=d(),a()(h.A,x),h.A&&h.A.locals&&h.A.locals}}]);