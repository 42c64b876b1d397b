/** The WebSocket subprotocol: a name with a version. A gateway refuses an upgrade that doesn't offer it. */
export const SUBPROTOCOL = 'chatcluster.v1';

/** Where a gateway accepts WebSocket upgrades. The query `session` lets a balancer hash by session. */
export const WEBSOCKET_PATH = '/v1/websocket';

/** Where a gateway answers long polls (POST). The query `session` lets a balancer hash by session. */
export const POLL_PATH = '/v1/poll';
