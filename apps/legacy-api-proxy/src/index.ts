export { type ProxyConfig, readConfig } from './config.js';
export { type RunningProxy, startProxy } from './proxy.js';
