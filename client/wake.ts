/** Whether the machine is online and the page is seen, and when either comes back. */
export interface Wake {
  /** False when the browser knows that there is no network. */
  online(): boolean;
  /** True while the page is seen, and wherever there is no page. */
  visible(): boolean;
  /** Calls `listener` after each change of either; returns what ends it. */
  onChange(listener: () => void): () => void;
}

/** The browser's events; where there are none (Node), always online and visible. */
export function systemWake(): Wake {
  const page = typeof document === 'object' && typeof document.addEventListener === 'function' ? document : null;
  const events = typeof addEventListener === 'function' ? globalThis : null;
  return {
    online: () => typeof navigator !== 'object' || navigator.onLine !== false,
    visible: () => page?.visibilityState !== 'hidden',
    onChange: (listener) => {
      page?.addEventListener('visibilitychange', listener);
      events?.addEventListener('online', listener);
      events?.addEventListener('offline', listener);
      return () => {
        page?.removeEventListener('visibilitychange', listener);
        events?.removeEventListener('online', listener);
        events?.removeEventListener('offline', listener);
      };
    },
  };
}
